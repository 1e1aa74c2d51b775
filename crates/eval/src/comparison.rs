//! Several runs side by side, each tested against the first.

use std::cmp::Ordering;

use crate::evaluate::Evaluation;
use crate::measures::total;
use crate::metric::Metric;
use crate::resampling::Resampling;
use crate::significance::{TTest, paired_t_test, randomization_test};

/// A table of metrics by runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonTable {
    /// The rows.
    pub metrics: Vec<Metric>,
    /// The columns; the others are compared with the first.
    pub runs: Vec<RunColumn>,
}

/// One run's column.
#[derive(Clone, Debug, PartialEq)]
pub struct RunColumn {
    /// The name of the run.
    pub name: String,
    /// Number of topics that count.
    pub topics: usize,
    /// The mean, or the sum of a count, per metric.
    pub summaries: Vec<f64>,
    /// Per metric, how the run compares with the first; `None` for the first itself and for counts.
    pub comparisons: Vec<Option<Comparison>>,
}

/// One run against another, on the topics that count for both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Number of topics that both have.
    pub topics: usize,
    /// The mean of this run less the mean of the other, on these topics.
    pub difference: f64,
    /// Student's paired t test; `None` for fewer than two topics.
    pub t_test: Option<TTest>,
    /// p of the paired randomization test; `None` without topics.
    pub randomization: Option<f64>,
}

impl ComparisonTable {
    /// Puts evaluations, which must be of the same metrics, side by side under their names. A
    /// metric that a run was not evaluated with is left out of all.
    pub fn new(runs: &[(String, Evaluation)], resampling: Resampling) -> Self {
        let Some((_, first)) = runs.first() else {
            return Self { metrics: Vec::new(), runs: Vec::new() };
        };
        let shared = |metric: &&Metric| runs.iter().all(|(_, run)| run.metrics().contains(metric));
        let metrics: Vec<Metric> = first.metrics().iter().filter(shared).copied().collect();
        let column = |(i, (name, run)): (usize, &(String, Evaluation))| {
            let baseline = (i > 0).then_some(first);
            RunColumn::new(name, run, baseline, &metrics, resampling)
        };
        let runs = runs.iter().enumerate().map(column).collect();
        Self { metrics, runs }
    }
}

impl RunColumn {
    fn new(
        name: &str,
        run: &Evaluation,
        baseline: Option<&Evaluation>,
        metrics: &[Metric],
        resampling: Resampling,
    ) -> Self {
        let summaries = run.summaries();
        let at = |run: &Evaluation, metric: &Metric| {
            run.metrics().iter().position(|other| other == metric)
        };
        let compare = |metric: &Metric| {
            let baseline = baseline.filter(|_| !metric.measure().is_count())?;
            Some(Comparison::new(
                run,
                at(run, metric)?,
                baseline,
                at(baseline, metric)?,
                resampling,
            ))
        };
        Self {
            name: name.to_owned(),
            topics: run.qids().len(),
            summaries: metrics
                .iter()
                .filter_map(|metric| Some(summaries[at(run, metric)?]))
                .collect(),
            comparisons: metrics.iter().map(compare).collect(),
        }
    }
}

impl Comparison {
    fn new(
        run: &Evaluation,
        i: usize,
        baseline: &Evaluation,
        j: usize,
        resampling: Resampling,
    ) -> Self {
        let differences =
            differences(run.qids().zip(run.values(i)), baseline.qids().zip(baseline.values(j)));
        let topics = differences.len();
        Self {
            topics,
            difference: total(differences.iter().copied()) / topics.max(1) as f64,
            t_test: paired_t_test(&differences),
            randomization: randomization_test(&differences, resampling),
        }
    }
}

/// a − b for the topics of both, which come in qid order.
fn differences<'a>(
    a: impl Iterator<Item = (&'a str, f64)>,
    b: impl Iterator<Item = (&'a str, f64)>,
) -> Vec<f64> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    let mut differences = Vec::new();
    while let (Some(&(qid_a, value_a)), Some(&(qid_b, value_b))) = (a.peek(), b.peek()) {
        let order = qid_a.cmp(qid_b);
        if order == Ordering::Equal {
            differences.push(value_a - value_b);
        }
        if order.is_le() {
            a.next();
        }
        if order.is_ge() {
            b.next();
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::{Options, evaluate};
    use crate::qrels::Qrels;
    use crate::run::Run;

    fn evaluation(qids: &[&str], better: usize, metrics: &str) -> Evaluation {
        let qrels = (1..=5).map(|i| format!("q{i}")).collect::<Vec<_>>();
        let qrels = Qrels::from_judgments(qrels.iter().map(|qid| (qid.as_str(), "a", 1))).unwrap();
        let hits = qids.iter().enumerate().flat_map(|(i, &qid)| {
            let score = if i < better { 3.0 } else { 1.0 };
            [(qid, "a", score), (qid, "b", 2.0)]
        });
        let metrics = Metric::parse_list(metrics).unwrap();
        evaluate(&qrels, &Run::from_hits(hits).unwrap(), &metrics, Options::default()).unwrap()
    }

    #[test]
    fn runs_are_compared_on_the_topics_of_both() {
        let runs = [
            ("base".to_owned(), evaluation(&["q1", "q2", "q3", "q5"], 1, "num_q RR P@1")),
            ("new".to_owned(), evaluation(&["q1", "q2", "q3", "q4"], 3, "P@1 RR num_q")),
        ];
        let table = ComparisonTable::new(&runs, Resampling::default());
        assert_eq!(
            table.metrics.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["NumQ", "RR", "P@1"]
        );
        let [base, new] = &table.runs[..] else { panic!("two columns") };
        assert_eq!(
            (base.name.as_str(), base.topics, &base.summaries),
            ("base", 4, &vec![4.0, 0.625, 0.25])
        );
        assert_eq!(base.comparisons, [None, None, None]);
        assert_eq!(new.summaries, [4.0, 0.875, 0.75]);
        // Differences in RR on q1, q2, q3: 0, 0.5, 0.5.
        let comparison = new.comparisons[1].unwrap();
        assert_eq!((comparison.topics, comparison.difference), (3, 1.0 / 3.0));
        assert_eq!(comparison.randomization, Some(0.5));
        let t_test = comparison.t_test.unwrap();
        assert!(
            (t_test.t - 2.0).abs() < 1e-12 && (t_test.p - 0.183_503_419_072_274).abs() < 1e-12,
            "{t_test:?}"
        );
        assert_eq!(new.comparisons[0], None);
    }

    #[test]
    fn odd_tables() {
        assert!(ComparisonTable::new(&[], Resampling::default()).runs.is_empty());
        let runs = [
            ("a".to_owned(), evaluation(&["q1"], 1, "RR P@1")),
            ("b".to_owned(), evaluation(&["q2"], 1, "RR")),
        ];
        let table = ComparisonTable::new(&runs, Resampling::default());
        assert_eq!(table.metrics.len(), 1);
        let comparison = table.runs[1].comparisons[0].unwrap();
        assert_eq!(
            (comparison.topics, comparison.difference, comparison.randomization),
            (0, 0.0, None)
        );
        assert_eq!(comparison.t_test, None);
    }
}
