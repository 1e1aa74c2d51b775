//! Golden files: what a reference implementation says of a model and a text.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use spork_core::SparseVector;
use spork_encoder::{Backend, Model};
use spork_model::{EncodeOptions, Kind, LoadOptions, PoolingStrategy, Precision};

use super::small_model::golden_root;
use crate::under_test::backend;

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

/// The golden models: every `<name>.json` that has a folder beside it.
pub(crate) fn golden_models() -> Vec<String> {
    let root = golden_root();
    let files =
        std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let name =
        |file: std::io::Result<std::fs::DirEntry>| file.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = files
        .filter_map(|file| name(file).strip_suffix(".json").map(str::to_owned))
        .filter(|name| root.join(name).is_dir())
        .collect();
    names.sort();
    // "checkpoints" are for the reader of PyTorch files.
    names.retain(|name| name != "checkpoints");
    assert!(names.len() >= 7, "golden models are missing");
    names
}

/// Every golden model in every pooling: where a directory names one, the other overrides it.
pub(crate) fn golden_poolings() -> Vec<(String, PoolingStrategy)> {
    let both = [PoolingStrategy::Max, PoolingStrategy::Sum];
    let of = |name: String| both.map(|pooling| (name.clone(), pooling));
    golden_models().into_iter().flat_map(of).collect()
}

/// Whether a model's directory names its pooling.
pub(crate) fn says_pooling(directory: &Path) -> bool {
    directory.join("modules.json").exists()
}

/// The texts of the golden files.
pub(crate) fn texts(root: &Path) -> Vec<String> {
    serde_json::from_slice(&read(&root.join("texts.json"))).unwrap()
}

/// The texts and cases of `root/<name>.json`.
pub(crate) fn read_golden(root: &Path, name: &str) -> (Vec<String>, Golden) {
    let golden = read(&root.join(format!("{name}.json")));
    (texts(root), serde_json::from_slice(&golden).unwrap())
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// How a model is opened.
#[derive(Clone, Copy)]
pub(crate) struct Opening {
    pub(crate) pooling: Option<PoolingStrategy>,
    pub(crate) precision: Precision,
    pub(crate) screening: bool,
}

impl Opening {
    /// In 32-bit floats, with the screen before the decoder.
    pub(crate) fn pooled(pooling: Option<PoolingStrategy>) -> Self {
        Self { pooling, precision: Precision::Float32, screening: true }
    }

    pub(crate) fn open(self, directory: &Path, backend: &dyn Backend) -> Model {
        let Self { pooling, precision, screening } = self;
        let precision = Some(precision);
        let options = LoadOptions { pooling, precision, screening, ..LoadOptions::default() };
        Model::open(directory, &options, Some(backend)).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Opens a model with the backend under test.
pub(crate) fn open(directory: &Path, pooling: Option<PoolingStrategy>) -> Model {
    Opening::pooled(pooling).open(directory, &backend())
}

/// Default options with this maximum length.
pub(crate) fn length(max_length: usize) -> EncodeOptions {
    EncodeOptions { max_length: Some(max_length), ..EncodeOptions::default() }
}

/// A vector as a map.
pub(crate) fn weights(vector: &SparseVector) -> BTreeMap<u32, f32> {
    vector.entries().iter().map(|&(term, weight)| (term.0, weight)).collect()
}
