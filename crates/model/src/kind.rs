//! Documents and queries.

use serde::{Deserialize, Serialize};

/// The two kinds of text; some models encode them differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A document, or a passage of one
    #[default]
    Document,
    /// A query
    Query,
}

impl Kind {
    /// "document" or "query".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Query => "query",
        }
    }
}
