//! `config.json` of a Hugging Face directory: which network it is, its sizes, and the tensors it
//! must have.

use std::path::Path;

use serde_json::{Map, Value};

use crate::checkpoint::Expected;
use crate::error::{ModelError, Result};
use crate::json;
use crate::tensor_names::Architecture;

/// The non-linearity of the feed-forward layers and of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x·Φ(x), exact.
    Gelu,
    /// x·Φ(x) through the tanh approximation.
    GeluTanh,
    /// max(x, 0).
    Relu,
}

/// The sizes of a network. Names in the field's words; BERT's keys in brackets.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkConfig {
    /// Which network.
    pub architecture: Architecture,
    /// Rows of the word embedding and width of the logits (`vocab_size`); may exceed the
    /// tokenizer's.
    pub vocabulary: i64,
    /// Width of a token's state (`hidden_size`).
    pub width: i64,
    /// Number of layers (`num_hidden_layers`).
    pub layers: i64,
    /// Attention heads a layer (`num_attention_heads`); divides `width`.
    pub heads: i64,
    /// Width inside the feed-forward part (`intermediate_size`).
    pub feed_forward: i64,
    /// Longest input in tokens (`max_position_embeddings`).
    pub positions: i64,
    /// Rows of the token type embedding (`type_vocab_size`), of which the first is used; none in
    /// DistilBERT.
    pub token_types: i64,
    /// The non-linearity (`hidden_act`).
    pub activation: Activation,
    /// Added to the variance in layer norms (`layer_norm_eps`).
    pub norm_epsilon: f64,
    /// Whether the decoder may be absent and is then the word embedding (`tie_word_embeddings`).
    pub tied_decoder: bool,
}

/// No size in a config.json is above this: a damaged one is refused before memory is allocated.
const LARGEST_SIZE: i64 = 1 << 24;
/// Deeper than any network of this kind.
const LARGEST_DEPTH: i64 = 1 << 10;

impl NetworkConfig {
    /// Reads `config.json` in `directory`.
    ///
    /// # Errors
    /// No such file, broken JSON, another architecture, or a size that is missing or can't be.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join("config.json");
        if !path.exists() {
            return Err(ModelError::Absent {
                directory: directory.to_owned(),
                sought: "config.json",
                remedy: "give the directory of a Hugging Face or sentence-transformers model"
                    .to_owned(),
            });
        }
        let keys: Map<String, Value> = json::read(&path)?;
        Keys { path: &path, keys: &keys }.config()
    }

    /// The tensors that a masked-language model of this configuration has.
    pub fn expected_tensors(&self) -> Vec<Expected> {
        let mut expected = self.expected_encoder_tensors();
        expected.extend(self.expected_head_tensors());
        expected
    }

    /// The tensors of embeddings and layers: all that an encoder without head has.
    pub fn expected_encoder_tensors(&self) -> Vec<Expected> {
        let (width, inner) = (self.width, self.feed_forward);
        let names = self.architecture.names();
        let mut tensors = Tensors::default();
        tensors.add(format!("{}.weight", names.words), &[self.vocabulary, width]);
        tensors.add(format!("{}.weight", names.positions), &[self.positions, width]);
        if let Some(name) = names.token_types {
            tensors.add(format!("{name}.weight"), &[self.token_types, width]);
        }
        tensors.norm(names.embedding_norm, width);
        for number in 0..self.layers {
            let layer = self.architecture.layer_names(number);
            for name in [&layer.query, &layer.key, &layer.value, &layer.attention_output] {
                tensors.dense(name, width, width);
            }
            tensors.norm(&layer.attention_norm, width);
            tensors.dense(&layer.expand, inner, width);
            tensors.dense(&layer.contract, width, inner);
            tensors.norm(&layer.output_norm, width);
        }
        tensors.0
    }

    /// The tensors of the masked-language-model head.
    pub fn expected_head_tensors(&self) -> Vec<Expected> {
        let names = self.architecture.names();
        let mut tensors = Tensors::default();
        tensors.dense(names.head_dense, self.width, self.width);
        tensors.norm(names.head_norm, self.width);
        tensors.add(names.decoder_weight.to_owned(), &[self.vocabulary, self.width]);
        if let Some(decoder) = tensors.0.last_mut() {
            decoder.required = !self.tied_decoder;
        }
        tensors.add(names.decoder_bias.to_owned(), &[self.vocabulary]);
        tensors.0
    }
}

/// A list of expected tensors under construction.
#[derive(Default)]
struct Tensors(Vec<Expected>);

impl Tensors {
    fn add(&mut self, name: String, shape: &[i64]) {
        self.0.push(Expected { name, shape: shape.to_vec(), required: true });
    }

    fn dense(&mut self, name: &str, outputs: i64, inputs: i64) {
        self.add(format!("{name}.weight"), &[outputs, inputs]);
        self.add(format!("{name}.bias"), &[outputs]);
    }

    fn norm(&mut self, name: &str, width: i64) {
        self.add(format!("{name}.weight"), &[width]);
        self.add(format!("{name}.bias"), &[width]);
    }
}

/// The keys of one config.json, read with errors that name file and key.
struct Keys<'a> {
    path: &'a Path,
    keys: &'a Map<String, Value>,
}

impl Keys<'_> {
    fn config(&self) -> Result<NetworkConfig> {
        let architecture = self.architecture()?;
        let distil = architecture == Architecture::DistilBert;
        let config = NetworkConfig {
            architecture,
            vocabulary: self.size(&["vocab_size"], LARGEST_SIZE, None)?,
            width: self.size(&["dim", "hidden_size"], LARGEST_SIZE, None)?,
            layers: self.size(&["n_layers", "num_hidden_layers"], LARGEST_DEPTH, None)?,
            heads: self.size(&["n_heads", "num_attention_heads"], LARGEST_SIZE, None)?,
            feed_forward: self.size(&["hidden_dim", "intermediate_size"], LARGEST_SIZE, None)?,
            positions: self.size(&["max_position_embeddings"], LARGEST_SIZE, Some(512))?,
            token_types: if distil {
                0
            } else {
                self.size(&["type_vocab_size"], LARGEST_SIZE, Some(2))?
            },
            activation: self.activation()?,
            // DistilBERT has no such key.
            norm_epsilon: if distil { 1e-12 } else { self.epsilon()? },
            tied_decoder: self
                .keys
                .get("tie_word_embeddings")
                .and_then(Value::as_bool)
                .unwrap_or(true),
        };
        self.check_attention(&config)?;
        Ok(config)
    }

    fn architecture(&self) -> Result<Architecture> {
        // Files from before `model_type` say only which class was saved.
        let class = || {
            self.keys
                .get("architectures")
                .and_then(|classes| classes.get(0))
                .and_then(Value::as_str)
        };
        let named =
            self.keys.get("model_type").and_then(Value::as_str).or_else(class).unwrap_or_default();
        match named {
            "bert" | "BertForMaskedLM" => Ok(Architecture::Bert),
            "distilbert" | "DistilBertForMaskedLM" => Ok(Architecture::DistilBert),
            _ => {
                Err(ModelError::Architecture { path: self.path.to_owned(), got: named.to_owned() })
            }
        }
    }

    /// The first of `keys` that is there; each architecture has its own word for the same size.
    fn size(&self, keys: &[&str], most: i64, default: Option<i64>) -> Result<i64> {
        let found = keys.iter().find_map(|&key| self.keys.get(key).map(|value| (key, value)));
        match (found, default) {
            (None, Some(default)) => Ok(default),
            (None, None) => {
                let key = keys.join(" or ");
                Err(ModelError::setting(
                    self.path,
                    &key,
                    None,
                    format!("an integer from 1 to {most}"),
                ))
            }
            (Some((key, value)), _) => {
                value.as_i64().filter(|size| (1..=most).contains(size)).ok_or_else(|| {
                    ModelError::setting(
                        self.path,
                        key,
                        Some(value),
                        format!("an integer from 1 to {most}"),
                    )
                })
            }
        }
    }

    fn activation(&self) -> Result<Activation> {
        let (key, value) = ["activation", "hidden_act"]
            .into_iter()
            .find_map(|key| self.keys.get(key).map(|value| (key, value)))
            .unwrap_or(("hidden_act", &Value::Null));
        match value.as_str() {
            Some("gelu" | "gelu_python") => Ok(Activation::Gelu),
            Some("gelu_new" | "gelu_fast" | "gelu_pytorch_tanh") => Ok(Activation::GeluTanh),
            Some("relu") => Ok(Activation::Relu),
            None if value.is_null() => Ok(Activation::Gelu),
            _ => Err(ModelError::setting(self.path, key, Some(value), "gelu, gelu_new or relu")),
        }
    }

    fn epsilon(&self) -> Result<f64> {
        let Some(value) = self.keys.get("layer_norm_eps") else { return Ok(1e-12) };
        value.as_f64().filter(|epsilon| (0.0..1.0).contains(epsilon)).ok_or_else(|| {
            ModelError::setting(self.path, "layer_norm_eps", Some(value), "a number from 0 to 1")
        })
    }

    fn check_attention(&self, config: &NetworkConfig) -> Result<()> {
        if config.width % config.heads != 0 {
            let expected = format!("a divisor of the width {}", config.width);
            let heads = Value::from(config.heads);
            return Err(ModelError::setting(
                self.path,
                "num_attention_heads",
                Some(&heads),
                expected,
            ));
        }
        match self.keys.get("position_embedding_type") {
            Some(kind) if !kind.is_null() && kind != "absolute" => Err(ModelError::setting(
                self.path,
                "position_embedding_type",
                Some(kind),
                "\"absolute\"",
            )),
            _ => Ok(()),
        }
    }
}
