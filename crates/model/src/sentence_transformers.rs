//! The settings of sentence-transformers that change vectors. Keys that are not known here are
//! noted by name, to be warned of: a newer release may read them.

use std::fmt::Display;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{ModelError, Result};
use crate::json;
use crate::pooling::{Pooling, PoolingStrategy, Saturation};
use crate::route::Lengths;

/// What a user should be told of a directory once, when it is loaded.
#[derive(Default)]
pub(crate) struct Notes(pub(crate) Vec<String>);

impl Notes {
    fn add(&mut self, path: &Path, what: impl Display) {
        self.0.push(format!("{}: {what}", path.display()));
    }

    /// Names the keys that are not among `known`.
    pub(crate) fn unknown(&mut self, path: &Path, keys: &Map<String, Value>, known: &[&str]) {
        let unknown: Vec<String> = keys
            .iter()
            .filter(|(key, value)| !known.contains(&key.as_str()) && !value.is_null())
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        if !unknown.is_empty() {
            let unknown = unknown.join(", ");
            let what = format_args!("not read, and perhaps of effect on the vectors: {unknown}");
            self.add(path, what);
        }
    }
}

/// The settings of the model as a whole: config_sentence_transformers.json.
#[derive(Default)]
pub(crate) struct ModelSettings {
    pub(crate) document_prompt: String,
    pub(crate) query_prompt: String,
    /// Terms a text at most.
    pub(crate) most_terms: Option<usize>,
}

/// Keys of config_sentence_transformers.json that change no vector, or are read here.
const OF_MODEL: [&str; 7] = [
    "__version__",
    "default_prompt_name",
    "max_active_dims",
    "model_type",
    "prompts",
    "similarity_fn_name",
    "truncate_dim",
];

impl ModelSettings {
    pub(crate) fn read(root: &Path, notes: &mut Notes) -> Result<Self> {
        let path = root.join("config_sentence_transformers.json");
        let keys: Map<String, Value> = json::read_optional(&path)?.unwrap_or_default();
        notes.unknown(&path, &keys, &OF_MODEL);
        let prompts = match keys.get("prompts") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(prompts)) => prompts.clone(),
            other => return Err(ModelError::setting(&path, "prompts", other, "an object")),
        };
        note_prompts(&path, &prompts, notes);
        let prompt = |kind: &str| match prompts.get(kind) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(prompt)) => Ok(prompt.clone()),
            other => Err(ModelError::setting(&path, kind, other, "a prompt (a string)")),
        };
        if let Some(Value::String(name)) = keys.get("similarity_fn_name")
            && name != "dot"
        {
            notes.add(
                &path,
                format_args!(
                    "the model was made for the similarity {name:?}; Spork ranks by dot products"
                ),
            );
        }
        Ok(Self {
            document_prompt: prompt("document")?,
            query_prompt: prompt("query")?,
            most_terms: count(&path, &keys, "max_active_dims")?,
        })
    }
}

/// Prompts of other names are used by nobody who encodes queries and documents.
fn note_prompts(path: &Path, prompts: &Map<String, Value>, notes: &mut Notes) {
    for name in ["passage", "corpus"] {
        let text = prompts.get(name).and_then(Value::as_str).unwrap_or_default();
        if !text.is_empty() && !prompts.contains_key("document") {
            notes.add(
                path,
                format_args!(
                    "the prompt {name:?} is not put before documents; only one called \"document\" \
                     is, as in sentence-transformers 6"
                ),
            );
        }
    }
}

/// The settings of a Transformer module.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct TransformerSettings {
    pub(crate) lengths: Lengths,
    /// Whether text is lower-cased before the tokenizer's own pipeline.
    pub(crate) lowercase: bool,
}

/// Where they are, the first that there is; releases named the file after the network.
const FILES: [&str; 7] = [
    "sentence_bert_config.json",
    "sentence_roberta_config.json",
    "sentence_distilbert_config.json",
    "sentence_camembert_config.json",
    "sentence_albert_config.json",
    "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
];

/// Keys that change no vector, or are read here.
const OF_TRANSFORMER: [&str; 17] = [
    "backend",
    "config_args",
    "config_kwargs",
    "do_lower_case",
    "document_length",
    "max_seq_length",
    "modality_config",
    "model_args",
    "model_kwargs",
    "module_output_name",
    "processing_kwargs",
    "processor_kwargs",
    "query_expansion",
    "query_length",
    "tokenizer_args",
    "transformer_task",
    "unpad_inputs",
];

impl TransformerSettings {
    pub(crate) fn read(folder: &Path, notes: &mut Notes) -> Result<Self> {
        for file in FILES {
            let path = folder.join(file);
            let keys: Option<Map<String, Value>> = json::read_optional(&path)?;
            if let Some(keys) = keys.filter(|keys| !keys.is_empty()) {
                return Self::from_keys(&path, &keys, notes);
            }
        }
        Ok(Self::default())
    }

    fn from_keys(path: &Path, keys: &Map<String, Value>, notes: &mut Notes) -> Result<Self> {
        notes.unknown(path, keys, &OF_TRANSFORMER);
        for key in ["model_args", "model_kwargs", "config_args", "config_kwargs"] {
            notes.unknown(path, &object(path, keys, key)?, &ARGUMENTS);
        }
        if let Some(expansion) = keys.get("query_expansion").filter(|value| !value.is_null()) {
            let expected = "null (queries that are padded to a length are not supported)";
            return Err(ModelError::setting(path, "query_expansion", Some(expansion), expected));
        }
        let lowercase = match keys.get("do_lower_case") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(lowercase)) => *lowercase,
            other => {
                return Err(ModelError::setting(path, "do_lower_case", other, "true or false"));
            }
        };
        Ok(Self { lengths: lengths(path, keys, notes)?, lowercase })
    }

    /// Refuses a network that computes something else than logits of the vocabulary.
    pub(crate) fn check_task(folder: &Path) -> Result<()> {
        let path = folder.join(FILES[0]);
        let keys: Map<String, Value> = json::read_optional(&path)?.unwrap_or_default();
        match keys.get("transformer_task") {
            Some(task) if !task.is_null() && task != "fill-mask" => {
                let expected = "\"fill-mask\", the network with its masked-language-model head";
                Err(ModelError::setting(&path, "transformer_task", Some(task), expected))
            }
            _ => Ok(()),
        }
    }
}

/// Arguments to transformers that change no vector, or that options of Spork stand for.
const ARGUMENTS: [&str; 4] = ["attn_implementation", "dtype", "torch_dtype", "trust_remote_code"];

/// Tokens a text at most. A length for the call counts over one for the kind of text, and that over
/// one for the tokenizer.
fn lengths(path: &Path, keys: &Map<String, Value>, notes: &mut Notes) -> Result<Lengths> {
    let own = count(path, keys, "max_seq_length")?;
    let mut both = own;
    for key in ["tokenizer_args", "processor_kwargs"] {
        let arguments = object(path, keys, key)?;
        both = count(path, &arguments, "model_max_length")?.or(both);
        notes.unknown(path, &arguments, &["model_max_length", "trust_remote_code"]);
    }
    let call = object(path, keys, "processing_kwargs")?;
    let mut called = None;
    for modality in ["text", "common"] {
        let arguments = object(path, &call, modality)?;
        called = count(path, &arguments, "max_length")?.or(called);
        notes.unknown(path, &arguments, &["max_length", "padding", "pad_to_multiple_of"]);
    }
    Ok(Lengths {
        both,
        document: called.or(count(path, keys, "document_length")?),
        query: called.or(count(path, keys, "query_length")?),
    })
}

/// A count above zero; none for null or an absent key.
fn count(path: &Path, keys: &Map<String, Value>, key: &str) -> Result<Option<usize>> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(None),
        value => {
            match value.and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok()) {
                Some(count) if count > 0 => Ok(Some(count)),
                _ => Err(ModelError::setting(path, key, value, "a positive integer")),
            }
        }
    }
}

/// An object under `key`; an empty one for null or an absent key.
fn object(path: &Path, keys: &Map<String, Value>, key: &str) -> Result<Map<String, Value>> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object.clone()),
        other => Err(ModelError::setting(path, key, other, "an object")),
    }
}

/// config.json of a SpladePooling; what it leaves out has sentence-transformers' defaults.
#[derive(Deserialize)]
#[serde(default)]
struct PoolingConfig {
    pooling_strategy: PoolingStrategy,
    activation_function: Saturation,
}

impl Default for PoolingConfig {
    fn default() -> Self {
        Self { pooling_strategy: PoolingStrategy::Max, activation_function: Saturation::Log }
    }
}

const OF_POOLING: [&str; 5] = [
    "activation_function",
    "chunk_size",
    "embedding_dimension",
    "pooling_strategy",
    "word_embedding_dimension",
];

/// The pooling of the module in `folder`.
pub(crate) fn read_pooling(folder: &Path, notes: &mut Notes) -> Result<Pooling> {
    let path = folder.join("config.json");
    let Some(config) = json::read_optional::<PoolingConfig>(&path)? else {
        return Err(ModelError::Absent {
            directory: folder.to_owned(),
            sought: "config.json",
            remedy: "download this module's folder too: it says how the model pools".to_owned(),
        });
    };
    notes.unknown(&path, &json::read(&path)?, &OF_POOLING);
    Ok(Pooling { strategy: config.pooling_strategy, saturation: config.activation_function })
}
