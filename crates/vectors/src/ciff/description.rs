//! What a file of ours says of its numbers, as JSON in the header's description.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the numbers of postings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// Term counts, to be weighed by BM25
    Counts,
    /// Impacts: weights as they are
    Impacts,
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counts => "counts",
            Self::Impacts => "impacts",
        })
    }
}

/// The description that our own files have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// What the numbers of postings are.
    pub values: Values,
    /// The weight of impact 1 in the vectors that the file was made of; absent where it is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// The encoder's description of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<serde_json::Value>,
    /// The program that wrote the file.
    #[serde(default)]
    pub writer: String,
}

impl Description {
    /// The description in a header's text, if it is one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
