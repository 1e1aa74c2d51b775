//! A model.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use numpy::PyArray1;
use pyo3::prelude::*;
use spork_search::{
    EncodeOptions, Kind, LoadOptions, Model, PoolingStrategy, Precision, Stop, open_model,
};

use crate::errors::{bad_value, exception};
use crate::interrupt::interruptible;
use crate::logging;
use crate::pools::pool;

/// A model, open. The package's `Encoder` is made of it.
#[pyclass(frozen, module = "spork_search._spork", name = "NativeEncoder")]
pub(crate) struct NativeEncoder {
    path: PathBuf,
    load: LoadOptions,
    encode: EncodeOptions,
    open: Mutex<(u32, Arc<Model>)>,
}

/// The places of rows, columns and weights of a sparse matrix.
type Rows<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i32>>, Bound<'py, PyArray1<f32>>);

impl NativeEncoder {
    /// The model. A process that was forked opens it anew.
    pub(crate) fn model(&self, py: Python<'_>) -> PyResult<Arc<Model>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.0 != std::process::id() {
            let model = load(py, &self.path, &self.load)?;
            // Another thread may have held a lock in it.
            std::mem::forget(std::mem::replace(&mut *open, (std::process::id(), model)));
        }
        Ok(open.1.clone())
    }

    pub(crate) fn encode_options(&self) -> EncodeOptions {
        self.encode.clone()
    }
}

fn load(py: Python<'_>, path: &PathBuf, options: &LoadOptions) -> PyResult<Arc<Model>> {
    let pool = pool(1)?;
    let model = py.detach(|| pool.install(|| open_model(path, options)));
    model.map(Arc::new).map_err(|error| exception(&error))
}

fn kind(name: &str) -> PyResult<Kind> {
    match name {
        "document" => Ok(Kind::Document),
        "query" => Ok(Kind::Query),
        _ => Err(bad_value(format!("kind {name:?}: expected document or query"))),
    }
}

#[pymethods]
impl NativeEncoder {
    #[new]
    #[pyo3(signature = (path, pooling=None, precision=None, max_length=None, top_terms=None, name=None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        pooling: Option<&str>,
        precision: Option<&str>,
        max_length: Option<usize>,
        top_terms: Option<usize>,
        name: Option<String>,
    ) -> PyResult<Self> {
        logging::start();
        let pooling = match pooling {
            None => None,
            Some("max") => Some(PoolingStrategy::Max),
            Some("sum") => Some(PoolingStrategy::Sum),
            Some(other) => {
                return Err(bad_value(format!("pooling {other:?}: expected max or sum")));
            }
        };
        let precision = match precision {
            None => None,
            Some("fp32") => Some(Precision::Float32),
            Some("bf16") => Some(Precision::BFloat16),
            Some(other) => {
                return Err(bad_value(format!("precision {other:?}: expected fp32 or bf16")));
            }
        };
        let load_options = LoadOptions { pooling, precision, name, ..LoadOptions::default() };
        let encode = EncodeOptions { max_length, top_terms, ..EncodeOptions::default() };
        let model = load(py, &path, &load_options)?;
        let open = Mutex::new((std::process::id(), model));
        Ok(Self { path, load: load_options, encode, open })
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.model(py)?.name().to_owned())
    }

    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// The power of idf that it asks for in queries.
    #[getter]
    fn query_idf(&self, py: Python<'_>) -> PyResult<f32> {
        Ok(self.model(py)?.query_idf())
    }

    #[getter]
    fn vocabulary(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.model(py)?.vocabulary().to_vec())
    }

    /// The vectors of texts, as the rows of a sparse matrix.
    fn encode<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<String>,
        side: &str,
        threads: usize,
    ) -> PyResult<Rows<'py>> {
        let (model, side, options) = (self.model(py)?, kind(side)?, self.encode.clone());
        let (stop, pool) = (Stop::default(), pool(threads)?);
        let asked = stop.clone();
        let vectors = interruptible(py, &stop, move || {
            pool.install(|| {
                let mut progress = |_| asked.check();
                Ok(model.encode_with_progress(side, &texts, &options, &mut progress)?)
            })
        })?;
        let postings = vectors.iter().map(|vector| vector.entries().len()).sum();
        let mut places = Vec::with_capacity(vectors.len() + 1);
        let (mut columns, mut weights) =
            (Vec::with_capacity(postings), Vec::with_capacity(postings));
        places.push(0);
        for vector in &vectors {
            for &(term, weight) in vector.entries() {
                columns.push(term.0 as i32);
                weights.push(weight);
            }
            places.push(columns.len() as i64);
        }
        Ok((
            PyArray1::from_vec(py, places),
            PyArray1::from_vec(py, columns),
            PyArray1::from_vec(py, weights),
        ))
    }

    /// The terms that stand in a text itself.
    fn lexical_terms(&self, py: Python<'_>, text: &str, side: &str) -> PyResult<Vec<u32>> {
        let (model, side, pool) = (self.model(py)?, kind(side)?, pool(1)?);
        let terms = py.detach(|| pool.install(|| model.lexical_terms(side, text, &self.encode)));
        let terms = terms.map_err(|error| exception(&error.into()))?;
        Ok(terms.iter().map(|term| term.0).collect())
    }
}
