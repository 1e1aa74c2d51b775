//! Evaluating runs, and fusing them.

use spork_eval::{Evaluation, Fusion, Metric, Options, Qrels, Run, topics_of};

use crate::{Hit, Result, Results};

/// The values of `metrics`, such as `"nDCG@10 RR@10 R(rel=2)@1000"`, as trec_eval computes them
/// with its default flags: topics that the run lacks do not count.
///
/// # Errors
/// An unknown metric, or a run and qrels without a common topic.
pub fn evaluate(qrels: &Qrels, run: &Run, metrics: &str) -> Result<Evaluation> {
    let metrics = Metric::parse_list(metrics)?;
    Ok(spork_eval::evaluate(qrels, run, &metrics, Options::default())?)
}

/// The best `k` documents of each topic by the fusion of some runs. A topic that a run lacks is
/// made up of the others.
///
/// # Errors
/// Not as many runs as the fusion has weights, or an infinite score where scores count.
pub fn fuse(runs: &[Run], fusion: &Fusion, k: usize) -> Result<Results> {
    let fused = |qid: &str| {
        let rankings: Vec<_> = runs.iter().map(|run| run.topic(qid)).collect();
        let hits = fusion.fuse(qid, &rankings)?.into_iter().take(k);
        let hits = hits.map(|(docno, score)| Hit { docno: docno.to_owned(), score });
        Ok((qid.to_owned(), hits.collect()))
    };
    let topics = topics_of(runs).into_iter().map(fused).collect::<Result<_>>()?;
    Ok(Results::of_doubles(topics))
}
