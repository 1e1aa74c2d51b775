//! The answer to a query, and the ways to find it.

use std::time::Duration;

use spork_core::Hit;

use crate::{Certificate, Query, SearchStatistics};

/// How to find the best k. All of these are exact, if no [`Limits`](crate::Limits) are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Block-max pruning for few documents out of many, if it has left enough postings out in
    /// queries before; else term at a time.
    #[default]
    Auto,
    /// Every posting into accumulators of the whole collection, then a sort: the oracle.
    Exhaustive,
    /// Term at a time, a stripe of documents after the other.
    Taat,
    /// Block-max pruning: only blocks of documents whose bounds reach the k-th best score are
    /// scored.
    BlockMax,
}

impl Strategy {
    /// The name on the command line and in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exhaustive => "exhaustive",
            Self::Taat => "taat",
            Self::BlockMax => "block-max",
        }
    }
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Score descending, docid ascending among equals; no document with a score of zero.
    pub hits: Vec<Hit>,
    /// What is known of the documents that were not scored.
    pub certificate: Certificate,
    /// How they were found.
    pub strategy: Strategy,
    /// What it cost.
    pub statistics: SearchStatistics,
    /// How long it took.
    pub time: Duration,
}

impl Ranking {
    /// Whether these are certified to be the best documents of the index for the whole `query`.
    pub fn is_exact(&self, query: &Query) -> bool {
        self.certificate == Certificate::Exact && query.terms_pruned() == 0
    }
}
