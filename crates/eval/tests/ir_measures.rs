//! Figures of ir-measures and pytrec_eval: for a synthetic run, and for real runs of TREC Deep
//! Learning.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::Tally;
use spork_eval::{Metric, Options, ScorePrecision, evaluate};

/// Every value of `expected.tsv`: per topic, and over all topics of the qrels.
#[test]
fn a_synthetic_run_has_the_figures_of_ir_measures() {
    let folder = common::fixture("ir_measures");
    let rows = common::rows(&folder.join("expected.tsv")).into_iter().skip(1);
    let rows: Vec<_> = rows.map(|row| <[String; 3]>::try_from(row).unwrap()).collect();
    let qrels = common::qrels(&folder.join("qrels.txt"));
    let run = common::run(&folder.join("run.txt"), ScorePrecision::Single);
    let mut tally = Tally::default();
    check(&qrels, &run, "synthetic", &rows, &mut tally);
    tally.finish("ir-measures, synthetic", rows.len());
}

/// Not in the repository: no license says that these runs may be redistributed.
#[test]
#[ignore = "needs ../shared/data: eval-runs and msmarco-queries"]
fn real_runs_have_the_figures_of_ir_measures() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = data.join("eval-runs");
    let mut expected: BTreeMap<String, Vec<[String; 3]>> = BTreeMap::new();
    for row in common::rows(&folder.join("expected.tsv")).into_iter().skip(1) {
        let [run, metric, qid, value] = <[String; 4]>::try_from(row).unwrap();
        expected.entry(run).or_default().push([metric, qid, value]);
    }
    let mut tally = Tally::default();
    for (name, rows) in expected {
        let qrels = data.join(format!("msmarco-queries/qrels.{}-passage.txt", &name[..4]));
        let run = common::run(&folder.join(format!("{name}.run.gz")), ScorePrecision::Single);
        check(&common::qrels(&qrels), &run, &name, &rows, &mut tally);
    }
    tally.finish("ir-measures", 5000);
}

fn check(
    qrels: &spork_eval::Qrels,
    run: &spork_eval::Run,
    name: &str,
    rows: &[[String; 3]],
    tally: &mut Tally,
) {
    let mut metrics: Vec<Metric> = Vec::new();
    for [metric, ..] in rows {
        let metric = metric.parse().unwrap();
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    let complete = Options { complete: true, ..Options::default() };
    let evaluation = evaluate(qrels, run, &metrics, complete).unwrap();
    let topics: BTreeMap<&str, &[f64]> = evaluation.topics().collect();
    let summaries = evaluation.summaries();
    for [metric, qid, expected] in rows {
        let parsed: Metric = metric.parse().unwrap();
        let i = metrics.iter().position(|other| *other == parsed).unwrap();
        let values = if qid == "all" { &summaries } else { topics[qid.as_str()] };
        let got = format!("{:.6}", values[i]);
        tally.compare(got == *expected, || {
            format!("{name} {metric} {qid}: {got} instead of {expected}")
        });
    }
}
