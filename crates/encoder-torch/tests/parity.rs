//! Equality with the reference: the golden vectors that scripts/golden.py made with PyTorch and
//! transformers, and with sentence-transformers where the directory is one of theirs.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod common;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use common::{Tally, check_parity, close, golden_root, length, open, read_golden, weights};
use spork_encoder::Model;
use spork_model::{EncodeOptions, Kind};

/// The golden models: every `<name>.json` that has a folder beside it.
fn golden_models() -> Vec<String> {
    let root = golden_root();
    let files =
        std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut names: Vec<String> = files
        .filter_map(|file| {
            file.unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .strip_suffix(".json")
                .map(str::to_owned)
        })
        .filter(|name| root.join(name).is_dir())
        .collect();
    names.sort();
    // "checkpoints" are for the reader of PyTorch files.
    names.retain(|name| name != "checkpoints");
    names
}

#[test]
fn golden_models_give_the_reference_vectors() {
    let mut tallies = Vec::new();
    for name in golden_models() {
        tallies.push((check_parity(&golden_root(), &name), name));
    }
    println!("{}", Tally::heading());
    for (tally, name) in &tallies {
        println!("{}", tally.row(name));
    }
    assert!(tallies.len() >= 7, "golden models are missing");
    for (tally, name) in &tallies {
        tally.assert_equal(name);
    }
}

/// The real MiniLM encoder with a seeded head: too large to commit, made by `scripts/golden.py
/// minilm`.
#[test]
#[ignore = "needs target/golden-minilm: scripts/golden.py minilm makes it; takes minutes"]
fn minilm_gives_the_reference_vectors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/golden-minilm");
    let tally = check_parity(&root, "model");
    println!("{}\n{}", Tally::heading(), tally.row("minilm"));
    tally.assert_equal("minilm");
}

/// Real SPLADE++ weights (naver/splade-cocondenser-ensembledistil) against published vectors:
/// SPORK_SPLADE_PP names the model's directory, SPORK_SPLADE_VECTORS that of documents.jsonl and
/// queries.jsonl, each line with "content" and "vector".
#[test]
#[ignore = "needs SPORK_SPLADE_PP: a directory with SPLADE++ weights; and ../shared/data: splade-vectors"]
fn splade_pp_gives_the_published_vectors() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/splade-vectors");
    let data = std::env::var_os("SPORK_SPLADE_VECTORS").map_or(beside, PathBuf::from);
    let model =
        std::env::var_os("SPORK_SPLADE_PP").expect("SPORK_SPLADE_PP names the model's directory");
    let model = open(Path::new(&model), Some("max"));
    let ids: HashMap<&str, u32> = model.vocabulary().iter().map(String::as_str).zip(0..).collect();
    let mut tally = Tally::default();
    for (file, kind) in [("documents.jsonl", Kind::Document), ("queries.jsonl", Kind::Query)] {
        for line in std::fs::read_to_string(data.join(file)).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let published = line["vector"].as_object().unwrap();
            // One published document is empty, whatever its text.
            if !published.is_empty() {
                let published = published
                    .iter()
                    .map(|(term, w)| (ids[term.as_str()], w.as_f64().unwrap() as f32));
                let text = line["content"].as_str().unwrap();
                let vector = model.encode(kind, &[text], &length(256)).unwrap().remove(0);
                tally.compare(&weights(&vector), &published.collect());
            }
        }
    }
    println!("{}\n{}", Tally::heading(), tally.row("SPLADE++"));
    tally.assert_equal("SPLADE++");
}

/// Encodes `texts` alone and in batches of every kind of company, and compares.
fn check_batch_invariance(model: &Model, kind: Kind, texts: &[String], name: &str) {
    let alone: Vec<_> = texts
        .iter()
        .map(|text| weights(&model.encode(kind, &[text], &length(128)).unwrap().remove(0)))
        .collect();
    let reversed: Vec<&String> = texts.iter().rev().collect();
    for batch_tokens in [1, 64, 500, 100_000] {
        let options = EncodeOptions { batch_tokens: Some(batch_tokens), ..length(128) };
        let forward = model.encode(kind, texts, &options).unwrap();
        let backward = model.encode(kind, &reversed, &options).unwrap();
        for (text, alone) in alone.iter().enumerate() {
            for batched in [&forward[text], &backward[texts.len() - 1 - text]] {
                let batched = weights(batched);
                for term in alone.keys().chain(batched.keys()) {
                    let weight = |side: &BTreeMap<u32, f32>| side.get(term).copied().unwrap_or(0.0);
                    let (a, b) = (weight(&batched), weight(alone));
                    assert!(
                        close(a, b),
                        "{name}: text {text}, term {term}: {a} in a batch, {b} alone"
                    );
                }
            }
        }
    }
}

#[test]
fn a_text_alone_equals_the_text_in_any_batch() {
    for (name, pooling) in
        [("bert-tied", "max"), ("bert-tied", "sum"), ("distilbert", "max"), ("distilbert", "sum")]
    {
        let (texts, _) = read_golden(&golden_root(), name);
        let model = open(&golden_root().join(name), Some(pooling));
        check_batch_invariance(&model, Kind::Document, &texts, name);
    }
    let (texts, _) = read_golden(&golden_root(), "st-inference-free");
    let model = open(&golden_root().join("st-inference-free"), None);
    check_batch_invariance(&model, Kind::Query, &texts, "st-inference-free");
}
