//! A text's vector is the same alone and in any company: in batches of all sizes, in either order.

use std::collections::BTreeSet;

use spork_core::SparseVector;
use spork_encoder::Model;
use spork_model::{EncodeOptions, Kind};

use super::golden::{Opening, golden_poolings, length, open, texts, weights};
use super::small_model::golden_root;
use crate::under_test::{FIXED, backend, same};

/// Tokens a text at most: the golden models have more positions than this in no case.
const LENGTH: usize = 128;

#[test]
fn a_text_alone_equals_the_text_in_any_batch() {
    let texts = texts(&golden_root());
    for (name, pooling) in golden_poolings() {
        for &precision in FIXED {
            let opening = Opening { precision, ..Opening::pooled(Some(pooling)) };
            let model = opening.open(&golden_root().join(&name), &backend());
            check(&model, Kind::Document, &texts, &format!("{name}, {pooling}, {precision}"));
        }
    }
}

#[test]
fn a_query_of_a_table_alone_equals_the_query_in_any_batch() {
    let model = open(&golden_root().join("st-inference-free"), None);
    check(&model, Kind::Query, &texts(&golden_root()), "st-inference-free");
}

/// Encodes `texts` alone and in batches of every kind of company, and compares.
fn check(model: &Model, kind: Kind, texts: &[String], what: &str) {
    let alone: Vec<SparseVector> = texts
        .iter()
        .map(|text| model.encode(kind, &[text], &length(LENGTH)).unwrap().remove(0))
        .collect();
    assert!(alone.iter().any(|vector| !vector.is_empty()), "{what}: nothing compared");
    let reversed: Vec<&String> = texts.iter().rev().collect();
    for batch_tokens in [1, 64, 500, 100_000] {
        let options = EncodeOptions { batch_tokens: Some(batch_tokens), ..length(LENGTH) };
        let forward = model.encode(kind, texts, &options).unwrap();
        let mut backward = model.encode(kind, &reversed, &options).unwrap();
        backward.reverse();
        for batched in [forward, backward] {
            for (text, (batched, alone)) in batched.iter().zip(&alone).enumerate() {
                let what = format!("{what}, {batch_tokens} tokens a batch, text {text}");
                assert_same(batched, alone, &what);
            }
        }
    }
}

fn assert_same(batched: &SparseVector, alone: &SparseVector, what: &str) {
    let (batched, alone) = (weights(batched), weights(alone));
    let terms: BTreeSet<&u32> = batched.keys().chain(alone.keys()).collect();
    for term in terms {
        let [a, b] = [&batched, &alone].map(|side| side.get(term).copied().unwrap_or(0.0));
        assert!(same(a, b), "{what}, term {term}: {a} in a batch, {b} alone");
    }
}
