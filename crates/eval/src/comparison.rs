//! Several runs side by side, each tested against the first.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::evaluate::Evaluation;
use crate::measures::total;
use crate::metric::Metric;
use crate::resampling::Resampling;
use crate::significance::{TTest, paired_t_test, randomization_test};

/// A table of metrics by runs. All figures are over the topics that every run has: means over
/// different topics are not comparable.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonTable {
    /// The rows.
    pub metrics: Vec<Metric>,
    /// Number of topics that count.
    pub topics: usize,
    /// The columns; the others are compared with the first.
    pub runs: Vec<RunColumn>,
}

/// One run's column.
#[derive(Clone, Debug, PartialEq)]
pub struct RunColumn {
    /// The name of the run.
    pub name: String,
    /// The mean, or the sum of a count, per metric.
    pub summaries: Vec<f64>,
    /// Per metric, how the run compares with the first; `None` for the first itself and for counts.
    pub comparisons: Vec<Option<Comparison>>,
}

/// One run against another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The mean of this run less the mean of the other.
    pub difference: f64,
    /// Number of topics for which this run is better.
    pub wins: usize,
    /// Number of topics for which the other run is better.
    pub losses: usize,
    /// Student's paired t test; `None` for fewer than two topics.
    pub t_test: Option<TTest>,
    /// p of the paired randomization test.
    pub randomization: Option<f64>,
}

impl ComparisonTable {
    /// Puts evaluations against the same qrels side by side under their names. A metric that a run
    /// was not evaluated with is left out of all.
    ///
    /// # Errors
    /// The evaluations have no topic in common.
    pub fn new(runs: &[(String, Evaluation)], resampling: Resampling) -> Result<Self> {
        let common = common_topics(runs);
        if common.is_empty() && !runs.is_empty() {
            return Err(Error::NoCommonTopics);
        }
        let restricted: Vec<Evaluation> = runs.iter().map(|(_, run)| run.only(&common)).collect();
        let shared = |metric: &&Metric| runs.iter().all(|(_, run)| run.metrics().contains(metric));
        let first = restricted.first();
        let metrics: Vec<Metric> = first
            .map(|first| first.metrics().iter().filter(shared).copied().collect())
            .unwrap_or_default();
        let column = |(i, run): (usize, &Evaluation)| {
            let baseline = first.filter(|_| i > 0);
            RunColumn::new(&runs[i].0, run, baseline, &metrics, resampling)
        };
        let columns = restricted.iter().enumerate().map(column).collect();
        Ok(Self { topics: common.len(), runs: columns, metrics })
    }
}

/// The topics that count for every run.
fn common_topics(runs: &[(String, Evaluation)]) -> BTreeSet<&str> {
    let mut all = runs.iter().map(|(_, run)| run.qids().collect::<BTreeSet<&str>>());
    let first = all.next().unwrap_or_default();
    all.fold(first, |common, qids| common.intersection(&qids).copied().collect())
}

impl RunColumn {
    fn new(
        name: &str,
        run: &Evaluation,
        baseline: Option<&Evaluation>,
        metrics: &[Metric],
        resampling: Resampling,
    ) -> Self {
        let all = run.summaries();
        let at = |run: &Evaluation, metric: &Metric| {
            run.metrics().iter().position(|other| other == metric)
        };
        let compare = |metric: &Metric| {
            let baseline = baseline.filter(|_| !metric.measure().is_count())?;
            let (a, b) = (at(run, metric)?, at(baseline, metric)?);
            let pairs = run.values(a).zip(baseline.values(b));
            Some(Comparison::new(&pairs.map(|(a, b)| a - b).collect::<Vec<_>>(), resampling))
        };
        let summaries = metrics.iter().filter_map(|metric| Some(all[at(run, metric)?]));
        Self {
            name: name.to_owned(),
            summaries: summaries.collect(),
            comparisons: metrics.iter().map(compare).collect(),
        }
    }
}

impl Comparison {
    /// Compares by the differences of the topics.
    fn new(differences: &[f64], resampling: Resampling) -> Self {
        let count = |test: fn(f64) -> bool| differences.iter().filter(|&&d| test(d)).count();
        Self {
            difference: total(differences.iter().copied()) / differences.len().max(1) as f64,
            wins: count(|difference| difference > 0.0),
            losses: count(|difference| difference < 0.0),
            t_test: paired_t_test(differences),
            randomization: randomization_test(differences, resampling),
        }
    }
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

    /// q5 and q4 are missing from one run each, and count for neither.
    #[test]
    fn runs_are_compared_on_the_topics_of_both() {
        let runs = [
            ("base".to_owned(), evaluation(&["q1", "q2", "q3", "q5"], 1, "num_q RR P@1")),
            ("new".to_owned(), evaluation(&["q1", "q2", "q3", "q4"], 3, "P@1 RR num_q")),
        ];
        let table = ComparisonTable::new(&runs, Resampling::default()).unwrap();
        assert_eq!(
            table.metrics.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["NumQ", "RR", "P@1"]
        );
        let [base, new] = &table.runs[..] else { panic!("two columns") };
        let third = 1.0 / 3.0;
        assert_eq!(
            (base.name.as_str(), table.topics, &base.summaries),
            ("base", 3, &vec![3.0, 2.0 / 3.0, third])
        );
        assert_eq!(base.comparisons, [None, None, None]);
        assert_eq!(new.summaries, [3.0, 1.0, 1.0]);
        // Differences in RR on q1, q2, q3: 0, 0.5, 0.5.
        let comparison = new.comparisons[1].unwrap();
        assert_eq!((comparison.wins, comparison.losses), (2, 0));
        assert_eq!(comparison.difference, third);
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
        let table =
            |runs: &[(String, Evaluation)]| ComparisonTable::new(runs, Resampling::default());
        assert!(table(&[]).unwrap().runs.is_empty());
        let run = |name: &str, qids, metrics| (name.to_owned(), evaluation(qids, 1, metrics));
        let one = table(&[run("a", &["q1"], "RR P@1"), run("b", &["q1", "q2"], "RR")]).unwrap();
        assert_eq!((one.metrics.len(), one.topics), (1, 1));
        let comparison = one.runs[1].comparisons[0].unwrap();
        assert_eq!((comparison.difference, comparison.t_test), (0.0, None));
        assert_eq!((comparison.wins, comparison.losses), (0, 0));
        let apart = table(&[run("a", &["q1"], "RR"), run("b", &["q2"], "RR")]).unwrap_err();
        assert!(apart.to_string().contains("no judged topic in common"), "{apart}");
    }
}
