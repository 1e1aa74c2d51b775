//! Once enough texts have been seen, screening has two stages, and no weight shows it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use spork_core::SparseVector;
use spork_encoder::{Model, Progress};
use spork_encoder_cpu::Cpu;
use spork_model::{Kind, PoolingStrategy, Precision};

use crate::shared::golden::{Opening, length};

/// Tokens after which the stages are there, and some more.
const TOKENS: usize = 36_000;

fn queries() -> Vec<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/scifact/queries.tsv");
    let topics = std::fs::read_to_string(file).unwrap();
    topics.lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).collect()
}

fn bits(model: &Model, texts: &[String]) -> Vec<Vec<(u32, u32)>> {
    let vectors = model.encode(Kind::Document, texts, &length(256)).unwrap();
    let of = |vector: &SparseVector| {
        vector.entries().iter().map(|&(term, weight)| (term.0, weight.to_bits())).collect()
    };
    vectors.iter().map(of).collect()
}

#[test]
fn vectors_are_the_same_before_and_after() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/model");
    let queries = queries();
    // Of several lengths.
    let few: Vec<String> = [(1, 20), (2, 30), (8, 40)]
        .into_iter()
        .flat_map(|(size, count)| queries[..count].chunks(size).map(|some| some.join(" ")))
        .collect();
    // Batches that are divided among many threads could be too small for two stages.
    let backend = Cpu::with_threads(NonZeroUsize::MIN);
    for (pooling, precision) in
        [(PoolingStrategy::Max, Precision::BFloat16), (PoolingStrategy::Sum, Precision::Float32)]
    {
        let opening = Opening { precision, ..Opening::pooled(Some(pooling)) };
        let model = opening.open(&directory, &backend);
        let before = bits(&model, &few);
        let many: Vec<String> = queries.chunks(8).map(|some| some.join(" ")).collect();
        let many = model.tokenize(Kind::Document, &many, &length(256)).unwrap();
        let mut tokens = 0;
        while tokens < TOKENS {
            let mut of_these = 0;
            let mut progress = |done: Progress| {
                of_these = done.tokens;
                Ok(())
            };
            model.encode_tokenized(&many, &length(256), &mut progress).unwrap();
            assert!(of_these > 1000, "{of_these}");
            tokens += of_these;
        }
        let after = bits(&model, &few);
        assert!(before.iter().flatten().count() > 1000, "nothing compared");
        assert_eq!(before, after, "{pooling}, {precision}");
    }
}
