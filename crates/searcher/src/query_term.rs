//! A term of a query, and what an index has of it.

use spork_core::TermId;
use spork_index::Index;

use crate::Result;

/// What a query gives one field of an index.
#[derive(Clone, Copy, Debug)]
pub struct FieldQuery<'q, T> {
    /// The field's place among those of the manifest.
    pub field: usize,
    /// Terms and weights; for text by BM25 the number of times that the query has the term.
    pub weights: &'q [(T, f32)],
    /// How much the field counts beside the others: see [`Mix`](crate::Mix).
    pub share: f32,
}

/// A term over an index, or over all shards of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TermTotals {
    /// The number of living documents that have it.
    pub df: u32,
    /// The largest impact that it has anywhere.
    pub max_impact: u16,
}

/// A term of a query that a living document has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryTerm {
    /// The place of its field among those of the manifest.
    pub field: usize,
    /// The term.
    pub term: String,
    /// Its integer weight, above zero.
    pub weight: u32,
    /// The number of living documents that have it.
    pub df: u32,
    /// The largest impact that it has in a segment, perhaps in a deleted document.
    pub max_impact: u16,
    /// Its id in each segment that knows it.
    ids: Vec<Option<TermId>>,
}

impl QueryTerm {
    /// The term as an index has it, of weight 0. Its document frequency is 0 if no living document
    /// has it.
    pub(crate) fn find(index: &Index, field: usize, term: &str) -> Result<Self> {
        let mut found = Self { field, term: term.to_owned(), ..Self::default() };
        for segment in index.segments() {
            let id = segment.lexicon().find(segment.summary().counts.term_ids(field), term)?;
            if let Some(id) = id {
                let statistics = segment.statistics(id)?;
                found.df = found.df.saturating_add(statistics.df);
                found.max_impact = found.max_impact.max(statistics.max_impact);
            }
            found.ids.push(id);
        }
        Ok(found)
    }

    /// The same term with an integer weight.
    pub(crate) fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    /// What an index has of it.
    pub(crate) fn totals(&self) -> TermTotals {
        TermTotals { df: self.df, max_impact: self.max_impact }
    }

    /// Its id in a segment, given by its place, if the segment knows it.
    pub(crate) fn id_in(&self, segment: usize) -> Option<TermId> {
        self.ids.get(segment).copied().flatten()
    }
}
