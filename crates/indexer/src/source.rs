//! What a field is made of.

use std::collections::BTreeMap;
use std::path::PathBuf;

use spork_bm25::{Analyzer, Bm25};
use spork_index::FieldSource;

use crate::Result;

/// The input of one field.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// Files of sparse vectors.
    Vectors {
        /// JSONL or `.svec`.
        inputs: &'a [PathBuf],
        /// Recorded in the index: the encoder that made them.
        properties: &'a BTreeMap<String, String>,
    },
    /// Text collections, weighed by BM25.
    Text {
        /// BEIR JSONL or `id<TAB>text`.
        inputs: &'a [PathBuf],
        /// How text becomes terms.
        analyzer: &'a Analyzer,
        /// The parameters.
        bm25: Bm25,
    },
}

impl Source<'_> {
    pub(crate) fn kind(&self) -> FieldSource {
        match self {
            Self::Vectors { .. } => FieldSource::Vectors,
            Self::Text { .. } => FieldSource::Bm25,
        }
    }

    /// What the index records of the field's provenance.
    pub(crate) fn properties(&self) -> Result<BTreeMap<String, String>> {
        match self {
            Self::Vectors { properties, .. } => Ok((*properties).clone()),
            Self::Text { analyzer, bm25, .. } => Ok(bm25.properties(analyzer)?),
        }
    }
}
