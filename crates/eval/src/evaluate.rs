//! A run against qrels: a value per metric and topic, and one over all topics.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use crate::error::{Error, Result};
use crate::judged::JudgedRanking;
use crate::measures::{measure, total};
use crate::metric::Metric;
use crate::qrels::Qrels;
use crate::run::Run;

/// The options of trec_eval's flags. With both `-c` and `-l`, trec_eval's total of relevant
/// documents forgets the level; the one here remains the sum over the topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The least grade that is relevant, for metrics that don't say it themselves (`-l`).
    pub level: u32,
    /// How many documents of a topic are looked at, all of them for `None` (`-M`).
    pub depth: Option<NonZeroUsize>,
    /// Whether topics that the run lacks count, with 0 (`-c`).
    pub complete: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { level: 1, depth: None, complete: false }
    }
}

/// The figures of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    metrics: Vec<Metric>,
    qids: Vec<String>,
    /// For each topic, a value per metric.
    values: Vec<Vec<f64>>,
    missing: usize,
    unjudged: usize,
}

/// Measures a run. Topics are those of the qrels that the run has, or all of them with
/// [`Options::complete`]; topics that are only in the run are left out.
///
/// # Errors
/// The run has no topic of the qrels, as when the two files don't belong together.
pub fn evaluate(
    qrels: &Qrels,
    run: &Run,
    metrics: &[Metric],
    options: Options,
) -> Result<Evaluation> {
    let depth = options.depth.map_or(usize::MAX, NonZeroUsize::get);
    let (mut qids, mut values, mut found) = (Vec::new(), Vec::new(), 0);
    for (qid, judgments) in qrels.topics() {
        let ranking = run.topic(qid);
        found += usize::from(ranking.is_some());
        if ranking.is_none() && !options.complete {
            continue;
        }
        let judged = JudgedRanking::new(judgments, ranking, depth);
        qids.push(qid.to_owned());
        values.push(metrics.iter().map(|&metric| value(metric, &judged, options.level)).collect());
    }
    if found == 0 {
        return Err(no_topics(qrels, run));
    }
    let (missing, unjudged) = (qrels.len() - found, run.len() - found);
    Ok(Evaluation::new(metrics.to_vec(), qids, values, missing, unjudged))
}

fn value(metric: Metric, ranking: &JudgedRanking, level: u32) -> f64 {
    let cutoff = metric.cutoff().map(|cutoff| cutoff as usize);
    measure(metric.measure(), ranking, metric.level().unwrap_or(level), cutoff)
}

/// Why no topic is both judged and run.
fn no_topics(qrels: &Qrels, run: &Run) -> Error {
    match (qrels.topics().next(), run.topics().next()) {
        (None, _) => Error::NoJudgments,
        (_, None) => Error::NoHits,
        (Some((judged_first, _)), Some((ran_first, _))) => Error::NoTopics {
            judged: qrels.len(),
            judged_first: judged_first.to_owned(),
            ran: run.len(),
            ran_first: ran_first.to_owned(),
        },
    }
}

impl Evaluation {
    /// Values of `metrics` for each of `qids`.
    pub(crate) fn new(
        metrics: Vec<Metric>,
        qids: Vec<String>,
        values: Vec<Vec<f64>>,
        missing: usize,
        unjudged: usize,
    ) -> Self {
        Self { metrics, qids, values, missing, unjudged }
    }

    /// The same figures, of these topics only.
    pub(crate) fn only(&self, topics: &BTreeSet<&str>) -> Self {
        let chosen = self.topics().filter(|(qid, _)| topics.contains(qid));
        let (qids, values) = chosen.map(|(qid, values)| (qid.to_owned(), values.to_vec())).unzip();
        Self { qids, values, ..self.clone() }
    }

    /// The metrics of the evaluation.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The topics that count, in qid order.
    pub fn qids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.qids.iter().map(String::as_str)
    }

    /// Each topic with its values, one per metric.
    pub fn topics(&self) -> impl ExactSizeIterator<Item = (&str, &[f64])> {
        self.qids().zip(self.values.iter().map(Vec::as_slice))
    }

    /// The values of metric `i`, one per topic.
    ///
    /// # Panics
    /// There are not that many metrics.
    pub fn values(&self, i: usize) -> impl ExactSizeIterator<Item = f64> {
        self.values.iter().map(move |values| values[i])
    }

    /// Per metric, the mean over all topics, or the sum where the metric is a count.
    pub fn summaries(&self) -> Vec<f64> {
        let topics = self.qids.len() as f64;
        let summary = |(i, metric): (usize, &Metric)| {
            let sum = total(self.values(i));
            if metric.measure().is_count() { sum } else { sum / topics }
        };
        self.metrics.iter().enumerate().map(summary).collect()
    }

    /// Number of judged topics that the run lacks.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Number of topics of the run that nobody judged.
    pub fn unjudged(&self) -> usize {
        self.unjudged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qrels() -> Qrels {
        let judgments =
            [("q1", "a", 1), ("q1", "b", 2), ("q2", "a", 1), ("q2", "c", -1), ("q3", "a", 0)];
        Qrels::from_judgments(judgments).unwrap()
    }

    /// q1 has a tie, which c, b, a win in this order; q2 is missing; q9 is not judged.
    fn run() -> Run {
        let hits = [
            ("q1", "a", 1.0),
            ("q1", "b", 1.0),
            ("q1", "c", 1.0),
            ("q3", "a", 1.0),
            ("q9", "a", 1.0),
        ];
        Run::from_hits(hits).unwrap()
    }

    fn means(metrics: &str, options: Options) -> Vec<f64> {
        evaluate(&qrels(), &run(), &Metric::parse_list(metrics).unwrap(), options)
            .unwrap()
            .summaries()
    }

    #[test]
    fn ties_and_topics() {
        let metrics = Metric::parse_list("RR P@2 num_q num_ret num_rel num_rel_ret").unwrap();
        let got = evaluate(&qrels(), &run(), &metrics, Options::default()).unwrap();
        let topics: Vec<_> = got.topics().collect();
        assert_eq!(
            topics,
            [("q1", &[0.5, 0.5, 1.0, 3.0, 2.0, 2.0][..]), ("q3", &[0.0, 0.0, 1.0, 1.0, 0.0, 0.0])]
        );
        assert_eq!(got.summaries(), [0.25, 0.25, 2.0, 4.0, 2.0, 2.0]);
        assert_eq!((got.missing(), got.unjudged()), (1, 1));
        assert_eq!(got.values(0).collect::<Vec<_>>(), [0.5, 0.0]);
    }

    #[test]
    fn options_are_trec_evals() {
        let complete = Options { complete: true, ..Options::default() };
        assert_eq!(
            means("RR num_q num_rel num_ret Judged@9", complete),
            [0.5 / 3.0, 3.0, 3.0, 4.0, (2.0 / 3.0 + 1.0) / 3.0]
        );
        let level = Options { level: 2, ..Options::default() };
        assert_eq!(
            means("AP AP(rel=1) num_rel", level),
            [0.25, (0.5 + 2.0 / 3.0) / 2.0 / 2.0, 1.0]
        );
        assert_eq!(means("nDCG", level), means("nDCG", Options::default()));
        let depth = Options { depth: NonZeroUsize::new(2), ..Options::default() };
        assert_eq!(means("num_ret num_rel AP R@100", depth), [3.0, 2.0, 0.125, 0.25]);
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused() {
        let run = Run::from_hits([("9", "a", 1.0)]).unwrap();
        let complete = Options { complete: true, ..Options::default() };
        let error = evaluate(&qrels(), &run, &[], complete).unwrap_err().to_string();
        assert!(
            error.contains(
                r#"the qrels have 3 topics (the first: "q1"), the run has 1 (the first: "9")"#
            ),
            "{error}"
        );
        let fails = |qrels: &Qrels, run: &Run| {
            evaluate(qrels, run, &[], Options::default()).unwrap_err().to_string()
        };
        assert_eq!(fails(&Qrels::default(), &run), "there is no judgment in the qrels");
        assert!(fails(&qrels(), &Run::default()).contains("there is no hit in the run"));
    }
}
