//! Recall of a run against ground truth.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::evaluate::Evaluation;
use crate::ground_truth::{GroundTruth, Neighbor};
use crate::metric::{Measure, Metric};
use crate::run::{Ranking, Run};

/// Scores this close to that of the last neighbor are tied with it, as in BigANN's evaluation.
const TIE: f32 = 1e-6;

impl Metric {
    /// Recall of the first `cutoff` documents.
    pub fn recall(cutoff: std::num::NonZeroU32) -> Self {
        Self { measure: Measure::R, level: None, cutoff: Some(cutoff) }
    }
}

/// Measures recall: the share of a query's first k true neighbors that are among the first k
/// documents of the run. As in BigANN's evaluation, neighbors beyond k that tie with the k-th count
/// as well, as far as the ground truth has them, and no more than k of all. Queries that the run
/// lacks count, with 0.
///
/// Docnos are the numbers of documents from 0. Qids are those of queries if all of them are such
/// numbers; otherwise the run must have all queries, in their order.
///
/// # Errors
/// A metric other than recall, with a cutoff beyond the ground truth's; docnos that are no numbers;
/// qids that can't be told which query they are.
pub fn evaluate_neighbors(
    truth: &GroundTruth,
    run: &Run,
    metrics: &[Metric],
) -> Result<Evaluation> {
    let depth = truth.depth();
    let is_recall = |metric: &&Metric| {
        let fits = metric.cutoff().is_some_and(|cutoff| cutoff as usize <= depth);
        metric.measure() == Measure::R && metric.level().is_none() && fits
    };
    if let Some(metric) = metrics.iter().find(|metric| !is_recall(metric)) {
        return Err(Error::NotRecall { metric: metric.to_string(), depth });
    }
    if run.is_empty() {
        return Err(Error::NoHits);
    }
    let qids = qids_of_queries(run, truth.queries())?;
    let (mut names, mut values, mut missing) = (Vec::new(), Vec::new(), 0);
    for (query, neighbors) in truth.neighbors().enumerate() {
        let ranking = qids.get(&query).and_then(|qid| run.topic(qid));
        missing += usize::from(ranking.is_none());
        let documents = ranking.map(numbers).transpose()?.unwrap_or_default();
        let recall = |metric: &Metric| {
            recall(neighbors, &documents, metric.cutoff().map_or(depth, |cutoff| cutoff as usize))
        };
        names.push(query.to_string());
        values.push(metrics.iter().map(recall).collect());
    }
    Ok(Evaluation::new(metrics.to_vec(), names, values, missing, 0))
}

/// The qid of each query that the run has.
fn qids_of_queries(run: &Run, queries: usize) -> Result<HashMap<usize, &str>> {
    let number = |qid: &str| qid.parse().ok().filter(|number: &usize| *number < queries);
    let numbered = run.topics().map(|(qid, _)| Some((number(qid)?, qid)));
    if let Some(qids) = numbered.collect::<Option<HashMap<usize, &str>>>()
        && qids.len() == run.len()
    {
        return Ok(qids);
    }
    if run.len() != queries {
        let other = run.topics().map(|(qid, _)| qid).find(|qid| number(qid).is_none());
        let qid = other.unwrap_or_default().to_owned();
        return Err(Error::UnknownQueries { qid, topics: run.len(), queries });
    }
    tracing::info!("qids are not the numbers of queries: topics are taken in the run's order");
    Ok(run.sequence().iter().map(String::as_str).enumerate().collect())
}

/// The documents of a ranking by their numbers, best first.
fn numbers(ranking: &Ranking) -> Result<Vec<u32>> {
    let number = |(docno, _): (&str, f64)| {
        docno.parse().map_err(|_| Error::NoDocumentNumber { docno: docno.to_owned() })
    };
    ranking.iter().map(number).collect()
}

/// The share of the first `cutoff` neighbors, or of as many that tie with the last of them, which
/// the first `cutoff` documents are.
fn recall(neighbors: &[Neighbor], documents: &[u32], cutoff: usize) -> f64 {
    let wanted = cutoff.min(neighbors.len());
    let Some(last) = wanted.checked_sub(1).map(|last| neighbors[last].score) else { return 0.0 };
    let tied = |neighbor: &&Neighbor| (neighbor.score - last).abs() < TIE;
    let good = wanted + neighbors[wanted..].iter().take_while(tied).count();
    let good: HashSet<u32> = neighbors[..good].iter().map(|neighbor| neighbor.document).collect();
    let found: HashSet<&u32> =
        documents.iter().take(cutoff).filter(|document| good.contains(document)).collect();
    found.len().min(wanted) as f64 / wanted as f64
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use spork_files::Source;

    use super::*;

    /// Two queries with three neighbors each; the second and third of the first tie.
    fn truth() -> GroundTruth {
        let ids = [7, 3, 9, 1, 2, 4].map(i32::to_le_bytes);
        let scores = [5.0, 2.0, 2.0, 3.0, 2.0, 1.0].map(f32::to_le_bytes);
        let header = [2_u32, 3].map(u32::to_le_bytes);
        let bytes = header.into_iter().chain(ids).chain(scores).flatten().collect::<Vec<u8>>();
        GroundTruth::read(Source::from_reader(Path::new("gt"), Cursor::new(bytes)).unwrap())
            .unwrap()
    }

    fn run(hits: &[(&str, &str, f64)]) -> Run {
        Run::from_hits(hits.iter().copied()).unwrap()
    }

    fn values(run: &Run) -> Vec<Vec<f64>> {
        let metrics = Metric::parse_list("R@1 R@2 R@3").unwrap();
        let evaluation = evaluate_neighbors(&truth(), run, &metrics).unwrap();
        evaluation.topics().map(|(_, values)| values.to_vec()).collect()
    }

    #[test]
    fn ties_with_the_last_neighbor_count() {
        let hits =
            [("0", "7", 9.0), ("0", "9", 8.0), ("0", "3", 7.0), ("1", "2", 9.0), ("1", "1", 8.0)];
        // Of query 0, 9 ties with 3; of query 1, 1 is the nearest.
        assert_eq!(values(&run(&hits)), [[1.0, 1.0, 1.0], [0.0, 1.0, 2.0 / 3.0]]);
        // A query that the run lacks counts.
        assert_eq!(values(&run(&hits[..2])), [[1.0, 1.0, 2.0 / 3.0], [0.0, 0.0, 0.0]]);
        // Both tied documents are not more than one neighbor.
        let both = run(&[("0", "3", 9.0), ("0", "9", 8.0)]);
        assert_eq!(values(&both)[0], [0.0, 1.0, 2.0 / 3.0]);
    }

    #[test]
    fn other_qids_go_by_their_order() {
        let by_order = run(&[("b", "7", 9.0), ("a", "1", 9.0)]);
        assert_eq!(values(&by_order), [[1.0, 0.5, 1.0 / 3.0], [1.0, 0.5, 1.0 / 3.0]]);
        // From 1: no numbers of these queries.
        assert_eq!(values(&run(&[("1", "7", 9.0), ("2", "1", 9.0)])), values(&by_order));
    }

    #[test]
    fn what_cannot_be_compared() {
        let fails = |metrics: &str, hits: &[(&str, &str, f64)]| {
            let metrics = Metric::parse_list(metrics).unwrap();
            evaluate_neighbors(&truth(), &run(hits), &metrics).unwrap_err().to_string()
        };
        let said = fails("R@4", &[("0", "1", 1.0)]);
        assert!(said.contains("R@4 can't be computed") && said.contains("R@3"), "{said}");
        assert!(fails("nDCG@2", &[("0", "1", 1.0)]).contains("nDCG@2 can't be computed"));
        assert!(fails("R@1", &[("0", "d1", 1.0)]).contains(r#"docno "d1" is not the number"#));
        let said = fails("R@1", &[("q7", "1", 1.0)]);
        assert!(said.contains(r#"qid "q7""#) && said.contains("1 topics"), "{said}");
        assert!(fails("R@1", &[]).contains("no hit"));
    }
}
