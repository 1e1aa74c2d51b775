//! Evaluating a run.

use spork_eval::{Evaluation, Metric, Options, Qrels, Run};

use crate::Result;

/// The values of `metrics`, such as `"nDCG@10 RR@10 R(rel=2)@1000"`, as trec_eval computes them
/// with its default flags: topics that the run lacks do not count.
///
/// # Errors
/// An unknown metric, or a run and qrels without a common topic.
pub fn evaluate(qrels: &Qrels, run: &Run, metrics: &str) -> Result<Evaluation> {
    let metrics = Metric::parse_list(metrics)?;
    Ok(spork_eval::evaluate(qrels, run, &metrics, Options::default())?)
}
