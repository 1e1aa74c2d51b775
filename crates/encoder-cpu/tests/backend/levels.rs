//! In 32-bit floats vectors are the same at every level of vector instructions. The cap on them is
//! read once a process, so that the test runs itself in a process of its own for each level.

use std::path::{Path, PathBuf};
use std::process::Command;

use spork_core::{SimdLevel, SparseVector};
use spork_model::{Kind, PoolingStrategy};

use crate::shared::golden::{Opening, golden_poolings, length, texts};
use crate::shared::small_model::golden_root;
use crate::under_test::backend;

/// Set in the processes that the test starts.
const PRINTS: &str = "SPORK_TEST_PRINTS_DIGESTS";
/// What their lines of digests begin with.
const MARK: &str = "digest ";
const NAME: &str = "levels::fp32_vectors_are_the_same_at_every_level";

#[test]
fn fp32_vectors_are_the_same_at_every_level() {
    if std::env::var_os(PRINTS).is_some() {
        digests().iter().for_each(|line| println!("{MARK}{line}"));
        return;
    }
    let machine = SimdLevel::of_machine();
    let scalar = digests_at(SimdLevel::Scalar);
    assert!(scalar.len() > 14, "{scalar:?}");
    for level in SimdLevel::ALL.into_iter().filter(|&level| level <= machine) {
        assert_eq!(digests_at(level), scalar, "{} and scalar", level.name());
    }
}

/// The digests of a process of its own whose instructions are capped at `level`.
fn digests_at(level: SimdLevel) -> Vec<String> {
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env("SPORK_MAX_SIMD", level.name())
        .env(PRINTS, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{}: {said}", level.name());
    // The name of the test may stand before the first line.
    let digest = |line: &str| line.split_once(MARK).map(|(_, digest)| digest.to_owned());
    said.lines().filter_map(digest).collect()
}

/// A line for each golden model and pooling, with and without screening, and for the default model:
/// a checksum of all terms and weights.
fn digests() -> Vec<String> {
    let texts = texts(&golden_root());
    let mut lines = Vec::new();
    for (name, pooling) in golden_poolings() {
        for screening in [true, false] {
            let opening = Opening { screening, ..Opening::pooled(Some(pooling)) };
            let digest = digest(&golden_root().join(&name), opening, &texts, 128);
            lines.push(format!("{name} {pooling} screening {screening}: {digest}"));
        }
    }
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/model");
    for pooling in [PoolingStrategy::Max, PoolingStrategy::Sum] {
        let digest = digest(&default, Opening::pooled(Some(pooling)), &passages(), 48);
        lines.push(format!("data/model {pooling}: {digest}"));
    }
    lines
}

fn digest(directory: &Path, opening: Opening, texts: &[String], most: usize) -> String {
    let model = opening.open(directory, &backend());
    let vectors = model.encode(Kind::Document, texts, &length(most)).unwrap();
    format!(
        "{} weights, {:016x}",
        vectors.iter().map(SparseVector::len).sum::<usize>(),
        fnv1a(&vectors)
    )
}

/// A few real texts of several lengths.
fn passages() -> Vec<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/scifact/queries.tsv");
    let topics = std::fs::read_to_string(file).unwrap();
    let queries: Vec<&str> =
        topics.lines().map(|line| line.split_once('\t').unwrap().1).take(6).collect();
    vec![queries[0].to_owned(), queries[1..3].join(" "), queries[3..].join(" ")]
}

/// 64-bit FNV-1a over the bytes of all terms and weights.
fn fnv1a(vectors: &[SparseVector]) -> u64 {
    let entries = vectors.iter().flat_map(SparseVector::entries);
    let bytes = entries.flat_map(|&(term, weight)| {
        [term.0.to_le_bytes(), weight.to_bits().to_le_bytes()].concat()
    });
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
