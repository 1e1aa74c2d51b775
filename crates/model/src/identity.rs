//! What an encoder says of itself.

use serde::{Deserialize, Serialize};

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
    /// What computed the network: "rust" or "torch"; none without a network, or of versions that
    /// did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// The level of instructions on which the last digits of weights depend, such as "avx512"; none
    /// where there is no such level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
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
