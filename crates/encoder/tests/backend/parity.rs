//! Equality with the reference: the golden vectors that scripts/golden.py made with PyTorch and
//! transformers, and with sentence-transformers where the directory is one of theirs.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use spork_model::{Kind, PoolingStrategy};

use super::golden::{
    Case, Opening, golden_models, length, open, read_golden, says_pooling, weights,
};
use super::small_model::golden_root;
use super::tally::{Tally, print_and_assert};
use crate::under_test::backend;

/// Compares a model with all its golden cases: ids, then vectors, the texts of equal settings in
/// shared batches. Once with the screen before the decoder (where the processor has it) and once
/// without.
fn check_parity(root: &Path, name: &str) -> Tally {
    let mut tally = Tally::default();
    for screening in [true, false] {
        compare_all(root, name, screening, &mut tally);
    }
    tally
}

fn compare_all(root: &Path, name: &str, screening: bool, tally: &mut Tally) {
    let (texts, golden) = read_golden(root, name);
    let mut groups: BTreeMap<(Option<&str>, &str, usize), Vec<&Case>> = BTreeMap::new();
    for case in &golden.cases {
        let key = (case.pooling.as_deref(), case.kind.as_str(), case.max_length);
        groups.entry(key).or_default().push(case);
    }
    let directory = root.join(name);
    let says_pooling = says_pooling(&directory);
    for ((pooling, _, max_length), cases) in groups {
        let pooling = pooling.filter(|_| !says_pooling).map(|name| name.parse().unwrap());
        let opening = Opening { screening, ..Opening::pooled(pooling) };
        let model = opening.open(&directory, &backend());
        let (options, kind) = (length(max_length), cases[0].kind());
        let chosen: Vec<&str> = cases.iter().map(|case| texts[case.text_index].as_str()).collect();
        for (case, text) in cases.iter().zip(&chosen) {
            let ids = model.token_ids(kind, text, &options).unwrap();
            assert_eq!(ids, case.ids, "{name}: text {} at {max_length}", case.text_index);
        }
        let vectors =
            model.encode(kind, &chosen, &options).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (case, vector) in cases.iter().zip(&vectors) {
            tally.compare(&weights(vector), &case.vector);
        }
    }
}

#[test]
fn golden_models_give_the_reference_vectors() {
    let tally = |name: String| (name.clone(), check_parity(&golden_root(), &name));
    let tallies: Vec<_> = golden_models().into_iter().map(tally).collect();
    print_and_assert("golden model", &tallies);
}

/// Real weights, too large to commit: scripts/slow/real-weights-parity makes the files and runs
/// these tests. The real MiniLM encoder has a seeded head.
fn real_weights_parity(name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(name);
    print_and_assert("real weights", &[(name.to_owned(), check_parity(&root, "model"))]);
}

#[test]
#[ignore = "needs target/golden-minilm, which scripts/slow/real-weights-parity makes"]
fn minilm_gives_the_reference_vectors() {
    real_weights_parity("golden-minilm");
}

#[test]
#[ignore = "needs target/golden-splade-tiny, which scripts/slow/real-weights-parity makes"]
fn splade_tiny_gives_the_reference_vectors() {
    real_weights_parity("golden-splade-tiny");
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
    let model = open(Path::new(&model), Some(PoolingStrategy::Max));
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
    print_and_assert("real weights", &[("SPLADE++".to_owned(), tally)]);
}
