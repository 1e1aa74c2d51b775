//! The record of an index's pruning, in the manifest's properties.

use std::collections::BTreeMap;

use super::Pruning;

const DOCUMENTS: &str = "pruned_documents";
const TERMS: &str = "pruned_terms";
const POSTINGS: &str = "pruned_postings";

/// How an index was pruned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pruned {
    /// The criteria.
    pub pruning: Pruning,
    /// Postings that were dropped.
    pub postings: u64,
}

impl Pruning {
    /// Whether nothing is dropped.
    pub fn keeps_all(self) -> bool {
        self == Self::default()
    }

    pub(crate) fn properties(self, postings: u64) -> Vec<(String, String)> {
        if self.keeps_all() {
            return Vec::new();
        }
        let values = [
            (DOCUMENTS, self.document_mass.to_string()),
            (TERMS, self.term_quantile.to_string()),
            (POSTINGS, postings.to_string()),
        ];
        values.map(|(key, value)| (key.to_owned(), value)).to_vec()
    }
}

impl Pruned {
    /// The pruning that the properties of an index record; none if it was not pruned.
    pub fn read(properties: &BTreeMap<String, String>) -> Option<Self> {
        let number = |key| properties.get(key).and_then(|value| value.parse().ok());
        Some(Self {
            pruning: Pruning { document_mass: number(DOCUMENTS)?, term_quantile: number(TERMS)? },
            postings: properties.get(POSTINGS)?.parse().ok()?,
        })
    }
}

impl std::fmt::Display for Pruning {
    /// Such as `documents 0.9, terms 0.25`; only what drops something.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let documents =
            (self.document_mass < 1.0).then(|| format!("documents {}", self.document_mass));
        let terms = (self.term_quantile > 0.0).then(|| format!("terms {}", self.term_quantile));
        let parts: Vec<String> = documents.into_iter().chain(terms).collect();
        f.write_str(&parts.join(", "))
    }
}
