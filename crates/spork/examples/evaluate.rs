//! Searches a batch of topics, writes a TREC run, and evaluates it as trec_eval does.
//!
//! `cargo run --example evaluate [CORPUS TOPICS QRELS]`, for instance with the files of
//! `data/scifact`; without them, a small collection of its own is used.

use std::collections::BTreeMap;
use std::path::Path;

use spork_search::{Build, Qrels, Results, build, evaluate, open, read_qrels, read_topics};

const CORPUS: [(&str, &str); 3] = [
    ("d1", "Jet lag passes in about a day for each hour of time difference."),
    ("d2", "A lag between two signals is measured by their correlation."),
    ("d3", "Jets burn most of their fuel at take-off."),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = tempfile::tempdir()?;
    let index = build(folder.path().join("index"));
    let (results, qrels) = match args.as_slice() {
        [corpus, topics, qrels] => {
            index.text_files(&[corpus])?;
            let topics = read_topics(topics)?;
            (search(folder.path(), topics)?, read_qrels(qrels)?)
        }
        _ => small(index, folder.path())?,
    };
    let evaluation = evaluate(&qrels, &results.run()?, "nDCG@10 RR@10 R@1000")?;
    for (metric, value) in evaluation.metrics().iter().zip(evaluation.summaries()) {
        println!("{metric}\t{value:.4}");
    }
    let mut run = Vec::new();
    results.write_trec(&mut run, "example")?;
    println!("{} lines of a TREC run", run.split(|&byte| byte == b'\n').count() - 1);
    Ok(())
}

fn small(index: Build, folder: &Path) -> Result<(Results, Qrels), Box<dyn std::error::Error>> {
    index.text(CORPUS)?;
    let topics = BTreeMap::from([("q1", "how long does jet lag last"), ("q2", "fuel of jets")]);
    let qrels = Qrels::from_judgments([("q1", "d1", 1), ("q2", "d3", 1)])?;
    Ok((search(folder, topics)?, qrels))
}

fn search<I: Into<String>, Q: Into<spork_search::Query>>(
    folder: &Path,
    topics: impl IntoIterator<Item = (I, Q)>,
) -> Result<Results, spork_search::Error> {
    open(folder.join("index"))?.search_topics(topics, 1000)
}
