//! The header of a file: the settings of all its vectors.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::shard::Shard;

/// The start of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// How weights are stored.
    pub weights: WeightFormat,
    /// The encoder's description of itself, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<Value>,
    /// Which part of a collection this is; none if it is all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

impl Header {
    /// What differs in `other`, by name: `max_length 128, not 64`.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let keys: BTreeSet<String> =
            [self, other].into_iter().flat_map(|header| header.settings().into_keys()).collect();
        let (own, others) = (self.settings(), other.settings());
        let word = |settings: &BTreeMap<String, String>, key| {
            settings.get(key).cloned().unwrap_or_else(|| "none".to_owned())
        };
        let differ = keys.iter().filter(|key| own.get(*key) != others.get(*key));
        differ.map(|key| format!("{key} {}, not {}", word(&own, key), word(&others, key))).collect()
    }

    /// All settings, each by its name.
    fn settings(&self) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        let mut add = |key: &str, value: &Value| {
            let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            settings.insert(key.to_owned(), word);
        };
        match &self.encoder {
            Some(Value::Object(encoder)) => {
                for (key, value) in encoder.iter().filter(|(_, value)| !value.is_null()) {
                    // Apart from the weights of the vectors.
                    add(
                        if key == "weights" { "checksum of the model's weights" } else { key },
                        value,
                    );
                }
            }
            Some(other) => add("encoder", other),
            None => {}
        }
        add("weights", &serde_json::to_value(self.weights).unwrap_or_default());
        if let Some(shard) = self.shard {
            add("shard", &Value::String(shard.to_string()));
        }
        settings
    }
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum WeightFormat {
    /// 32-bit floats, as computed by the network.
    #[default]
    F32,
    /// 16-bit floats: 11 significant bits.
    F16,
    /// 255 steps from 0 to the vector's largest weight; weights under half a step are left out.
    U8,
}
