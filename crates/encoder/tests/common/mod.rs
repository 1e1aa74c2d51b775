//! What the tests of this crate share: golden files, tolerances, and a small model made on the spot.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spork_core::SparseVector;
use spork_encoder::{EncodeError, EncodeOptions, Kind, LoadOptions, Model, Strategy};

/// What a reference implementation computed for one model.
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

/// The folder of the committed golden files.
pub(crate) fn golden_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The texts and cases of `root/<name>.json`.
pub(crate) fn read_golden(root: &Path, name: &str) -> (Vec<String>, Golden) {
    let read =
        |file: PathBuf| std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
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

/// What comparing many vectors with their reference found.
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
    /// Of those, the ones not within 1e-5 of that limit.
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
            "model", "cases", "weights", "max rel diff", "max/tolerance", "beyond tol", "terms differing"
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
fn open_screened(directory: &Path, pooling: Option<&str>, screen: bool) -> Model {
    let pooling = pooling.map(|pooling| pooling.parse::<Strategy>().unwrap());
    let options = LoadOptions { pooling, screen, ..LoadOptions::default() };
    Model::open(directory, &options).unwrap_or_else(|error| panic!("{error}"))
}

/// Default options with this maximum length.
pub(crate) fn length(max_length: usize) -> EncodeOptions {
    EncodeOptions { max_length: Some(max_length), ..EncodeOptions::default() }
}

/// Compares a model with all its golden cases: ids, then vectors, the texts of equal settings in shared batches. Once
/// with the screen before the decoder (where the processor has it) and once without.
pub(crate) fn check_parity(root: &Path, name: &str) -> Tally {
    let mut tally = Tally::default();
    for screen in [true, false] {
        compare_all(root, name, screen, &mut tally);
    }
    tally
}

fn compare_all(root: &Path, name: &str, screen: bool, tally: &mut Tally) {
    let (texts, golden) = read_golden(root, name);
    let mut groups: BTreeMap<(Option<&str>, &str, usize), Vec<&Case>> = BTreeMap::new();
    for case in &golden.cases {
        groups.entry((case.pooling.as_deref(), &case.kind, case.max_length)).or_default().push(case);
    }
    let says_pooling = root.join(name).join("modules.json").exists();
    for ((pooling, _, max_length), cases) in groups {
        let model = open_screened(&root.join(name), pooling.filter(|_| !says_pooling), screen);
        let options = length(max_length);
        let kind = cases[0].kind();
        let chosen: Vec<&str> = cases.iter().map(|case| texts[case.text_index].as_str()).collect();
        for case in &cases {
            let ids = model.token_ids(kind, &texts[case.text_index], &options).unwrap();
            assert_eq!(ids, case.ids, "{name}: the ids of text {} at {max_length}", case.text_index);
        }
        let vectors = model.encode(kind, &chosen, &options).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (case, vector) in cases.iter().zip(&vectors) {
            tally.compare(&weights(vector), &case.vector);
        }
    }
}

/// A small BERT made on the spot, whose files a test can spoil.
pub(crate) struct SmallModel {
    pub(crate) folder: tempfile::TempDir,
}

/// The vocabulary of [`SmallModel`].
pub(crate) const WORDS: [&str; 14] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "quick", "fox", "##es", "jump", "##ed", "over", ".",
    "é",
];

impl SmallModel {
    /// Vocabulary of [`WORDS`] padded to 16 rows, width 8, two layers of two heads, 32 positions, tied decoder.
    pub(crate) fn bert() -> Self {
        Self::new(serde_json::json!({
            "model_type": "bert", "vocab_size": 16, "hidden_size": 8, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 32, "hidden_act": "gelu_new"
        }))
    }

    /// The same as a DistilBERT.
    pub(crate) fn distilbert() -> Self {
        Self::new(serde_json::json!({
            "model_type": "distilbert", "vocab_size": 16, "dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 12,
            "max_position_embeddings": 32, "activation": "relu"
        }))
    }

    /// Whatever `config` describes, with the tensors that it asks for.
    pub(crate) fn new(config: serde_json::Value) -> Self {
        let model = Self { folder: tempfile::tempdir().unwrap() };
        model.write("config.json", &config.to_string());
        model.write("vocab.txt", &WORDS.join("\n"));
        model.write("tokenizer_config.json", r#"{"do_lower_case": true, "model_max_length": 24}"#);
        model.write_tensors(&model.expected());
        model
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, file: &str, content: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Name and shape of every tensor that must be there.
    pub(crate) fn expected(&self) -> Vec<(String, Vec<usize>)> {
        let config = spork_encoder::config::NetworkConfig::read(self.path()).unwrap();
        let tensors = config.expected_tensors().into_iter().filter(|tensor| tensor.required);
        tensors.map(|t| (t.name, t.shape.iter().map(|&n| n as usize).collect())).collect()
    }

    /// Writes model.safetensors with pseudo-random float32 values that depend on the name only.
    pub(crate) fn write_tensors(&self, tensors: &[(String, Vec<usize>)]) {
        write_tensors(&self.path().join("model.safetensors"), tensors);
    }

    pub(crate) fn open(&self, options: &LoadOptions) -> spork_encoder::Result<Model> {
        Model::open(self.path(), options)
    }

    pub(crate) fn open_max(&self) -> spork_encoder::Result<Model> {
        self.open(&LoadOptions { pooling: Some(Strategy::Max), ..LoadOptions::default() })
    }
}

/// Writes a safetensors file of pseudo-random values around 0, seeded by each tensor's name.
pub(crate) fn write_tensors(path: &Path, tensors: &[(String, Vec<usize>)]) {
    let values = |name: &str, count: usize| {
        let mut state =
            name.bytes().fold(7u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).flat_map(|_| next().to_le_bytes()).collect::<Vec<u8>>()
    };
    let data: Vec<Vec<u8>> =
        tensors.iter().map(|(name, shape)| values(name, shape.iter().product())).collect();
    let views = tensors.iter().zip(&data).map(|((name, shape), bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).unwrap();
        (name.clone(), view)
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// The error of a model that must not open.
pub(crate) fn refused(model: &SmallModel) -> EncodeError {
    refusal(model.open_max())
}

pub(crate) fn refusal(opened: spork_encoder::Result<Model>) -> EncodeError {
    match opened {
        Ok(model) => panic!("{} was opened", model.name()),
        Err(error) => error,
    }
}

/// That the message names all of this.
pub(crate) fn says(error: &EncodeError, words: &[&str]) {
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}
