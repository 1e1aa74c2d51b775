//! Documents on their way into an index.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use pyo3::prelude::*;
use spork_search::{
    Analyzer, Bm25, Build, Codec, DocumentFiles, FileOf, Order, Phase, Progress, Result, Scale,
    Stop, Stopped, StoredSchema, build, change, parse_schema,
};

use crate::arrays::{RowArrays, SparseRows};
use crate::encoder::NativeEncoder;
use crate::errors::{bad_value, exception};
use crate::interrupt::{interruptible, interruptible_writing};
use crate::logging;
use crate::pools::pool;
use crate::queries::{Terms, weights};

/// Texts that are encoded together.
const ENCODED_TOGETHER: usize = 4096;

/// Documents that Python hands over one by one, to be built into an index or added to one.
#[pyclass(frozen, module = "spork_search._spork")]
pub(crate) struct Documents {
    path: PathBuf,
    encoder: Option<Py<NativeEncoder>>,
    /// None once they are taken.
    files: Mutex<Option<DocumentFiles>>,
}

/// How an index is built.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Building {
    order: String,
    codec: String,
    analyzer: String,
    vocabulary: Option<PathBuf>,
    k1: f32,
    b: f32,
    columns: Option<String>,
    texts: bool,
    vectors: bool,
    scale: Option<String>,
    memory: u64,
    threads: usize,
}

/// Tells Python of steps, and hears of requests to stop.
struct Told {
    stop: Stop,
    progress: Option<Py<PyAny>>,
}

impl Told {
    fn call(&self, arguments: (&str, Option<u64>, u64)) {
        let Some(progress) = &self.progress else { return };
        // A bar that fails must not end the work.
        Python::attach(|py| drop(progress.call1(py, arguments)));
    }
}

impl Progress for Told {
    fn phase(&self, phase: Phase, total: Option<u64>) {
        self.call((phase.name(), total, 0));
    }

    fn advance(&self, steps: u64) -> std::result::Result<(), Stopped> {
        self.stop.check()?;
        if steps > 0 {
            self.call(("", None, steps));
        }
        Ok(())
    }
}

impl Documents {
    fn with_files<T>(&self, act: impl FnOnce(&mut DocumentFiles) -> Result<T>) -> PyResult<T> {
        let mut files = self.files.lock().map_err(|error| bad_value(error.to_string()))?;
        let files = files.as_mut().ok_or_else(taken)?;
        act(files).map_err(|error| exception(&error))
    }

    fn take(&self) -> PyResult<DocumentFiles> {
        let mut files = self.files.lock().map_err(|error| bad_value(error.to_string()))?;
        files.take().ok_or_else(taken)
    }

    /// Encodes what waits, if it is enough or the last.
    fn encode(&self, py: Python<'_>, last: bool) -> PyResult<()> {
        let Some(encoder) = &self.encoder else { return Ok(()) };
        if !last && self.with_files(|files| Ok(files.queued()))? < ENCODED_TOGETHER {
            return Ok(());
        }
        let (model, options) = (encoder.get().model(py)?, encoder.get().encode_options());
        let mut files = self.take()?;
        let (stop, pool) = (Stop::default(), pool(0)?);
        let asked = stop.clone();
        let files = interruptible(py, &stop, move || {
            pool.install(|| files.encode(&model, &options, &mut |_| asked.check()))?;
            Ok(files)
        })?;
        *self.files.lock().map_err(|error| bad_value(error.to_string()))? = Some(files);
        Ok(())
    }
}

fn taken() -> PyErr {
    bad_value("these documents are in an index already, or their encoding was interrupted")
}

#[pymethods]
impl Documents {
    /// For the index at `path`; texts are encoded by `encoder`, if there is one, and indexed by
    /// BM25 if `bm25` says so.
    #[new]
    #[pyo3(signature = (path, encoder=None, bm25=true))]
    fn new(path: PathBuf, encoder: Option<Py<NativeEncoder>>, bm25: bool) -> PyResult<Self> {
        logging::start();
        let files = DocumentFiles::beside(&path).map_err(|error| exception(&error))?;
        let files = Mutex::new(Some(files.with_bm25(bm25)));
        Ok(Self { path, encoder, files })
    }

    /// A document as a JSON object. It is encoded if it has a text and no vector of its own, and
    /// there is a model.
    fn push_json(&self, py: Python<'_>, line: &str, text: bool, encode: bool) -> PyResult<()> {
        self.with_files(|files| {
            files.push_json(line, text)?;
            if text && encode && self.encoder.is_some() {
                files.queue_json(line)?;
            }
            Ok(())
        })?;
        self.encode(py, false)
    }

    /// A document's vector: a dict of terms and weights, or a pair of arrays.
    #[pyo3(signature = (docno, vector, terms=None))]
    fn push_vector(
        &self,
        docno: &str,
        vector: &Bound<'_, PyAny>,
        terms: Option<Vec<String>>,
    ) -> PyResult<()> {
        let terms = terms.map_or(Terms::Numbers, |terms| Terms::Named(Arc::new(terms)));
        let vector = weights(vector, &terms)?;
        self.with_files(|files| files.push_vector(docno, vector))
    }

    /// The vectors of all rows of a sparse matrix.
    fn push_rows(
        &self,
        py: Python<'_>,
        docnos: Vec<String>,
        rows: RowArrays<'_>,
        terms: Option<Vec<String>>,
    ) -> PyResult<()> {
        let rows = SparseRows::new(&rows)?;
        if rows.len() != docnos.len() {
            return Err(bad_value(format!(
                "{} rows and {} ids: expected as many of both",
                rows.len(),
                docnos.len()
            )));
        }
        let terms = terms.map_or(Terms::Numbers, |terms| Terms::Named(Arc::new(terms)));
        let mut files = self.take()?;
        let stop = Stop::default();
        let asked = stop.clone();
        let pushed = interruptible(py, &stop, move || {
            for (row, docno) in docnos.iter().enumerate() {
                asked.check().map_err(spork_search::BuildError::from)?;
                match terms.of_row(&rows, row) {
                    Ok(vector) => files.push_vector(docno, vector)?,
                    Err(fault) => return Ok(Err(fault)),
                }
            }
            Ok(Ok(files))
        })?;
        let files = pushed.map_err(bad_value)?;
        *self.files.lock().map_err(|error| bad_value(error.to_string()))? = Some(files);
        Ok(())
    }

    /// Whether any document has a text.
    fn has_text(&self) -> PyResult<bool> {
        self.with_files(|files| Ok(files.has_text()))
    }

    /// A file of vectors or of texts, of any format that the engine reads. Texts are encoded if
    /// there is a model.
    fn push_file(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let model = self.encoder.as_ref().map(|encoder| {
            let encoder = encoder.get();
            Ok::<_, PyErr>((encoder.model(py)?, encoder.encode_options()))
        });
        let model = model.transpose()?;
        let mut files = self.take()?;
        let (stop, pool) = (Stop::default(), pool(0)?);
        let asked = stop.clone();
        let files = interruptible(py, &stop, move || {
            pool.install(|| {
                if files.push_file(&path)? == FileOf::Texts
                    && let Some((model, options)) = &model
                {
                    files.encode_file(&path, model, options, &mut |_| asked.check())?;
                }
                Ok(files)
            })
        })?;
        *self.files.lock().map_err(|error| bad_value(error.to_string()))? = Some(files);
        Ok(())
    }

    /// Builds the index; what is there is replaced.
    #[pyo3(signature = (building, progress=None))]
    fn build(
        &self,
        py: Python<'_>,
        building: Building,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        self.encode(py, true)?;
        let (files, path) = (self.take()?, self.path.clone());
        let settings = building.settings()?;
        let stop = Stop::default();
        let told = Told { stop: stop.clone(), progress };
        interruptible_writing(py, &stop, move || {
            settings.build(path).progress(&told).documents(files).map(drop)
        })
    }

    /// Adds the documents to the index.
    #[pyo3(signature = (update, memory, threads, progress=None))]
    fn add(
        &self,
        py: Python<'_>,
        update: bool,
        memory: u64,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        self.encode(py, true)?;
        let (files, path) = (self.take()?, self.path.clone());
        let stop = Stop::default();
        let told = Told { stop: stop.clone(), progress };
        interruptible_writing(py, &stop, move || {
            let change = change(path).update(update).memory(memory).threads(threads);
            change.progress(&told).documents(files).map(drop)
        })
    }
}

/// An index's settings, checked.
struct Settings {
    order: Order,
    codec: Codec,
    analyzer: Analyzer,
    bm25: Bm25,
    stored: StoredSchema,
    scale: Option<Scale>,
    memory: u64,
    threads: usize,
}

impl Building {
    fn settings(self) -> PyResult<Settings> {
        let order = match self.order.as_str() {
            "input" => Order::Input,
            "bisection" => Order::Bisection,
            other => {
                return Err(bad_value(format!("order {other:?}: expected input or bisection")));
            }
        };
        let codec = match self.codec.as_str() {
            "fast" => Codec::Fast,
            "compact" => Codec::Compact,
            other => return Err(bad_value(format!("codec {other:?}: expected fast or compact"))),
        };
        let analyzer = match (self.analyzer.as_str(), &self.vocabulary) {
            ("english", None) => Analyzer::english(),
            ("wordpiece", Some(path)) => {
                Analyzer::wordpiece(path).map_err(|error| exception(&error.into()))?
            }
            (other, _) => {
                return Err(bad_value(format!(
                    "analyzer {other:?}: expected english, or wordpiece with a vocabulary"
                )));
            }
        };
        let columns = self.columns.as_deref().map(parse_schema).transpose();
        let columns = columns.map_err(|error| bad_value(error.to_string()))?.unwrap_or_default();
        let scale = self.scale.map(|scale| scale.parse::<Scale>()).transpose();
        let scale = scale.map_err(|error| bad_value(error.to_string()))?;
        Ok(Settings {
            order,
            codec,
            analyzer,
            bm25: Bm25 { k1: self.k1, b: self.b },
            stored: StoredSchema { columns, texts: self.texts, vectors: self.vectors },
            scale,
            memory: self.memory,
            threads: self.threads,
        })
    }
}

impl Settings {
    fn build<'p>(self, path: PathBuf) -> Build<'p> {
        let build = build(path)
            .order(self.order)
            .codec(self.codec)
            .analyzer(self.analyzer)
            .bm25(self.bm25)
            .stored(self.stored)
            .memory(self.memory)
            .threads(self.threads);
        match self.scale {
            Some(scale) => build.scale(scale),
            None => build,
        }
    }
}
