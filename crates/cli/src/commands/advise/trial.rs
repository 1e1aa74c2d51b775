//! One choice, measured.

use std::collections::HashSet;

use anyhow::Result;
use serde::Serialize;
use spork_core::Hit;
use spork_eval::{Metric, Options, Qrels, Run, evaluate};
use spork_index::Index;
use spork_search::FieldAnalyzers;
use spork_searcher::{Scratch, Searcher, Strategy};

use super::estimate::Estimate;
use super::setting::Setting;
use crate::query_batch::{QueryBatch, Weighing};

/// Passes over all queries, after one that warms up; a query's time is that of its fastest.
const PASSES: usize = 3;

/// A choice, and what it is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Trial {
    /// The options of `spork index`; none for the index as it is.
    pub(super) index: Option<String>,
    /// The options of `spork search` beside those that were asked for.
    pub(super) search: String,
    pub(super) k: usize,
    /// Effectiveness, or recall.
    pub(super) quality: Estimate,
    /// Bytes of posting lists and lexicon.
    pub(super) bytes: u64,
    /// Microseconds of a query.
    pub(super) micros: Estimate,
}

/// What quality is.
pub(super) enum Judge {
    /// A metric over judgments of the queries that are measured.
    Judgments { qrels: Qrels, metric: Metric },
    /// The share of documents that are found of those that an exact search finds: those of each
    /// cutoff, a set a query.
    Recall(Vec<(usize, Vec<HashSet<String>>)>),
}

/// The hits of each query, the best first.
pub(super) type Found = Vec<Vec<(String, f64)>>;

impl Judge {
    /// A value a query.
    pub(super) fn values(&self, queries: &QueryBatch, found: &Found, k: usize) -> Result<Vec<f64>> {
        match self {
            Self::Judgments { qrels, metric } => {
                let hits = queries.queries.iter().zip(found).flat_map(|(query, hits)| {
                    hits.iter().map(|(docno, score)| (query.qid.as_str(), docno.as_str(), *score))
                });
                let options = Options { complete: true, ..Options::default() };
                let evaluation = evaluate(qrels, &Run::from_hits(hits)?, &[*metric], options)?;
                Ok(evaluation.values(0).collect())
            }
            Self::Recall(cutoffs) => {
                let exact = cutoffs.iter().find(|(cutoff, _)| *cutoff == k);
                let exact = exact.map_or(&[][..], |(_, exact)| exact);
                Ok(exact.iter().zip(found).map(|(exact, hits)| share(exact, hits)).collect())
            }
        }
    }
}

/// The share of `exact` that is found; all of nothing.
fn share(exact: &HashSet<String>, hits: &[(String, f64)]) -> f64 {
    let found = hits.iter().filter(|(docno, _)| exact.contains(docno)).count();
    if exact.is_empty() { 1.0 } else { found as f64 / exact.len() as f64 }
}

/// Searches all queries, and says what each found and how long that took, in microseconds.
pub(super) fn search(
    index: &Index,
    queries: &QueryBatch,
    setting: &Setting,
    k: usize,
) -> Result<(Found, Vec<f64>)> {
    let Setting { idf_power, mix, .. } = setting.clone();
    let weighing = Weighing { idf_power, mix, ..queries.weighing };
    let queries = QueryBatch { queries: queries.queries.clone(), weighing };
    let analyzers = FieldAnalyzers::of(index)?;
    let plan = queries.weighing.plan(index, &analyzers)?;
    let parsed = queries.look_up_by(&plan, index, setting.pruning())?;
    let searcher = Searcher::new(index).with_limits(setting.limits());
    let mut scratch = Scratch::default();
    let mut found = Found::with_capacity(parsed.len());
    for query in &parsed {
        let ranking = searcher.search(query, k, Strategy::Auto, &mut scratch)?;
        let hit = |hit: &Hit| -> Result<(String, f64)> {
            Ok((index.docno(hit.docid)?.to_owned(), f64::from(hit.score) * query.unit()))
        };
        found.push(ranking.hits.iter().map(hit).collect::<Result<_>>()?);
    }
    let mut micros = vec![f64::INFINITY; parsed.len()];
    for _ in 0..PASSES {
        for (query, fastest) in parsed.iter().zip(&mut micros) {
            let ranking = searcher.search(query, k, Strategy::Auto, &mut scratch)?;
            *fastest = fastest.min(1e6 * ranking.time.as_secs_f64());
        }
    }
    Ok((found, micros))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn trial(quality: f64, bytes: u64, micros: f64) -> Trial {
        let estimate = |mean| Estimate { mean, low: mean, high: mean };
        let (quality, micros) = (estimate(quality), estimate(micros));
        Trial { index: None, search: String::new(), k: 10, quality, bytes, micros }
    }

    #[test]
    fn the_share_of_what_is_found() {
        let exact = HashSet::from(["a".to_owned(), "b".to_owned()]);
        let hits = [("b".to_owned(), 2.0), ("c".to_owned(), 1.0)];
        assert_eq!(share(&exact, &hits), 0.5);
        assert_eq!(share(&HashSet::new(), &hits), 1.0);
    }
}
