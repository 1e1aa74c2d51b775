//! The record of an encoder in the vectors and indexes that it made.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use spork_core::ENCODER_PROPERTY;

use crate::kind::Kind;

/// The architecture where no network runs.
const TOKENS: &str = "tokens";

/// The description of an encoder and its settings: equal descriptions make equal vectors of equal
/// texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The model's Hub id, or the last segment of its directory.
    pub name: String,
    /// "bert", "distilbert", or "tokens" where no network runs.
    pub architecture: String,
    /// "max" or "sum", with " log1p_relu" behind it where a second logarithm is taken; none without
    /// a network.
    pub pooling: Option<String>,
    /// "fp32", "bf16" or "fp16"; none without a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// The text put before each text.
    #[serde(default)]
    pub prompt: String,
    /// Tokens a text at most, special tokens counted; none where no limit applies.
    pub max_length: Option<usize>,
    /// Terms a text at most.
    pub top_terms: Option<usize>,
    /// Whether only terms of the text itself are kept.
    pub lexical_only: bool,
    /// CRC-32 of all weights in eight hexadecimal digits; none where every token weighs 1. Where a
    /// network's weights are multiplied by a table, CRC-32 of the two checksums.
    pub weights: Option<String>,
    /// CRC-32 of the vocabulary and of a probe's token ids, in eight hexadecimal digits.
    pub tokenizer: String,
    /// The kind of text that this side of the model is for; none where both kinds are encoded
    /// alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Kind>,
}

impl Identity {
    /// Whether vectors of the two can be compared: the same vocabulary, split by the same
    /// tokenizer. Network, pooling and lengths may differ, as between a document encoder and its
    /// own query encoder.
    pub fn fits(&self, other: &Self) -> bool {
        self.tokenizer == other.tokenizer
    }

    /// The checksum of a network whose weights are multiplied by a table.
    pub fn checksum_of_both(network: u32, table: u32) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&network.to_le_bytes());
        crc.update(&table.to_le_bytes());
        crc.finalize()
    }

    /// Whether it is the query side of a model that encodes documents otherwise.
    pub(crate) fn is_query_side(&self) -> bool {
        self.side == Some(Kind::Query) || self.architecture == TOKENS
    }

    /// A checksum as an identity holds it: eight hexadecimal digits.
    pub fn checksum(checksum: u32) -> String {
        format!("{checksum:08x}")
    }
}

/// The record of an encoder in a vectors file or an index: an [`Identity`] as JSON, or the
/// description of an encoder that is not ours. Equal records are equal as JSON values.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderRecord(Value);

impl EncoderRecord {
    /// Reads a record.
    ///
    /// # Errors
    /// Text that is no JSON.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }

    /// The record in an index's properties; none where the index does not say how its vectors were
    /// made.
    ///
    /// # Errors
    /// The property is no JSON.
    pub fn of_properties(
        properties: &BTreeMap<String, String>,
    ) -> Result<Option<Self>, serde_json::Error> {
        properties.get(ENCODER_PROPERTY).map(|json| Self::parse(json)).transpose()
    }

    /// The property by which an index records this: its name and its value.
    pub fn property(&self) -> (String, String) {
        (ENCODER_PROPERTY.to_owned(), self.to_string())
    }

    /// The identity that is recorded.
    ///
    /// # Errors
    /// A record of another kind, with the first key that it lacks.
    pub fn identity(&self) -> Result<Identity, serde_json::Error> {
        Identity::deserialize(&self.0)
    }

    /// The encoder's name, whatever kind of record it is.
    pub fn name(&self) -> Option<&str> {
        self.0.get("name")?.as_str()
    }

    /// The record as a JSON value.
    pub fn into_json(self) -> Value {
        self.0
    }
}

impl From<Value> for EncoderRecord {
    fn from(json: Value) -> Self {
        Self(json)
    }
}

impl TryFrom<&Identity> for EncoderRecord {
    type Error = serde_json::Error;

    fn try_from(identity: &Identity) -> Result<Self, serde_json::Error> {
        serde_json::to_value(identity).map(Self)
    }
}

/// One line of JSON, its keys in alphabetical order.
impl fmt::Display for EncoderRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
