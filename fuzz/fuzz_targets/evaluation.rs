//! Judgments, runs and ground truth, and what is made of them: figures and fused runs.
//!
//! Zero bytes set apart: judgments or ground truth, a run, another run.

#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use spork_eval::{
    Fusion, FusionMethod, GroundTruth, Metric, Normalization, Options, Qrels, Run, evaluate,
    evaluate_neighbors, topics_of,
};
use spork_files::Source;

fuzz_target!(|data: &[u8]| {
    let _ = source(data).map(|mut source| Qrels::read(&mut source));
    let _ = source(data).map(|mut source| Run::read(&mut source));
    let _ = source(data).map(GroundTruth::read);
    // Ground truth holds zeros: runs are what follows the last two.
    let mut parts = data.rsplitn(3, |&byte| byte == 0);
    let runs: Vec<Run> =
        parts.by_ref().take(2).filter_map(|part| Run::read(&mut source(part)?).ok()).collect();
    let judgments = parts.next().unwrap_or_default();
    if let Some(qrels) = source(judgments).and_then(|mut source| Qrels::read(&mut source).ok()) {
        runs.iter().for_each(|run| measured(&qrels, run));
    }
    if let Some(truth) = source(judgments).and_then(|source| GroundTruth::read(source).ok()) {
        runs.iter().for_each(|run| recalled(&truth, run));
    }
    if runs.len() == 2 {
        fused(&runs);
    }
});

/// A source that may be compressed: its first bytes say so, or that it is no text at all.
fn source(data: &[u8]) -> Option<Source> {
    Source::from_reader(Path::new("fuzz"), Cursor::new(data.to_vec())).ok()
}

fn measured(qrels: &Qrels, run: &Run) {
    let mut run = run.clone();
    run.exclude_same_ids();
    let metrics = "nDCG nDCG@2 RR R@1,3 AP P@2 Success@1 Judged@2 Rprec Bpref";
    let metrics = Metric::parse_list(metrics).expect("known metrics");
    let Ok(figures) = evaluate(qrels, &run, &metrics, Options::default()) else { return };
    for value in figures.summaries() {
        assert!((0.0..=1.0 + 1e-9).contains(&value), "{value}");
    }
}

fn recalled(truth: &GroundTruth, run: &Run) {
    let Ok(figures) = evaluate_neighbors(truth, run, &["R@1".parse().expect("a metric")]) else {
        return;
    };
    assert!((0.0..=1.0).contains(&figures.summaries()[0]));
}

fn fused(runs: &[Run]) {
    for method in [FusionMethod::ReciprocalRank { k: 60.0 }, FusionMethod::Sum, FusionMethod::Mnz] {
        for normalization in [Normalization::MinMax, Normalization::ZScore, Normalization::None] {
            let fusion = Fusion::new(method, normalization, vec![1.0, 0.5]).expect("two weights");
            for qid in topics_of(runs) {
                let rankings: Vec<_> = runs.iter().map(|run| run.topic(qid)).collect();
                let Ok(fused) = fusion.fuse(qid, &rankings) else { continue };
                let all = rankings.iter().flatten().map(|ranking| ranking.len());
                assert!(fused.len() <= all.sum());
                for pair in fused.windows(2) {
                    let ((docno_a, a), (docno_b, b)) = (pair[0], pair[1]);
                    assert!(a > b || (a == b && docno_a > docno_b) || a.is_nan() || b.is_nan());
                }
            }
        }
    }
}
