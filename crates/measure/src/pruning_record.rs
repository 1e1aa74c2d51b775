//! How an index was pruned, as results in JSON tell it.

use serde::{Deserialize, Serialize};
use spork_index::Manifest;
use spork_indexer::{Pruned, Pruning};

/// How an index was pruned. Answers of such an index are exact with respect to the postings that it
/// kept, not to the collection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PruningRecord {
    /// Share of each document's weights that its terms kept.
    documents: f64,
    /// Quantile of each posting list that was dropped.
    terms: f64,
    /// Postings that were dropped.
    postings: u64,
}

impl PruningRecord {
    /// How the index of this manifest was pruned; none if it was not.
    pub fn of(manifest: &Manifest) -> Option<Self> {
        Pruned::read(&manifest.properties).map(|pruned| Self {
            documents: pruned.pruning.document_mass,
            terms: pruned.pruning.term_quantile,
            postings: pruned.postings,
        })
    }

    /// Such as `documents 0.9, terms 0.25`.
    pub fn label(self) -> String {
        Pruning { document_mass: self.documents, term_quantile: self.terms }.to_string()
    }
}
