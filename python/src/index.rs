//! An open index.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use rayon::prelude::*;
use spork_measure::IndexStatistics;
use spork_search::{
    DifferenceReport, Index, Query, SearchOptions, Stop, change, diff, model_here, open_as_one,
    recorded_model,
};

use crate::answers::{Hits, Results};
use crate::arrays::{RowArrays, SparseRows};
use crate::encoder::NativeEncoder;
use crate::errors::{bad_value, exception};
use crate::evaluation::QrelsArgument;
use crate::interrupt::{interruptible, interruptible_writing};
use crate::options::SearchArguments;
use crate::pools::pool;
use crate::queries::{Terms, query};
use crate::{json, logging, shards};

/// An open index. The package's `Index` is made of it.
#[pyclass(frozen, module = "spork_search._spork", name = "NativeIndex")]
pub(crate) struct NativeIndex {
    paths: Vec<PathBuf>,
    encoder: Option<Py<NativeEncoder>>,
    separate: bool,
    terms: Terms,
    open: Mutex<Opened>,
}

/// The generation that is open in this process.
struct Opened {
    process: u32,
    index: Arc<Index>,
}

impl NativeIndex {
    /// The open generation. A process that was forked opens the index anew: what another thread of
    /// its parent was doing then is not known.
    fn index(&self, py: Python<'_>) -> PyResult<Arc<Index>> {
        let mut opened = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.process != std::process::id() {
            let index = Arc::new(self.open_anew(py)?);
            // The old one may be locked by a thread that is not here.
            std::mem::forget(std::mem::replace(&mut opened.index, index));
            opened.process = std::process::id();
        }
        Ok(opened.index.clone())
    }

    fn open_anew(&self, py: Python<'_>) -> PyResult<Index> {
        open_with(py, &self.paths, self.encoder.as_ref(), self.separate)
    }

    fn queries(&self, queries: &[TextAndVector<'_>]) -> PyResult<Vec<Query>> {
        let query =
            |(text, vector): &TextAndVector<'_>| query(text.as_ref(), vector.as_ref(), &self.terms);
        queries.iter().map(query).collect()
    }

    /// The folder of the index that changes go to.
    fn one_path(&self) -> PyResult<PathBuf> {
        match self.paths.as_slice() {
            [path] => Ok(path.clone()),
            paths => Err(bad_value(format!(
                "{} indexes are open as one; change each of them by itself",
                paths.len()
            ))),
        }
    }

    fn options(arguments: Option<SearchArguments>) -> PyResult<SearchOptions> {
        arguments.map_or_else(|| Ok(SearchOptions::default()), SearchArguments::options)
    }
}

fn open_with(
    py: Python<'_>,
    paths: &[PathBuf],
    encoder: Option<&Py<NativeEncoder>>,
    separate: bool,
) -> PyResult<Index> {
    let model = encoder.map(|encoder| encoder.get().model(py)).transpose()?;
    let opened = py.detach(|| {
        let index = open_as_one(paths)?;
        match (model, separate) {
            (None, _) => Ok(index),
            (Some(model), false) => index.with_model(model),
            (Some(model), true) => index.with_query_model(model),
        }
    });
    opened.map_err(|error| exception(&error))
}

/// The parts of a query: a text, a vector, or both.
type TextAndVector<'py> = (Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>);

/// The names of the model that encoded an index, and of its place if it is here.
#[pyfunction]
pub(crate) fn model_of(
    py: Python<'_>,
    paths: Vec<PathBuf>,
) -> PyResult<(Option<String>, Option<String>)> {
    let index = py.detach(|| open_as_one(&paths)).map_err(|error| exception(&error))?;
    let name = recorded_model(index.inner());
    let place = name.as_deref().and_then(model_here);
    Ok((name, place))
}

#[pymethods]
impl NativeIndex {
    #[new]
    #[pyo3(signature = (paths, encoder=None, separate=false, terms=None))]
    fn new(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        encoder: Option<Py<NativeEncoder>>,
        separate: bool,
        terms: Option<Vec<String>>,
    ) -> PyResult<Self> {
        logging::start();
        let index = open_with(py, &paths, encoder.as_ref(), separate)?;
        let terms = match (terms, index.model()) {
            (Some(terms), _) => Terms::Named(Arc::new(terms)),
            (None, Some(model)) => Terms::Named(Arc::new(model.vocabulary().to_vec())),
            (None, None) => Terms::Numbers,
        };
        let open = Mutex::new(Opened { process: std::process::id(), index: Arc::new(index) });
        Ok(Self { paths, encoder, separate, terms, open })
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.index(py)?.len())
    }

    #[getter]
    fn generation(&self, py: Python<'_>) -> PyResult<u64> {
        Ok(self.index(py)?.generation())
    }

    /// Opens the current generation, if it is another; says whether it was.
    fn refresh(&self, py: Python<'_>) -> PyResult<bool> {
        let index = self.index(py)?;
        let newer = py.detach(|| index.newer()).map_err(|error| exception(&error))?;
        let Some(newer) = newer else { return Ok(false) };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).index = Arc::new(newer);
        Ok(true)
    }

    /// One search.
    #[pyo3(signature = (text, vector, k, arguments=None))]
    fn search(
        &self,
        py: Python<'_>,
        text: Option<&Bound<'_, PyAny>>,
        vector: Option<&Bound<'_, PyAny>>,
        k: usize,
        arguments: Option<SearchArguments>,
    ) -> PyResult<Hits> {
        let query = query(text, vector, &self.terms)?;
        let (index, options) = (self.index(py)?, Self::options(arguments)?);
        let encodes = index.model().is_some() && matches!(query, Query::Text(_));
        let pool = if encodes { Some(pool(1)?) } else { None };
        let searched = py.detach(|| {
            let prepare = || index.prepare_one(query, &options);
            // Tokenizers use the threads of a pool, which must be one of this process.
            let prepared = match &pool {
                Some(pool) => pool.install(prepare),
                None => prepare(),
            }?;
            let answer = index.search_prepared(&prepared, k, &options)?;
            Ok((prepared, answer))
        });
        let (prepared, answer) = searched.map_err(|error| exception(&error))?;
        Ok(Hits { index, answer, prepared: Some(Arc::new(prepared)), options })
    }

    /// The documents that are like one of the index.
    fn like(
        &self,
        py: Python<'_>,
        docno: &str,
        k: usize,
        arguments: Option<SearchArguments>,
    ) -> PyResult<Hits> {
        let (index, options) = (self.index(py)?, Self::options(arguments)?);
        let answer = py.detach(|| index.like_with(docno, k, &options));
        let answer = answer.map_err(|error| exception(&error))?;
        Ok(Hits { index, answer, prepared: None, options })
    }

    /// Many searches at a time. Each query is a text, or a vector, or both.
    fn search_batch(
        &self,
        py: Python<'_>,
        qids: Vec<String>,
        queries: Vec<TextAndVector<'_>>,
        k: usize,
        threads: usize,
        arguments: Option<SearchArguments>,
    ) -> PyResult<Results> {
        let queries = self.queries(&queries)?;
        let (index, options) = (self.index(py)?, Self::options(arguments)?);
        let (pool, searched, stop) = (pool(threads)?, index.clone(), options.stop.clone());
        let answers = interruptible(py, &stop, move || {
            pool.install(|| searched.search_batch(queries, k, &options))
        })?;
        Ok(Results { index, qids, answers, k })
    }

    /// The generation, and what it has of the terms of some queries, each a text that needs no
    /// model, a vector, or both.
    fn statistics(
        &self,
        py: Python<'_>,
        queries: Vec<TextAndVector<'_>>,
        arguments: Option<SearchArguments>,
    ) -> PyResult<(u64, shards::Statistics)> {
        let (index, options) = (self.index(py)?, Self::options(arguments)?);
        let queries = self.queries(&queries)?;
        let found = py.detach(|| shards::statistics(&index, queries, &options));
        Ok((index.generation(), found.map_err(|error| exception(&error))?))
    }

    /// The generation, and what it answers as a shard of a collection that has `statistics`.
    fn search_shard(
        &self,
        py: Python<'_>,
        queries: Vec<TextAndVector<'_>>,
        k: usize,
        arguments: Option<SearchArguments>,
        statistics: shards::Statistics,
    ) -> PyResult<(u64, Vec<shards::AnswerOfShard>)> {
        let (index, options) = (self.index(py)?, Self::options(arguments)?);
        let (queries, pool) = (self.queries(&queries)?, pool(0)?);
        let found = py.detach(|| {
            let several = queries.len() > 1;
            let search = || shards::search(&index, queries, k, options, statistics);
            if several { pool.install(search) } else { search() }
        });
        Ok((index.generation(), found.map_err(|error| exception(&error))?))
    }

    /// As many searches as a sparse matrix has rows.
    #[expect(clippy::too_many_arguments, reason = "Python's side has them by name")]
    fn search_csr(
        &self,
        py: Python<'_>,
        qids: Option<Vec<String>>,
        rows: RowArrays<'_>,
        terms: Option<Vec<PyBackedStr>>,
        k: usize,
        threads: usize,
        arguments: Option<SearchArguments>,
    ) -> PyResult<Results> {
        let rows = SparseRows::new(&rows)?;
        let terms = terms.map_or_else(|| self.terms.clone(), |terms| Terms::Given(Arc::new(terms)));
        let named = terms.clone();
        let (index, options) = (self.index(py)?, Self::options(arguments)?);
        let (pool, searched, stop) = (pool(threads)?, index.clone(), options.stop.clone());
        let answers = interruptible(py, &stop, move || {
            pool.install(|| {
                let vector = |row| named.of_row(&rows, row).map(Query::Vector);
                let queries: Result<Vec<Query>, String> =
                    (0..rows.len()).into_par_iter().map(vector).collect();
                match queries {
                    Ok(queries) => searched.search_batch(queries, k, &options).map(Ok),
                    Err(fault) => Ok(Err(fault)),
                }
            })
        })?;
        drop(terms);
        let answers = answers.map_err(bad_value)?;
        let numbers = || (0..answers.len()).map(|row| row.to_string()).collect();
        Ok(Results { index, qids: qids.unwrap_or_else(numbers), answers, k })
    }

    /// Why a document has its score, as JSON.
    #[pyo3(signature = (text, vector, docno, document, arguments=None))]
    fn explain(
        &self,
        py: Python<'_>,
        text: Option<&Bound<'_, PyAny>>,
        vector: Option<&Bound<'_, PyAny>>,
        docno: &str,
        document: Option<String>,
        arguments: Option<SearchArguments>,
    ) -> PyResult<String> {
        let query = query(text, vector, &self.terms)?;
        let (index, options) = (self.index(py)?, Self::options(arguments)?);
        let pool = pool(1)?;
        let explained = py.detach(|| {
            pool.install(|| {
                let prepared = index.prepare_one(query, &options)?;
                index.explain_prepared(&prepared, docno, document.as_deref(), &options)
            })
        });
        json::of(&explained.map_err(|error| exception(&error))?)
    }

    /// A document as the index has it, as JSON.
    fn get(&self, py: Python<'_>, docno: &str) -> PyResult<String> {
        let index = self.index(py)?;
        let document = py.detach(|| index.document(docno));
        json::of(&document.map_err(|error| exception(&error))?)
    }

    /// Whether there is such a document.
    fn contains(&self, py: Python<'_>, docno: &str) -> PyResult<bool> {
        let index = self.index(py)?;
        py.detach(|| index.contains(docno)).map_err(|error| exception(&error))
    }

    /// The ids of all documents.
    fn docnos(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let index = self.index(py)?;
        py.detach(|| index.docnos()).map_err(|error| exception(&error))
    }

    /// Counts, sizes and provenance, as JSON.
    fn stats(&self, py: Python<'_>) -> PyResult<String> {
        let index = self.index(py)?;
        let statistics = py.detach(|| IndexStatistics::new(index.inner()));
        json::of(&statistics.map_err(|error| bad_value(error.to_string()))?)
    }

    /// Reads and checks all files.
    fn verify(&self, py: Python<'_>) -> PyResult<()> {
        let index = self.index(py)?;
        interruptible(py, &Stop::default(), move || index.verify())
    }

    /// Where two indexes rank topics differently, as JSON.
    #[expect(clippy::too_many_arguments, reason = "Python's side has them by name")]
    #[pyo3(signature = (other, names, topics, k, qrels, metric))]
    fn diff(
        &self,
        py: Python<'_>,
        other: &Self,
        names: [String; 2],
        topics: Vec<(String, Bound<'_, PyAny>)>,
        k: usize,
        qrels: Option<QrelsArgument>,
        metric: String,
    ) -> PyResult<String> {
        let convert = |(qid, given): &(String, Bound<'_, PyAny>)| {
            Ok((qid.clone(), query(Some(given), None, &self.terms)?))
        };
        let topics: Vec<(String, Query)> = topics.iter().map(convert).collect::<PyResult<_>>()?;
        let (one, two, pool) = (self.index(py)?, other.index(py)?, pool(0)?);
        let report = interruptible(py, &Stop::default(), move || {
            let text = |query: &Query| match query {
                Query::Text(text) | Query::Both(text, _) => Some(text.clone()),
                Query::Vector(_) => None,
            };
            let texts: Vec<_> = topics.iter().map(|(_, query)| text(query)).collect();
            let difference = pool.install(|| diff(&one, &two, topics, k))?;
            let (mut report, runs) = DifferenceReport::new(names, difference, texts, false);
            if let Some(qrels) = qrels {
                report.judge(qrels.qrels()?, &runs, &metric)?;
            }
            report.sort();
            Ok(report)
        })?;
        json::of(&report)
    }

    /// Deletes documents by their docnos, or those that a filter keeps; returns how many.
    #[pyo3(signature = (docnos, filter, ignore_missing, purge))]
    fn delete(
        &self,
        py: Python<'_>,
        docnos: Option<Vec<String>>,
        filter: Option<String>,
        ignore_missing: bool,
        purge: bool,
    ) -> PyResult<u64> {
        let path = self.one_path()?;
        let deleted = interruptible_writing(py, &Stop::default(), move || {
            let change = change(path).ignore_missing(ignore_missing).purge(purge);
            match filter {
                Some(filter) => change.delete_where(&filter),
                None => change.delete(docnos.unwrap_or_default()),
            }
        })?;
        Ok(deleted.report.deleted as u64)
    }

    /// Merges all segments into one.
    fn merge(&self, py: Python<'_>) -> PyResult<()> {
        let path = self.one_path()?;
        interruptible_writing(py, &Stop::default(), move || change(path).merge().map(drop))
    }
}
