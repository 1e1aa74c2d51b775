//! The number of threads changes no bit.

use std::num::NonZeroUsize;

use spork_encoder_cpu::Cpu;
use spork_model::{EncodeOptions, Kind};

use crate::shared::golden::{Opening, golden_poolings, length, texts, weights};
use crate::shared::small_model::golden_root;
use crate::under_test::{FIXED, same};

/// The weights of all texts' vectors by one backend: in batches of a text each, and of a few.
fn encode(
    backend: &Cpu,
    directory: &str,
    opening: Opening,
    texts: &[String],
) -> Vec<Vec<(u32, f32)>> {
    let model = opening.open(&golden_root().join(directory), backend);
    let sizes = [1, 300];
    let vectors = sizes.map(|size| {
        let options = EncodeOptions { batch_tokens: Some(size), ..length(128) };
        model.encode(Kind::Document, texts, &options).unwrap()
    });
    vectors.concat().iter().map(|vector| weights(vector).into_iter().collect()).collect()
}

#[test]
fn vectors_are_the_same_on_any_number_of_threads() {
    let texts = texts(&golden_root());
    let on = |threads| Cpu { threads: NonZeroUsize::new(threads) };
    for (name, pooling) in golden_poolings() {
        for &precision in FIXED {
            let opening = Opening { precision, ..Opening::pooled(Some(pooling)) };
            let one = encode(&on(1), &name, opening, &texts);
            assert!(one.iter().flatten().count() > 1000, "{name}: nothing compared");
            for threads in [2, 5] {
                let several = encode(&on(threads), &name, opening, &texts);
                let what = format!("{name}, {pooling}, {precision}, {threads} threads");
                assert_same(&several, &one, &what);
            }
        }
    }
}

fn assert_same(several: &[Vec<(u32, f32)>], one: &[Vec<(u32, f32)>], what: &str) {
    for (text, (several, one)) in several.iter().zip(one).enumerate() {
        let equal = several.len() == one.len()
            && several.iter().zip(one).all(|(a, b)| a.0 == b.0 && same(a.1, b.1));
        assert!(equal, "{what}, vector {text}: {several:?}, on one thread {one:?}");
    }
}
