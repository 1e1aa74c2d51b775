//! Indexes that are shards of a collection, each searched by a process of its own.

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use spork_search::{
    GlobalStatistics, Index, JoinedAnswer, Query, SearchOptions, ShardAnswer, TermTotals, join,
};

use crate::errors::exception;

/// By field its number of documents; and of each term its field, itself, in how many documents it
/// is, and its largest impact.
pub(crate) type Statistics = (Vec<u64>, Vec<(usize, String, u32, u16)>);

/// Docnos, integer scores, their unit, whether they are integers, whether all terms counted, the
/// bound on what is unseen, documents of the filter, and postings.
pub(crate) type AnswerOfShard =
    (Vec<String>, Vec<u32>, f64, bool, bool, Option<u32>, Option<u64>, u64);

/// What an index has of the terms of some queries.
pub(crate) fn statistics(
    index: &Index,
    queries: Vec<Query>,
    options: &SearchOptions,
) -> spork_search::Result<Statistics> {
    // A term that several queries have counts once.
    let mut all: Option<GlobalStatistics> = None;
    for query in queries {
        let one = index.statistics(query, options)?;
        all = Some(all.map_or(one.clone(), |all| all.with(&one)));
    }
    Ok(to_python(&all.unwrap_or_default()))
}

/// Searches with the statistics of the whole collection.
pub(crate) fn search(
    index: &Index,
    queries: Vec<Query>,
    k: usize,
    options: SearchOptions,
    statistics: Statistics,
) -> spork_search::Result<Vec<AnswerOfShard>> {
    let statistics = Some(Arc::new(of_python(statistics)));
    let options = SearchOptions { statistics, ..options };
    let answers = match <[Query; 1]>::try_from(queries) {
        // On the thread at hand, as one search does.
        Ok([query]) => vec![index.search_with(query, k, &options)?],
        Err(queries) => index.search_batch(queries, k, &options)?,
    };
    answers.iter().map(|answer| Ok(flat(index.shard_answer(answer)?))).collect()
}

/// Sums up what shards have of some queries' terms.
#[pyfunction]
pub(crate) fn add_statistics(shards: Vec<Statistics>) -> Statistics {
    let mut sum = GlobalStatistics::default();
    for shard in shards {
        sum.add(&of_python(shard));
    }
    to_python(&sum)
}

/// Joins what shards answer to one query.
#[pyfunction]
pub(crate) fn join_answers(answers: Vec<AnswerOfShard>, k: usize) -> PyResult<JoinedHits> {
    let answers = answers.into_iter().map(whole).collect();
    join(answers, k).map(JoinedHits).map_err(|error| exception(&error))
}

/// The answer of all shards.
#[pyclass(frozen, module = "spork_search._spork")]
pub(crate) struct JoinedHits(JoinedAnswer);

#[pymethods]
impl JoinedHits {
    fn __len__(&self) -> usize {
        self.0.hits().len()
    }

    #[getter]
    fn ids(&self) -> Vec<String> {
        self.0.hits().map(|hit| hit.docno).collect()
    }

    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_iter(py, self.0.hits().map(|hit| hit.score))
    }

    #[getter]
    fn exact(&self) -> bool {
        self.0.is_exact()
    }

    #[getter]
    fn unseen_at_most(&self) -> Option<f64> {
        self.0.unseen_at_most()
    }

    #[getter]
    fn matched(&self) -> Option<u64> {
        self.0.matched()
    }

    #[getter]
    fn postings(&self) -> u64 {
        self.0.postings()
    }

    /// The lines of a TREC run.
    fn trec<'py>(&self, py: Python<'py>, qid: &str, tag: &str) -> PyResult<Bound<'py, PyBytes>> {
        let mut run = Vec::new();
        self.0.write_trec(&mut run, qid, tag).map_err(|error| exception(&error))?;
        Ok(PyBytes::new(py, &run))
    }
}

fn to_python(statistics: &GlobalStatistics) -> Statistics {
    let terms = statistics
        .terms()
        .map(|(field, term, totals)| (field, term.to_owned(), totals.df, totals.max_impact));
    (statistics.documents().to_vec(), terms.collect())
}

fn of_python((documents, terms): Statistics) -> GlobalStatistics {
    let terms = terms
        .into_iter()
        .map(|(field, term, df, max_impact)| (field, term, TermTotals { df, max_impact }));
    GlobalStatistics::new(documents, terms)
}

fn flat(answer: ShardAnswer) -> AnswerOfShard {
    let ShardAnswer { hits, unit, integers, whole, unseen_at_most, matched, postings } = answer;
    let (docnos, scores) = hits.into_iter().unzip();
    (docnos, scores, unit, integers, whole, unseen_at_most, matched, postings)
}

fn whole(answer: AnswerOfShard) -> ShardAnswer {
    let (docnos, scores, unit, integers, whole, unseen_at_most, matched, postings) = answer;
    let hits = docnos.into_iter().zip(scores).collect();
    ShardAnswer { hits, unit, integers, whole, unseen_at_most, matched, postings }
}
