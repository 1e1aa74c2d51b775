//! Which tokenizer a folder asks for: the class that transformers would load.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{ModelError, Result};
use crate::json;

/// How a tokenizer is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// BERT's pipeline over a vocabulary, whatever else tokenizer.json holds. Its settings are
    /// those of tokenizer_config.json, and transformers' own defaults for keys that it lacks.
    Bert,
    /// What tokenizer.json says, as it stands.
    Stored,
}

/// Classes of transformers, without "Fast", that are BERT's under another name.
const BERT: [&str; 9] = [
    "BertTokenizer",
    "DistilBertTokenizer",
    "DPRContextEncoderTokenizer",
    "DPRQuestionEncoderTokenizer",
    "DPRReaderTokenizer",
    "ElectraTokenizer",
    "LayoutLMTokenizer",
    "MobileBertTokenizer",
    "SqueezeBertTokenizer",
];

/// Classes, without "Fast", that stand for whatever tokenizer.json holds.
const STORED: [&str; 3] = ["PreTrainedTokenizer", "PythonBackend", "TokenizersBackend"];

/// Classes that split text in Python, whatever tokenizer.json says, and how.
const PYTHON: [(&str, &str); 7] = [
    ("BertJapaneseTokenizer", "it splits words by MeCab, Sudachi or Juman++"),
    ("BertweetTokenizer", "it normalizes tweets and splits by its own code"),
    ("BlenderbotSmallTokenizer", "it splits by its own code"),
    ("CanineTokenizer", "its tokens are characters"),
    ("FlaubertTokenizer", "it splits by Moses' rules"),
    ("PhobertTokenizer", "it splits by its own code"),
    ("RoCBertTokenizer", "its network reads shapes and pronunciations too"),
];

/// Classes that transformers builds in their own way from the vocabulary of tokenizer.json.
const REBUILT: [&str; 20] = [
    "AlbertTokenizer",
    "BartTokenizer",
    "BertGenerationTokenizer",
    "BigBirdTokenizer",
    "CamembertTokenizer",
    "CLIPTokenizer",
    "DebertaTokenizer",
    "DebertaV2Tokenizer",
    "FunnelTokenizer",
    "GPT2Tokenizer",
    "HerbertTokenizer",
    "LlamaTokenizer",
    "LongformerTokenizer",
    "MPNetTokenizer",
    "RemBertTokenizer",
    "RobertaTokenizer",
    "SplinterTokenizer",
    "T5Tokenizer",
    "XLMRobertaTokenizer",
    "XLNetTokenizer",
];

/// Keys by which BertJapaneseTokenizer chooses how to split, with the value that means BERT's way.
const SPLITTERS: [(&str, &str); 5] = [
    ("word_tokenizer_type", "basic"),
    ("subword_tokenizer_type", "wordpiece"),
    ("mecab_kwargs", ""),
    ("sudachi_kwargs", ""),
    ("jumanpp_kwargs", ""),
];

/// The model types of config.json whose tokenizer is BERT's where nothing else is said.
const BERT_MODELS: [&str; 3] = ["bert", "distilbert", "electra"];

impl Class {
    /// The class that tokenizer_config.json names, or else config.json, or else the one that goes
    /// with the network. `whole` is whether there is a tokenizer.json.
    ///
    /// # Errors
    /// A class that splits text in a way of its own, by name.
    pub(super) fn of(directory: &Path, settings: &Map<String, Value>, whole: bool) -> Result<Self> {
        let path = directory.join("tokenizer_config.json");
        let network_path = directory.join("config.json");
        let network: Map<String, Value> = json::read_optional(&network_path)?.unwrap_or_default();
        let class_in = |keys: &Map<String, Value>| {
            keys.get("tokenizer_class").and_then(Value::as_str).map(str::to_owned)
        };
        let named = class_in(settings).map(|name| (path.clone(), name));
        let named = named.or_else(|| class_in(&network).map(|name| (network_path, name)));
        let own_code = settings.get("auto_map").is_some_and(has_own_code);
        let known = named.as_ref().is_some_and(|(_, name)| is_known(name));
        if own_code && !known {
            return Err(unsupported(
                path,
                "auto_map",
                "it is Python code that came with the model",
            ));
        }
        if own_code {
            tracing::warn!(
                "{}: auto_map names Python code, which is not run; the tokenizer_class counts, as \
                 in transformers without trust_remote_code",
                path.display()
            );
        }
        let class = match named {
            Some((path, name)) => Self::named(path, &name, whole)?,
            None => Self::of_network(&network, whole),
        };
        match SPLITTERS.iter().find(|(key, own)| is_set_otherwise(settings.get(*key), own)) {
            Some((key, _)) => {
                let why = "it makes a Japanese tokenizer split words by a program of its own";
                Err(unsupported(path, key, why))
            }
            None => Ok(class),
        }
    }

    fn named(path: PathBuf, name: &str, whole: bool) -> Result<Self> {
        let class = name.strip_suffix("Fast").unwrap_or(name);
        if let Some((_, why)) = PYTHON.iter().find(|(python, _)| *python == class) {
            return Err(unsupported(path, name, why));
        }
        if BERT.contains(&class) {
            return Ok(Self::Bert);
        }
        if !whole {
            let why = "only BERT's own can be built from vocab.txt, and there is no tokenizer.json";
            return Err(unsupported(path, name, why));
        }
        if REBUILT.contains(&class) {
            let why = "transformers builds it by rules of its own; where tokenizer.json alone is \
                       right, name the class PreTrainedTokenizerFast";
            return Err(unsupported(path, name, why));
        }
        if !STORED.contains(&class) {
            tracing::warn!(
                "{}: tokenizer_class is {name}; tokenizer.json is taken as it is, without what \
                 that class may add",
                path.display()
            );
        }
        Ok(Self::Stored)
    }

    fn of_network(network: &Map<String, Value>, whole: bool) -> Self {
        let kind = network.get("model_type").and_then(Value::as_str);
        // A vocab.txt alone has no other reading.
        if !whole || kind.is_some_and(|kind| BERT_MODELS.contains(&kind)) {
            Self::Bert
        } else {
            Self::Stored
        }
    }
}

fn is_known(name: &str) -> bool {
    let class = name.strip_suffix("Fast").unwrap_or(name);
    BERT.contains(&class) || STORED.contains(&class)
}

/// Whether `auto_map` names a tokenizer: a list in old files, an object in new ones.
fn has_own_code(map: &Value) -> bool {
    match map {
        Value::Array(classes) => classes.iter().any(|class| !class.is_null()),
        Value::Object(classes) => classes.get("AutoTokenizer").is_some_and(has_own_code),
        Value::String(_) => true,
        _ => false,
    }
}

fn is_set_otherwise(value: Option<&Value>, own: &str) -> bool {
    value.is_some_and(|value| !value.is_null() && value != own)
}

fn unsupported(path: PathBuf, name: &str, why: &str) -> ModelError {
    ModelError::TokenizerClass { path, name: name.to_owned(), why: why.to_owned() }
}
