//! trec_eval's own regression files: every measure that both offer, equal to the printed digit.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;

use common::Tally;
use spork_eval::{Metric, Options, ScorePrecision, evaluate};

/// Measures of trec_eval that this crate lacks: names, or the part of a name before a parameter.
const NOT_OFFERED: &[&str] = &[
    "runid",
    "relstring",
    "gm_map",
    "gm_bpref",
    "iprec_at_recall",
    "infAP",
    "Rprec_mult",
    "utility",
    "11pt_avg",
    "binG",
    "G",
    "ndcg_rel",
    "Rndcg",
    "ndcg_1=",
    "relative_P",
    "set_P",
    "set_relative_P",
    "set_recall",
    "set_map",
    "set_F",
    "num_nonrel_judged_ret",
    "rbp",
    "rbp_resid",
    "unj",
];

/// Compares all rows of `expected` in `folder`, for one precision of scores.
fn compare(
    folder: &Path,
    [qrels, run, expected]: [&str; 3],
    options: Options,
    precision: ScorePrecision,
    tally: &mut Tally,
) {
    let rows = common::rows(&folder.join(format!("{expected}.gz")));
    let mut not_offered = BTreeSet::new();
    let mut metrics: BTreeMap<&str, Metric> = BTreeMap::new();
    for row in &rows {
        match row[0].parse() {
            Ok(metric) => drop(metrics.insert(&row[0], metric)),
            Err(_) => drop(not_offered.insert(row[0].as_str())),
        }
    }
    for name in not_offered {
        assert!(
            NOT_OFFERED.iter().any(|known| name.starts_with(known)),
            "{expected}: {name} is not understood"
        );
    }
    let qrels = common::qrels(&folder.join(format!("{qrels}.gz")));
    let run = common::run(&folder.join(format!("{run}.gz")), precision);
    let list: Vec<Metric> = metrics.values().copied().collect();
    let evaluation = evaluate(&qrels, &run, &list, options).unwrap();
    let topics: BTreeMap<&str, &[f64]> = evaluation.topics().collect();
    let summaries = evaluation.summaries();
    for row in rows.iter().filter(|row| metrics.contains_key(row[0].as_str())) {
        let [name, qid, printed] = &row[..] else { panic!("{expected}: {row:?}") };
        let i = metrics.keys().position(|other| other == name).unwrap();
        let value = if qid == "all" { summaries[i] } else { topics[qid.as_str()][i] };
        let got =
            if list[i].measure().is_count() { format!("{value}") } else { format!("{value:.4}") };
        tally.compare(got == *printed, || {
            format!("{expected} {name} {qid}: {got} instead of {printed}")
        });
    }
}

fn check(files: [&str; 3], options: Options, least: usize) {
    let folder = common::fixture("trec_eval");
    for precision in [ScorePrecision::Single, ScorePrecision::Double] {
        let mut tally = Tally::default();
        compare(&folder, files, options, precision, &mut tally);
        tally.finish(&format!("trec_eval {}, {precision:?}", files[2]), least);
    }
}

#[test]
fn official_measures() {
    check(["qrels.test", "results.test", "out.test"], Options::default(), 17);
}

#[test]
fn all_measures() {
    check(["qrels.test", "results.test", "out.test.a"], Options::default(), 48);
}

#[test]
fn every_topic() {
    check(["qrels.test", "results.test", "out.test.aq"], Options::default(), 189);
}

#[test]
fn missing_topics_count() {
    let options = Options { complete: true, ..Options::default() };
    check(["qrels.test", "results.trunc", "out.test.aqc"], options, 189);
}

#[test]
fn only_the_first_hundred() {
    let options = Options { complete: true, depth: NonZeroUsize::new(100), ..Options::default() };
    check(["qrels.test", "results.trunc", "out.test.aqcM"], options, 189);
}

#[test]
fn relevance_level() {
    let options = Options { level: 2, ..Options::default() };
    check(["qrels.rel_level", "results.test", "out.test.aql"], options, 189);
}

#[test]
fn other_cutoffs() {
    check(["qrels.test", "results.test", "out.test.meas_params"], Options::default(), 44);
}

/// A pool of which a sample was judged: most documents in it have grade -1. trec_eval comes without
/// a file of expected figures for it; these are what versions 9.0.8 and 10.0 print.
#[test]
fn negative_grades() {
    let folder = common::fixture("trec_eval");
    let expected = [
        ("num_ret", "500.0000"),
        ("num_rel", "77.0000"),
        ("num_rel_ret", "50.0000"),
        ("map", "0.4175"),
        ("Rprec", "0.5065"),
        ("bpref", "0.4712"),
        ("recip_rank", "1.0000"),
        ("P_10", "0.7000"),
        ("P_100", "0.4200"),
        ("recall_100", "0.5455"),
        ("ndcg", "0.6617"),
        ("ndcg_cut_10", "0.7530"),
        ("map_cut_10", "0.0768"),
        ("success_1", "1.0000"),
    ];
    let metrics = expected.map(|(name, _)| name.parse().unwrap());
    let qrels = common::qrels(&folder.join("qrels-302.test.gz"));
    let run = common::run(&folder.join("results-302.test.gz"), ScorePrecision::Single);
    let summaries = evaluate(&qrels, &run, &metrics, Options::default()).unwrap().summaries();
    let mut tally = Tally::default();
    for ((name, printed), value) in expected.into_iter().zip(summaries) {
        let got = format!("{value:.4}");
        tally.compare(got == printed, || format!("qrels-302 {name}: {got} instead of {printed}"));
    }
    tally.finish("trec_eval, qrels-302", expected.len());
}
