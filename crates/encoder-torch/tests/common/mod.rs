//! Helpers of this crate's tests: golden files, tolerances, and a small model made on the spot.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spork_core::SparseVector;
use spork_encoder::Model;
use spork_encoder_torch::Torch;
use spork_model::{EncodeOptions, Kind, LoadOptions, PoolingStrategy};

#[path = "../../../encoder/tests/common/mod.rs"]
mod small_model;

pub(crate) use small_model::*;

/// The results of a reference implementation for one model.
#[derive(Deserialize)]
pub(crate) struct Golden {
    pub(crate) cases: Vec<Case>,
}

/// One text, as one kind, with one length and pooling.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) text_index: usize,
    pub(crate) kind: String,
    pub(crate) max_length: usize,
    pub(crate) pooling: Option<String>,
    pub(crate) ids: Vec<u32>,
    pub(crate) vector: BTreeMap<u32, f32>,
}

impl Case {
    pub(crate) fn kind(&self) -> Kind {
        if self.kind == "query" { Kind::Query } else { Kind::Document }
    }
}

/// The texts and cases of `root/<name>.json`.
pub(crate) fn read_golden(root: &Path, name: &str) -> (Vec<String>, Golden) {
    let read = |file: PathBuf| {
        std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    let texts = serde_json::from_slice(&read(root.join("texts.json"))).unwrap();
    (texts, serde_json::from_slice(&read(root.join(format!("{name}.json")))).unwrap())
}

/// Whether two weights count as equal.
pub(crate) fn close(a: f32, b: f32) -> bool {
    of_tolerance(a, b) <= 1.0
}

/// The difference of two weights as a share of what is allowed: 1e-5 + 1e-4·|b|.
pub(crate) fn of_tolerance(a: f32, b: f32) -> f32 {
    (a - b).abs() / (1e-5 + 1e-4 * b.abs())
}

/// A vector as a map.
pub(crate) fn weights(vector: &SparseVector) -> BTreeMap<u32, f32> {
    vector.entries().iter().map(|&(term, weight)| (term.0, weight)).collect()
}

/// The result of comparing many vectors with their reference.
#[derive(Default, Debug)]
pub(crate) struct Tally {
    pub(crate) vectors: usize,
    pub(crate) weights: usize,
    /// Over weights above 1e-3.
    pub(crate) largest_relative: f32,
    /// The largest [`of_tolerance`].
    pub(crate) largest_share: f32,
    pub(crate) beyond_tolerance: usize,
    /// Terms above 1e-3 on one side only.
    pub(crate) terms_differing: usize,
    /// Those of them that are not within 1e-5 of that limit.
    pub(crate) terms_wrong: usize,
}

/// Terms from here on must be the same on both sides.
const TERM_LIMIT: f32 = 1e-3;

impl Tally {
    /// Compares one vector with the reference's.
    pub(crate) fn compare(&mut self, got: &BTreeMap<u32, f32>, reference: &BTreeMap<u32, f32>) {
        self.vectors += 1;
        let terms: BTreeSet<u32> = got.keys().chain(reference.keys()).copied().collect();
        for term in terms {
            let weight = |side: &BTreeMap<u32, f32>| side.get(&term).copied().unwrap_or(0.0);
            let (a, b) = (weight(got), weight(reference));
            self.weights += 1;
            self.largest_share = self.largest_share.max(of_tolerance(a, b));
            if b > TERM_LIMIT {
                self.largest_relative = self.largest_relative.max((a - b).abs() / b);
            }
            self.beyond_tolerance += usize::from(!close(a, b));
            if (a > TERM_LIMIT) != (b > TERM_LIMIT) {
                self.terms_differing += 1;
                let near = |weight: f32| (weight - TERM_LIMIT).abs() <= 1e-5;
                self.terms_wrong += usize::from(!near(a) || !near(b));
            }
        }
    }

    pub(crate) fn heading() -> String {
        format!(
            "{:<22} {:>5} {:>8} {:>12} {:>14} {:>10} {:>15}",
            "model",
            "cases",
            "weights",
            "max rel diff",
            "max/tolerance",
            "beyond tol",
            "terms differing"
        )
    }

    pub(crate) fn row(&self, name: &str) -> String {
        format!(
            "{name:<22} {:>5} {:>8} {:>12.1e} {:>14.3} {:>10} {:>15}",
            self.vectors,
            self.weights,
            self.largest_relative,
            self.largest_share,
            self.beyond_tolerance,
            self.terms_differing
        )
    }

    pub(crate) fn assert_equal(&self, name: &str) {
        assert!(self.vectors > 0, "{name}: nothing compared");
        assert_eq!((self.beyond_tolerance, self.terms_wrong), (0, 0), "{name}: {self:?}");
    }
}

/// Opens a golden model with the pooling that a case names.
pub(crate) fn open(directory: &Path, pooling: Option<&str>) -> Model {
    open_screened(directory, pooling, true)
}

/// [`open`], with the screen before the decoder or without.
fn open_screened(directory: &Path, pooling: Option<&str>, screening: bool) -> Model {
    let pooling = pooling.map(|pooling| pooling.parse::<PoolingStrategy>().unwrap());
    let options = LoadOptions { pooling, screening, ..LoadOptions::default() };
    Model::open(directory, &options, Some(&Torch)).unwrap_or_else(|error| panic!("{error}"))
}

/// Default options with this maximum length.
pub(crate) fn length(max_length: usize) -> EncodeOptions {
    EncodeOptions { max_length: Some(max_length), ..EncodeOptions::default() }
}

/// Compares a model with all its golden cases: ids, then vectors, the texts of equal settings in
/// shared batches. Once with the screen before the decoder (where the processor has it) and once
/// without.
pub(crate) fn check_parity(root: &Path, name: &str) -> Tally {
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
        groups
            .entry((case.pooling.as_deref(), &case.kind, case.max_length))
            .or_default()
            .push(case);
    }
    let says_pooling = root.join(name).join("modules.json").exists();
    for ((pooling, _, max_length), cases) in groups {
        let model = open_screened(&root.join(name), pooling.filter(|_| !says_pooling), screening);
        let options = length(max_length);
        let kind = cases[0].kind();
        let chosen: Vec<&str> = cases.iter().map(|case| texts[case.text_index].as_str()).collect();
        for case in &cases {
            let ids = model.token_ids(kind, &texts[case.text_index], &options).unwrap();
            assert_eq!(
                ids, case.ids,
                "{name}: the ids of text {} at {max_length}",
                case.text_index
            );
        }
        let vectors =
            model.encode(kind, &chosen, &options).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (case, vector) in cases.iter().zip(&vectors) {
            tally.compare(&weights(vector), &case.vector);
        }
    }
}
