//! A small model made on the spot, whose files a test can spoil.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::{Path, PathBuf};

use spork_encoder::{Backend, EncodeError, Model, Result};
use spork_model::{LoadOptions, NetworkConfig, PoolingStrategy};

/// The folder of the committed golden files.
pub(crate) fn golden_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/golden")
}

/// A small BERT made on the spot, whose files a test can spoil.
pub(crate) struct SmallModel {
    pub(crate) folder: tempfile::TempDir,
}

/// The vocabulary of [`SmallModel`].
pub(crate) const WORDS: [&str; 14] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "quick", "fox", "##es", "jump", "##ed",
    "over", ".", "é",
];

impl SmallModel {
    /// Vocabulary of [`WORDS`] padded to 16 rows, width 8, two layers of two heads, 32 positions,
    /// tied decoder.
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

    /// Whatever `config` describes, with the tensors that it implies.
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
        let config = NetworkConfig::read(self.path()).unwrap();
        let tensors = config.expected_tensors().into_iter().filter(|tensor| tensor.required);
        tensors.map(|t| (t.name, t.shape.iter().map(|&n| n as usize).collect())).collect()
    }

    /// Writes model.safetensors with pseudo-random float32 values that depend on the name only.
    pub(crate) fn write_tensors(&self, tensors: &[(String, Vec<usize>)]) {
        write_tensors(&self.path().join("model.safetensors"), tensors);
    }

    pub(crate) fn open(&self, options: &LoadOptions, backend: &dyn Backend) -> Result<Model> {
        Model::open(self.path(), options, Some(backend))
    }

    pub(crate) fn open_max(&self, backend: &dyn Backend) -> Result<Model> {
        self.open(
            &LoadOptions { pooling: Some(PoolingStrategy::Max), ..LoadOptions::default() },
            backend,
        )
    }
}

/// Writes a safetensors file of pseudo-random values around 0, seeded by each tensor's name.
pub(crate) fn write_tensors(path: &Path, tensors: &[(String, Vec<usize>)]) {
    let values = |name: &str, count: usize| {
        let mut state = name
            .bytes()
            .fold(7u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).flat_map(|_| next().to_le_bytes()).collect::<Vec<u8>>()
    };
    let data: Vec<Vec<u8>> =
        tensors.iter().map(|(name, shape)| values(name, shape.iter().product())).collect();
    let views = tensors.iter().zip(&data).map(|((name, shape), bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes)
                .unwrap();
        (name.clone(), view)
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// The error of a model that must not open.
pub(crate) fn refusal(opened: Result<Model>) -> EncodeError {
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
