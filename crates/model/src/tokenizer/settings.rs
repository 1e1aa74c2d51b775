//! What a folder says about its tokenizer beside the vocabulary: tokenizer_config.json, and the
//! files that older releases of transformers wrote, added_tokens.json and special_tokens_map.json.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokenizers::{AddedToken, Tokenizer};

use crate::error::{ModelError, Result};
use crate::json;

/// The five tokens that BERT can't do without, by the names of their keys.
const OF_BERT: [(&str, &str); 5] = [
    ("unk_token", "[UNK]"),
    ("sep_token", "[SEP]"),
    ("pad_token", "[PAD]"),
    ("cls_token", "[CLS]"),
    ("mask_token", "[MASK]"),
];

/// Keys of further tokens.
const FURTHER: [&str; 2] = ["bos_token", "eos_token"];
/// Keys of lists of further tokens; the second is what transformers 5 calls the first.
const LISTS: [&str; 2] = ["additional_special_tokens", "extra_special_tokens"];

/// A `model_max_length` beyond this is transformers' way to say that there is none.
const LONGEST_INPUT: f64 = 1e9;

/// The settings of a folder, merged as transformers merges them.
pub(super) struct Settings {
    pub(super) path: PathBuf,
    pub(super) keys: Map<String, Value>,
    /// Tokens beside the vocabulary, in the order of their ids.
    added: Vec<AddedToken>,
}

impl Settings {
    /// Reads what is there; a folder may have none of the files.
    pub(super) fn read(directory: &Path) -> Result<Self> {
        let path = directory.join("tokenizer_config.json");
        let mut keys: Map<String, Value> = json::read_optional(&path)?.unwrap_or_default();
        let added = if let Some(tokens) = keys.get("added_tokens_decoder") {
            decoder(&path, tokens)?
        } else {
            // The older files count only where this key is absent, and then over the newer one.
            let special = directory.join("special_tokens_map.json");
            let special: Map<String, Value> = json::read_optional(&special)?.unwrap_or_default();
            keys.extend(special.into_iter().filter(|(_, token)| !token.is_null()));
            older_added(directory, &keys)?
        };
        Ok(Self { path, keys, added })
    }

    /// A setting that is true or false; `default` where it is not given.
    ///
    /// # Errors
    /// Another value.
    pub(super) fn flag(&self, key: &str, default: bool) -> Result<bool> {
        match self.keys.get(key) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            other => Err(ModelError::setting(&self.path, key, other, "true or false")),
        }
    }

    /// Whether accents are stripped; none where that goes with lower-casing.
    pub(super) fn strip_accents(&self) -> Result<Option<bool>> {
        match self.keys.get("strip_accents") {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.flag("strip_accents", true).map(Some),
        }
    }

    /// The longest input, where there is one.
    pub(super) fn max_length(&self) -> Option<usize> {
        let length = self.keys.get("model_max_length").or_else(|| self.keys.get("max_len"))?;
        let length = length.as_f64()?;
        (1.0..LONGEST_INPUT).contains(&length).then_some(length as usize)
    }

    /// Whether long texts lose their beginning instead of their end.
    pub(super) fn keeps_end(&self) -> Result<bool> {
        match self.keys.get("truncation_side") {
            None | Some(Value::Null) => Ok(false),
            Some(side) if side == "right" => Ok(false),
            Some(side) if side == "left" => Ok(true),
            side => Err(ModelError::setting(
                &self.path,
                "truncation_side",
                side,
                "\"right\" or \"left\"",
            )),
        }
    }

    /// The content of one of BERT's special tokens.
    pub(super) fn special(&self, key: &str) -> String {
        let default = OF_BERT.iter().find(|(name, _)| *name == key).map_or("", |(_, token)| token);
        self.keys.get(key).and_then(content).unwrap_or(default).to_owned()
    }

    /// Adds the tokens that the settings name to a tokenizer that may have some of them already:
    /// those of added_tokens_decoder or added_tokens.json, then the special ones. With
    /// `bert_defaults`, BERT's five are among these whether they are named or not.
    pub(super) fn add_tokens(
        &self,
        tokenizer: &mut Tokenizer,
        bert_defaults: bool,
    ) -> tokenizers::Result<()> {
        let mut special: Vec<AddedToken> = Vec::new();
        for (key, default) in OF_BERT {
            let default = bert_defaults.then(|| AddedToken::from(default, true));
            special.extend(self.keys.get(key).and_then(special_token).or(default));
        }
        special
            .extend(FURTHER.iter().filter_map(|key| self.keys.get(*key).and_then(special_token)));
        let lists = LISTS.iter().filter_map(|key| self.keys.get(*key)?.as_array());
        special.extend(lists.flatten().filter_map(special_token));
        for token in self.added.iter().cloned().chain(special) {
            let known = tokenizer.get_added_vocabulary().get_vocab().contains_key(&token.content);
            if !known {
                tokenizer.add_tokens([token])?;
            }
        }
        tokenizer.set_encode_special_tokens(
            self.keys.get("split_special_tokens").and_then(Value::as_bool).unwrap_or(false),
        );
        Ok(())
    }
}

/// The string of a token: itself, or its "content".
fn content(token: &Value) -> Option<&str> {
    token.get("content").unwrap_or(token).as_str()
}

fn special_token(token: &Value) -> Option<AddedToken> {
    Some(described(content(token)?, token, true))
}

/// A token with the properties that `description` may give.
fn described(content: &str, description: &Value, special: bool) -> AddedToken {
    let flag =
        |key: &str, default| description.get(key).and_then(Value::as_bool).unwrap_or(default);
    AddedToken::from(content, special)
        .single_word(flag("single_word", false))
        .lstrip(flag("lstrip", false))
        .rstrip(flag("rstrip", false))
        .normalized(flag("normalized", !special))
}

/// The tokens of `added_tokens_decoder`: an object from id to token.
fn decoder(path: &Path, tokens: &Value) -> Result<Vec<AddedToken>> {
    const KEY: &str = "added_tokens_decoder";
    let refused = || {
        let expected = "an object from ids to tokens, each with its \"content\"";
        ModelError::setting(path, KEY, Some(tokens), expected)
    };
    let entry = |(id, token): (&String, &Value)| {
        let content = token.get("content")?.as_str()?;
        let special = token.get("special").and_then(Value::as_bool).unwrap_or(false);
        Some((id.parse::<u32>().ok()?, described(content, token, special)))
    };
    let entries = tokens.as_object().ok_or_else(refused)?.iter().map(entry);
    let mut tokens = entries.collect::<Option<Vec<_>>>().ok_or_else(refused)?;
    tokens.sort_by_key(|&(id, _)| id);
    Ok(tokens.into_iter().map(|(_, token)| token).collect())
}

/// The tokens of added_tokens.json: an object from token to id.
fn older_added(directory: &Path, keys: &Map<String, Value>) -> Result<Vec<AddedToken>> {
    let path = directory.join("added_tokens.json");
    let tokens: Map<String, Value> = json::read_optional(&path)?.unwrap_or_default();
    let named: Vec<&str> = keys.values().filter_map(content).collect();
    let mut by_id = Vec::new();
    for (token, id) in &tokens {
        let Some(number) = id.as_u64() else {
            return Err(ModelError::setting(&path, token, Some(id), "the token's id"));
        };
        let special = named.contains(&token.as_str());
        by_id.push((number, AddedToken::from(token.as_str(), special).normalized(!special)));
    }
    by_id.sort_by_key(|&(id, _)| id);
    Ok(by_id.into_iter().map(|(_, token)| token).collect())
}
