//! What searches find.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};
use spork_search::{Answer, Index, Passages, PreparedQuery, SearchOptions, with_passage};

use crate::errors::{bad_value, exception, os_error};

/// Characters of a passage.
const PASSAGE: usize = 200;

/// The answer to one query: a sequence of hits, the best first.
#[pyclass(frozen, sequence, module = "spork_search")]
pub(crate) struct Hits {
    /// The generation that was searched.
    pub(crate) index: Arc<Index>,
    pub(crate) answer: Answer,
    /// The query; none where a document was the query.
    pub(crate) prepared: Option<Arc<PreparedQuery>>,
    pub(crate) options: SearchOptions,
}

/// A document that was found.
#[pyclass(frozen, get_all, eq, module = "spork_search")]
#[derive(Clone, PartialEq)]
pub(crate) struct Hit {
    /// Its id (docno).
    id: String,
    /// Its score, as a run file has it.
    score: f64,
    /// Its rank, from 1.
    rank: usize,
}

/// A passage, and the places of its matched words, in characters.
type MarkedPassage = (String, Vec<(usize, usize)>);

#[pymethods]
impl Hit {
    fn __repr__(&self) -> String {
        format!("Hit(id={:?}, score={}, rank={})", self.id, self.score, self.rank)
    }
}

impl Hits {
    fn docno(&self, place: usize) -> PyResult<&str> {
        let docid = self.answer.docids().nth(place).ok_or_else(|| PyIndexError::new_err(place))?;
        self.index.docno(docid).map_err(|error| exception(&error))
    }

    fn hit(&self, place: usize) -> PyResult<Hit> {
        let score = self.answer.scores().nth(place).unwrap_or_default();
        Ok(Hit { id: self.docno(place)?.to_owned(), score, rank: place + 1 })
    }

    /// The place that an index means, from the end if it is negative.
    fn place(&self, index: isize) -> PyResult<usize> {
        let from_start = if index < 0 { index + self.answer.len() as isize } else { index };
        usize::try_from(from_start)
            .ok()
            .filter(|&place| place < self.answer.len())
            .ok_or_else(|| PyIndexError::new_err("no such hit"))
    }
}

#[pymethods]
impl Hits {
    fn __len__(&self) -> usize {
        self.answer.len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<Hit> {
        self.hit(self.place(index)?)
    }

    /// The ids of the hits, `list[str]`, the best first.
    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        ids(py, &self.index, &self.answer)
    }

    /// The scores of the hits, `float64[hits]`: the numbers that a run file has.
    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_iter(py, self.answer.scores())
    }

    /// The stored texts of the hits, `list[str | None]`; all None where the index stores none.
    #[getter]
    fn texts(&self, py: Python<'_>) -> PyResult<Vec<Option<String>>> {
        let text = |docid| self.index.text(docid);
        let texts: spork_search::Result<_> = py.detach(|| self.answer.docids().map(text).collect());
        texts.map_err(|error| exception(&error))
    }

    /// The passage of each hit's stored text that shows best why it answers the query, with the
    /// matched words as pairs of places in it, in characters; None where no text is stored.
    #[getter]
    fn snippets(&self, py: Python<'_>) -> PyResult<Vec<Option<MarkedPassage>>> {
        py.detach(|| self.find_snippets()).map_err(|error| exception(&error))
    }

    /// Whether these are certified to be the best documents for the whole query.
    #[getter]
    fn exact(&self) -> bool {
        self.answer.is_exact()
    }

    /// What a document that was not scored has at most, where that may be enough to be among the
    /// hits; None where the answer is exact.
    #[getter]
    fn unseen_at_most(&self) -> Option<f64> {
        self.answer.unseen_at_most()
    }

    /// The number of documents that the filter keeps; None without a filter.
    #[getter]
    fn matched(&self) -> Option<u64> {
        self.answer.matched()
    }

    /// The fields that counted, with their weights in the mix.
    #[getter]
    fn fields(&self) -> std::collections::BTreeMap<String, f32> {
        let fields = self.prepared.as_ref().map(|prepared| prepared.fields().to_vec());
        fields.unwrap_or_default().into_iter().collect()
    }

    /// Terms and weights of the query for the field of vectors, the heaviest first: what was given,
    /// or what the model made of the text.
    #[getter]
    fn vector(&self) -> Vec<(String, f32)> {
        let vector = self.prepared.as_ref().map(|prepared| prepared.vector().to_vec());
        let mut vector = vector.unwrap_or_default();
        vector.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        vector
    }

    /// Seconds that the search took in the engine; encoding the query does not count.
    #[getter]
    fn seconds(&self) -> f64 {
        self.answer.time().as_secs_f64()
    }

    /// Postings that were scored.
    #[getter]
    fn postings(&self) -> u64 {
        self.answer.statistics().postings
    }

    /// The generation of the index that was searched.
    #[getter]
    fn generation(&self) -> u64 {
        self.index.generation()
    }

    /// Why a hit has its score, as JSON.
    fn explain_json(&self, py: Python<'_>, place: isize) -> PyResult<String> {
        let docno = self.docno(self.place(place)?)?.to_owned();
        let Some(prepared) = self.prepared.clone() else {
            return Err(bad_value("hits of like() have no query to explain"));
        };
        let explained =
            py.detach(|| self.index.explain_prepared(&prepared, &docno, None, &self.options));
        let explained = explained.map_err(|error| exception(&error))?;
        serde_json::to_string(&explained).map_err(|error| bad_value(error.to_string()))
    }
}

impl Hits {
    fn find_snippets(&self) -> spork_search::Result<Vec<Option<MarkedPassage>>> {
        let none = || vec![None; self.answer.len()];
        let Some(prepared) = &self.prepared else { return Ok(none()) };
        let index = self.index.inner();
        let Some(passages) = Passages::of(index)? else { return Ok(none()) };
        let snippets = passages.for_query(prepared.query());
        let passage = |docid| {
            with_passage(index, docid, &snippets, PASSAGE, |snippet| {
                let characters = |byte: usize| snippet.text[..byte].chars().count();
                let matches = snippet.matches.iter();
                let matches = matches.map(|word| (characters(word.start), characters(word.end)));
                (snippet.text.to_owned(), matches.collect())
            })
        };
        self.answer.docids().map(passage).collect()
    }
}

/// The answers to a batch of queries, in their order.
#[pyclass(frozen, sequence, module = "spork_search")]
pub(crate) struct Results {
    pub(crate) index: Arc<Index>,
    pub(crate) qids: Vec<String>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) k: usize,
}

#[pymethods]
impl Results {
    fn __len__(&self) -> usize {
        self.answers.len()
    }

    /// The ids and scores of one query's hits.
    fn row<'py>(
        &self,
        py: Python<'py>,
        row: usize,
    ) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyArray1<f64>>)> {
        let answer = self.answers.get(row).ok_or_else(|| PyIndexError::new_err(row))?;
        Ok((ids(py, &self.index, answer)?, PyArray1::from_iter(py, answer.scores())))
    }

    /// The ids of the queries, `list[str]`.
    #[getter]
    fn qids(&self) -> Vec<String> {
        self.qids.clone()
    }

    /// The ids of the hits, a list a query.
    #[getter]
    fn id_lists<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let rows = self.answers.iter().map(|answer| ids(py, &self.index, answer));
        PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)
    }

    /// The scores, `float64[queries, k]`; NaN where a query has fewer hits.
    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let mut scores = vec![f64::NAN; self.answers.len() * self.k];
        for (row, answer) in scores.chunks_mut(self.k.max(1)).zip(&self.answers) {
            row.iter_mut().zip(answer.scores()).for_each(|(slot, score)| *slot = score);
        }
        let shaped = PyArray1::from_vec(py, scores).reshape([self.answers.len(), self.k])?;
        Ok(shaped.into_any())
    }

    /// Hits a query, `int64[queries]`.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_iter(py, self.answers.iter().map(|answer| answer.len() as i64))
    }

    /// Whether each answer is exact, `bool[queries]`.
    #[getter]
    fn exact<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        PyArray1::from_vec(py, self.answers.iter().map(Answer::is_exact).collect())
    }

    /// What a document that was not scored has at most, a number a query; NaN where exact.
    #[getter]
    fn unseen_at_most<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let unseen = |answer: &Answer| answer.unseen_at_most().unwrap_or(f64::NAN);
        PyArray1::from_vec(py, self.answers.iter().map(unseen).collect())
    }

    /// Seconds that each search took in the engine, `float64[queries]`.
    #[getter]
    fn seconds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_iter(py, self.answers.iter().map(|answer| answer.time().as_secs_f64()))
    }

    /// The results as the bytes of a TREC run, those that `spork search` writes; into a file if a
    /// path is given, which is replaced when the run is complete.
    #[pyo3(signature = (path, tag))]
    fn trec<'py>(
        &self,
        py: Python<'py>,
        path: Option<PathBuf>,
        tag: &str,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let run = py.detach(|| self.run(tag))?;
        let Some(path) = path else { return Ok(Some(PyBytes::new(py, &run))) };
        let written = py.detach(|| -> std::io::Result<()> {
            let part = path.with_extension("part");
            let mut file = BufWriter::new(File::create(&part)?);
            file.write_all(&run)?;
            file.into_inner()?.sync_all()?;
            std::fs::rename(&part, &path)
        });
        written.map_err(|error| os_error(&path, &error))?;
        Ok(None)
    }
}

impl Results {
    fn run(&self, tag: &str) -> PyResult<Vec<u8>> {
        let mut run = Vec::new();
        for (qid, answer) in self.qids.iter().zip(&self.answers) {
            let written = self.index.write_trec(answer, &mut run, qid, tag);
            written.map_err(|error| exception(&error))?;
        }
        Ok(run)
    }
}

fn ids<'py>(py: Python<'py>, index: &Index, answer: &Answer) -> PyResult<Bound<'py, PyList>> {
    let mut ids = Vec::with_capacity(answer.len());
    for docid in answer.docids() {
        ids.push(PyString::new(py, index.docno(docid).map_err(|error| exception(&error))?));
    }
    PyList::new(py, ids)
}
