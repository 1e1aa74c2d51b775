//! What a segment holds, in numbers.

use std::ops::{AddAssign, Range};

use bincode::{Decode, Encode};
use spork_core::TermId;

/// Numbers of documents, terms and postings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Counts {
    /// Documents, those without terms included.
    pub documents: u32,
    /// Documents without a posting.
    pub empty_documents: u32,
    /// By field.
    pub fields: Vec<FieldCounts>,
}

/// The numbers of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct FieldCounts {
    /// Documents with a posting of the field.
    pub documents: u32,
    /// Terms of the field's lexicon.
    pub terms: u32,
    /// Postings.
    pub postings: u64,
}

impl Counts {
    /// Terms of all fields.
    pub fn terms(&self) -> u32 {
        self.fields.iter().map(|field| field.terms).sum()
    }

    /// Postings of all fields.
    pub fn postings(&self) -> u64 {
        self.fields.iter().fold(0, |sum, field| sum.saturating_add(field.postings))
    }

    /// The term ids of a field, given by its place; none if there is no such field.
    pub fn term_ids(&self, field: usize) -> Range<u32> {
        let before = self.fields.iter().take(field).map(|field| field.terms).sum();
        before..before + self.fields.get(field).map_or(0, |field| field.terms)
    }

    /// The place of the field that a term id belongs to.
    pub fn field_of(&self, term: TermId) -> Option<usize> {
        let mut ends = 0;
        self.fields.iter().position(|field| {
            ends += field.terms;
            term.0 < ends
        })
    }
}

impl AddAssign<&Self> for Counts {
    /// Adds the numbers of another segment. Terms that both have are counted twice.
    fn add_assign(&mut self, other: &Self) {
        // Those of a damaged index may be anything.
        self.documents = self.documents.saturating_add(other.documents);
        self.empty_documents = self.empty_documents.saturating_add(other.empty_documents);
        self.fields.resize(self.fields.len().max(other.fields.len()), FieldCounts::default());
        for (sum, field) in self.fields.iter_mut().zip(&other.fields) {
            sum.documents = sum.documents.saturating_add(field.documents);
            sum.terms = sum.terms.saturating_add(field.terms);
            sum.postings = sum.postings.saturating_add(field.postings);
        }
    }
}
