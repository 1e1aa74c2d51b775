//! Dense encoders of sentence-transformers: a Transformer without head, the mean of its tokens'
//! states, length 1.
//!
//! Not what this project is for, but what teaches it: one such model scores many pairs of query and
//! document.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{ModelError, Result};
use crate::json;
use crate::kind::Kind;
use crate::modules::Modules;
use crate::sentence_transformers::{Notes, TransformerSettings};

/// The directory of a dense encoder, understood but not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseDirectory {
    /// Holds config.json, weights and tokenizer.
    pub folder: PathBuf,
    /// Tokens a text at most, where the directory says it.
    pub max_length: Option<usize>,
    /// Whether text is lower-cased before the tokenizer's own pipeline.
    pub lowercase: bool,
}

impl DenseDirectory {
    /// Looks at a directory of sentence-transformers: Transformer, Pooling by mean, and perhaps
    /// Normalize.
    ///
    /// # Errors
    /// Another kind of model, or files that are missing or damaged.
    pub fn read(root: &Path) -> Result<Self> {
        let folder = transformer_folder(root)?;
        let mut notes = Notes::default();
        let settings = TransformerSettings::read(&folder, &mut notes)?;
        notes.0.iter().for_each(|note| tracing::warn!("{note}"));
        let max_length = settings.lengths.of(Kind::Document);
        Ok(Self { folder, max_length, lowercase: settings.lowercase })
    }
}

/// config_sentence_transformers.json.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Prompts {
    prompts: Map<String, Value>,
}

/// Where the Transformer lies, once all modules are known to be understood.
fn transformer_folder(directory: &Path) -> Result<PathBuf> {
    let modules = Modules::read_optional(directory)?.ok_or_else(|| ModelError::Absent {
        directory: directory.to_owned(),
        sought: "modules.json",
        remedy: "give the directory of a sentence-transformers model".to_owned(),
    })?;
    let kinds = modules.kinds();
    if !matches!(
        kinds.as_slice(),
        ["Transformer", "Pooling"] | ["Transformer", "Pooling", "Normalize"]
    ) {
        let found = format!("[{}]", kinds.join(", "));
        return Err(ModelError::NotDense { path: modules.path().to_owned(), found });
    }
    check_pooling(&modules.folder(1).join("config.json"))?;
    let path = directory.join("config_sentence_transformers.json");
    let prompts: Prompts = json::read_optional(&path)?.unwrap_or_default();
    let some = prompts
        .prompts
        .iter()
        .find(|(_, prompt)| prompt.as_str().is_some_and(|text| !text.is_empty()));
    if let Some((name, prompt)) = some {
        let expected = "no prompt (a dense model that needs prompts is not supported)";
        return Err(ModelError::setting(
            &path,
            &format!("the prompt {name:?}"),
            Some(prompt),
            expected,
        ));
    }
    Ok(modules.folder(0))
}

/// Accepts pooling by mean alone, as both generations of sentence-transformers write it.
fn check_pooling(path: &Path) -> Result<()> {
    let keys: Map<String, Value> = json::read(path)?;
    let on = |name: &str| keys.get(name).and_then(Value::as_bool);
    if let Some(mode) = keys.get("pooling_mode") {
        let mean = mode == "mean"
            || mode.as_array().is_some_and(|modes| modes.len() == 1 && modes[0] == "mean");
        return if mean {
            Ok(())
        } else {
            Err(ModelError::setting(path, "pooling_mode", Some(mode), "\"mean\""))
        };
    }
    let others = keys.keys().find(|key| {
        key.starts_with("pooling_mode_")
            && *key != "pooling_mode_mean_tokens"
            && on(key) == Some(true)
    });
    if let Some(other) = others {
        let expected = "false (only pooling by mean is supported)";
        return Err(ModelError::setting(path, other, keys.get(other), expected));
    }
    if on("pooling_mode_mean_tokens") == Some(false) {
        let key = "pooling_mode_mean_tokens";
        return Err(ModelError::setting(path, key, keys.get(key), "true"));
    }
    Ok(())
}
