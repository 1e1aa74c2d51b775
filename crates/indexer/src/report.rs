//! The outcome of an indexing run.

use spork_bm25::CollectionStatistics;
use spork_index::{Manifest, SegmentSummary};

use crate::records::RecordReport;

/// A new segment, and what was left out of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The manifest of the index.
    pub manifest: Manifest,
    /// The new segment.
    pub summary: SegmentSummary,
    /// What became of the documents' records; none where none are stored.
    pub records: Option<RecordReport>,
    /// Documents of the index that it replaced.
    pub replaced: u32,
    /// In the order of the manifest's fields.
    pub fields: Vec<FieldReport>,
}

/// What a field's input held that the index does not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FieldReport {
    /// Documents in the input.
    pub documents: u64,
    /// Weights of zero in the input, which have no posting.
    pub zeros: u64,
    /// Weights under half the scale, which have no posting either.
    pub rounded_to_zero: u64,
    /// Weights beyond 65,535 times the scale, which have the largest impact.
    pub clipped: u64,
    /// Weights that were pruned, which have no posting either.
    pub pruned: u64,
    /// The collection's statistics that BM25 used; none for vectors.
    pub text: Option<CollectionStatistics>,
}

impl Report {
    /// Weights of zero in all input.
    pub fn zeros(&self) -> u64 {
        self.fields.iter().map(|field| field.zeros).sum()
    }

    /// Weights under half the scale of their field.
    pub fn rounded_to_zero(&self) -> u64 {
        self.fields.iter().map(|field| field.rounded_to_zero).sum()
    }

    /// Weights beyond 65,535 times the scale of their field.
    pub fn clipped(&self) -> u64 {
        self.fields.iter().map(|field| field.clipped).sum()
    }

    /// Weights that were pruned.
    pub fn pruned(&self) -> u64 {
        self.fields.iter().map(|field| field.pruned).sum()
    }
}
