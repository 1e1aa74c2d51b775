//! Figures as JSON.

use std::path::Path;

use serde::{Serialize, Serializer};
use spork_eval::{Comparison, ComparisonTable, Evaluation};

use super::judgments::{Evaluated, Judgments};
use crate::args::EvalArgs;

/// Keys with values, in an order of their own.
struct Pairs<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Pairs<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[derive(Serialize)]
pub(super) struct EvaluationFile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    qrels: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truth: Option<&'a Path>,
    level: u32,
    depth: Option<std::num::NonZeroUsize>,
    /// Whether topics that a run lacks count as 0.
    complete: bool,
    /// Topics that are judged, and those of them that count: what every run has.
    judged_topics: usize,
    topics: usize,
    metrics: Vec<String>,
    runs: Vec<RunRecord<'a>>,
}

#[derive(Serialize)]
struct RunRecord<'a> {
    name: &'a str,
    path: &'a Path,
    tag: Option<&'a str>,
    /// Judged topics that the run lacks.
    missing_topics: usize,
    /// Topics of the run that are not judged.
    unjudged_topics: usize,
    /// Hits left out because their docno is the qid.
    excluded_hits: usize,
    /// Over the topics that every run has.
    all: Pairs<String, f64>,
    /// Of all topics of the run.
    per_query: Pairs<&'a str, Pairs<String, f64>>,
    /// Against the first run.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparisons: Option<Pairs<String, ComparisonRecord>>,
}

#[derive(Serialize)]
struct ComparisonRecord {
    difference: f64,
    wins: usize,
    ties: usize,
    losses: usize,
    p_randomization: Option<f64>,
    p_t_test: Option<f64>,
    t: Option<f64>,
}

impl ComparisonRecord {
    fn new(comparison: &Comparison, topics: usize) -> Self {
        let Comparison { difference, wins, losses, t_test, randomization } = comparison;
        Self {
            difference: *difference,
            wins: *wins,
            ties: topics - wins - losses,
            losses: *losses,
            p_randomization: *randomization,
            p_t_test: t_test.as_ref().map(|test| test.p),
            t: t_test.as_ref().map(|test| test.t),
        }
    }
}

impl<'a> EvaluationFile<'a> {
    pub(super) fn new(
        args: &'a EvalArgs,
        judgments: &Judgments,
        runs: &'a [Evaluated],
        evaluations: &'a [(String, Evaluation)],
        table: &'a ComparisonTable,
    ) -> Self {
        let metrics: Vec<String> = table.metrics.iter().map(ToString::to_string).collect();
        let named = |values: &[f64]| Pairs(metrics.iter().cloned().zip(values.to_vec()).collect());
        let columns = runs.iter().zip(evaluations).zip(&table.runs);
        let record = |((run, (name, evaluation)), column): (
            (&'a Evaluated, &'a (String, Evaluation)),
            &'a spork_eval::RunColumn,
        )| {
            let compared = metrics.iter().zip(&column.comparisons);
            let compared: Vec<(String, ComparisonRecord)> = compared
                .filter_map(|(metric, comparison)| {
                    let comparison = ComparisonRecord::new(comparison.as_ref()?, table.topics);
                    Some((metric.clone(), comparison))
                })
                .collect();
            RunRecord {
                name,
                path: &run.path,
                tag: run.tag.as_deref(),
                missing_topics: evaluation.missing(),
                unjudged_topics: evaluation.unjudged(),
                excluded_hits: run.excluded,
                all: named(&column.summaries),
                per_query: Pairs(
                    evaluation.topics().map(|(qid, values)| (qid, named(values))).collect(),
                ),
                comparisons: (!compared.is_empty()).then_some(Pairs(compared)),
            }
        };
        Self {
            qrels: args.qrels.as_deref(),
            truth: args.truth.as_deref(),
            level: args.level,
            depth: args.depth,
            complete: args.complete,
            judged_topics: judgments.topics(),
            topics: table.topics,
            runs: columns.map(record).collect(),
            metrics: metrics.clone(),
        }
    }
}
