//! The terms of a field while a segment is built.

use spork_core::Quantizer;

use crate::interner::Interner;

/// The terms of a field while a segment is built.
pub(crate) struct FieldTerms {
    pub(crate) terms: Interner,
    /// By term number, its largest weight.
    pub(crate) heaviest: Vec<f32>,
    pub(crate) quantizer: Quantizer,
}

impl FieldTerms {
    /// Bytes that stay allocated until the segment is written, its share of renumbering and
    /// statistics included.
    pub(crate) fn memory(&self) -> u64 {
        self.terms.memory() as u64 + 32 * self.terms.len() as u64
    }

    /// Whether any posting of a term is left when weights are rounded to impacts.
    pub(crate) fn has_posting(&self, number: usize) -> bool {
        self.quantizer.quantize(self.heaviest[number]) != Some(0)
    }
}
