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
    /// CIFF files of term counts, weighed by BM25 with the files' lengths of documents.
    Counts {
        /// The files.
        inputs: &'a [PathBuf],
        /// The parameters.
        bm25: Bm25,
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
            Self::Counts { .. } | Self::Text { .. } => FieldSource::Bm25,
        }
    }

    /// The text collections, if that is what the field is made of.
    pub(crate) fn texts(&self) -> Option<&[PathBuf]> {
        match self {
            Self::Text { inputs, .. } => Some(inputs),
            Self::Vectors { .. } | Self::Counts { .. } => None,
        }
    }

    /// The parameters of BM25, if it weighs the field.
    pub(crate) fn bm25(&self) -> Option<Bm25> {
        match self {
            Self::Vectors { .. } => None,
            Self::Counts { bm25, .. } | Self::Text { bm25, .. } => Some(*bm25),
        }
    }

    /// What the index records of the field's provenance.
    pub(crate) fn properties(&self) -> Result<BTreeMap<String, String>> {
        match self {
            Self::Vectors { properties, .. } => Ok((*properties).clone()),
            Self::Counts { bm25, .. } => Ok(bm25.parameters()),
            Self::Text { analyzer, bm25, .. } => Ok(bm25.properties(analyzer)?),
        }
    }
}
