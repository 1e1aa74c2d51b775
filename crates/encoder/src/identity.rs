//! What vectors and indexes record about the encoder that made them.

use serde::{Deserialize, Serialize};

/// The description of an encoder and its settings: equal descriptions make equal vectors of equal texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The model's Hub id, or the last segment of its directory.
    pub name: String,
    /// "bert", "distilbert", or "tokens" where no network runs.
    pub architecture: String,
    /// "max" or "sum", with " log1p_relu" behind it where a second logarithm is taken; none without a network.
    pub pooling: Option<String>,
    /// "fp32", "bf16" or "fp16"; none without a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// What is put before each text.
    #[serde(default)]
    pub prompt: String,
    /// Tokens a text at most, special tokens counted; none where no limit applies.
    pub max_length: Option<usize>,
    /// Terms a text at most.
    pub top_terms: Option<usize>,
    /// Whether only terms of the text itself are kept.
    pub lexical_only: bool,
    /// CRC-32 of all weights in eight hexadecimal digits; none where every token weighs 1.
    pub weights: Option<String>,
    /// CRC-32 of the vocabulary and of a probe's token ids, in eight hexadecimal digits.
    pub tokenizer: String,
}

impl Identity {
    /// Whether vectors of the two can be compared: the same vocabulary, split by the same tokenizer. Network,
    /// pooling and lengths may differ, as between a document encoder and its own query encoder.
    pub fn fits(&self, other: &Self) -> bool {
        self.tokenizer == other.tokenizer
    }
}

/// Eight hexadecimal digits.
pub(crate) fn hexadecimal(checksum: u32) -> String {
    format!("{checksum:08x}")
}
