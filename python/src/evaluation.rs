//! Evaluating runs.

use std::path::PathBuf;

use pyo3::prelude::*;
use spork_search::{
    ComparisonTable, EvaluationOptions, Metric, Qrels, Resampling, Run, evaluate_metrics,
};

use crate::errors::exception;
use crate::json;

/// A run: its name, and a topic, a document and a score a hit; or a file.
#[derive(FromPyObject)]
pub(crate) enum RunArgument {
    File(PathBuf),
    Hits(Vec<(String, String, f64)>),
}

/// Judgments: a topic, a document and a grade each; or a file.
#[derive(FromPyObject)]
pub(crate) enum QrelsArgument {
    File(PathBuf),
    Judgments(Vec<(String, String, i32)>),
}

impl QrelsArgument {
    pub(crate) fn qrels(&self) -> spork_search::Result<Qrels> {
        match self {
            Self::File(path) => spork_search::read_qrels(path),
            Self::Judgments(judgments) => {
                let judgments = judgments.iter();
                let judgments =
                    judgments.map(|(qid, docno, grade)| (qid.as_str(), docno.as_str(), *grade));
                Ok(Qrels::from_judgments(judgments)?)
            }
        }
    }
}

impl RunArgument {
    fn run(&self) -> spork_search::Result<Run> {
        match self {
            Self::File(path) => spork_search::read_run(path),
            Self::Hits(hits) => {
                let hits = hits.iter();
                let hits = hits.map(|(qid, docno, score)| (qid.as_str(), docno.as_str(), *score));
                Ok(Run::from_hits(hits)?)
            }
        }
    }
}

/// Metrics of runs as JSON: a value a metric, run and topic, their means, and comparisons with the
/// first run.
#[pyfunction]
pub(crate) fn evaluate(
    py: Python<'_>,
    qrels: QrelsArgument,
    runs: Vec<(String, RunArgument)>,
    metrics: &str,
    complete: bool,
) -> PyResult<String> {
    let evaluated = py.detach(|| evaluated(&qrels, &runs, metrics, complete));
    json::of(&evaluated.map_err(|error| exception(&error))?)
}

fn evaluated(
    qrels: &QrelsArgument,
    runs: &[(String, RunArgument)],
    metrics: &str,
    complete: bool,
) -> spork_search::Result<serde_json::Value> {
    let qrels = qrels.qrels()?;
    let metrics = Metric::parse_list(metrics)?;
    let options = EvaluationOptions { complete, ..EvaluationOptions::default() };
    let mut evaluations = Vec::with_capacity(runs.len());
    for (name, run) in runs {
        evaluations.push((name.clone(), evaluate_metrics(&qrels, &run.run()?, &metrics, options)?));
    }
    let table = ComparisonTable::new(&evaluations, Resampling::default())?;
    let names: Vec<String> = metrics.iter().map(ToString::to_string).collect();
    let mut described = Vec::with_capacity(runs.len());
    for ((name, evaluation), column) in evaluations.iter().zip(&table.runs) {
        let topics: serde_json::Map<String, serde_json::Value> = evaluation
            .topics()
            .map(|(qid, values)| (qid.to_owned(), values.to_vec().into()))
            .collect();
        let comparisons = column.comparisons.iter().map(|comparison| {
            comparison.as_ref().map(|comparison| {
                serde_json::json!({
                    "difference": comparison.difference,
                    "wins": comparison.wins,
                    "losses": comparison.losses,
                    "p_t_test": comparison.t_test.map(|test| test.p),
                    "p_randomization": comparison.randomization,
                })
            })
        });
        described.push(serde_json::json!({
            "name": name,
            "summaries": column.summaries,
            "topics": topics,
            "comparisons": comparisons.collect::<Vec<_>>(),
        }));
    }
    Ok(serde_json::json!({ "metrics": names, "topics": table.topics, "runs": described }))
}

/// The judgments of a file: topic, document, grade.
#[pyfunction]
pub(crate) fn read_qrels(py: Python<'_>, path: PathBuf) -> PyResult<Vec<(String, String, i32)>> {
    let qrels = py.detach(|| spork_search::read_qrels(path)).map_err(|error| exception(&error))?;
    let mut judgments = Vec::new();
    for (qid, judged) in qrels.topics() {
        for (docno, grade) in judged.iter() {
            judgments.push((qid.to_owned(), docno.to_owned(), grade));
        }
    }
    Ok(judgments)
}

/// The topics of a file: id and text.
#[pyfunction]
pub(crate) fn read_topics(py: Python<'_>, path: PathBuf) -> PyResult<Vec<(String, String)>> {
    py.detach(|| spork_search::read_topics(path)).map_err(|error| exception(&error))
}
