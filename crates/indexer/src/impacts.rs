//! From the numbers and weights of a run to the term ids and impacts of its segment.

use spork_core::{Impact, Quantizer};

use crate::field::FieldTerms;

/// A term without a posting, which is left out of the lexicon.
const NO_ID: u32 = u32::MAX;

/// The terms of a segment that is being built. Those of a field follow those of the fields before,
/// as numbers and as ids.
#[derive(Clone, Copy)]
pub(crate) struct Impacts<'a> {
    /// By term number.
    pub(crate) term_ids: &'a [u32],
    /// The quantizer of each field, with the first term number after the field's.
    pub(crate) quantizers: &'a [(u32, Quantizer)],
}

impl Impacts<'_> {
    /// The place of the field that a term number belongs to.
    pub(crate) fn field(&self, term: u32) -> usize {
        self.quantizers.iter().take_while(|&&(end, _)| end <= term).count()
    }

    /// The term id and impact of a weight; `None` if it rounds to zero.
    #[inline]
    pub(crate) fn posting(&self, term: u32, weight: f32) -> Option<(u32, Impact)> {
        let (_, quantizer) = self.quantizers[self.field(term)];
        let impact = quantizer.quantize(weight).unwrap_or(Impact::MAX);
        (impact > 0).then(|| (self.term_ids[term as usize], impact))
    }

    /// Whether a weight is beyond the largest impact.
    pub(crate) fn is_clipped(&self, term: u32, weight: f32) -> bool {
        self.quantizers[self.field(term)].1.quantize(weight).is_none()
    }
}

/// The numbers of terms of the fields before each.
pub(crate) fn first_terms(fields: &[FieldTerms]) -> Vec<u32> {
    let first = |sum: &mut u32, field: &FieldTerms| {
        let first = *sum;
        *sum += field.terms.len() as u32;
        Some(first)
    };
    fields.iter().scan(0, first).collect()
}

/// The quantizer of each field, with the first term number after the field's.
pub(crate) fn quantizers(fields: &[FieldTerms]) -> Vec<(u32, Quantizer)> {
    let starts = first_terms(fields);
    let ends = fields.iter().zip(starts).map(|(field, start)| start + field.terms.len() as u32);
    ends.zip(fields).map(|(end, field)| (end, field.quantizer)).collect()
}

/// Of each field the term numbers that have a posting, ascending by their terms' bytes.
pub(crate) fn orders(fields: &[FieldTerms]) -> Vec<Vec<u32>> {
    let order = |field: &FieldTerms| {
        let mut order = field.terms.order();
        order.retain(|&number| field.has_posting(number as usize));
        order
    };
    fields.iter().map(order).collect()
}

/// Term ids by term number, from the orders of each field's terms.
pub(crate) fn term_ids(fields: &[FieldTerms], orders: &[Vec<u32>]) -> Vec<u32> {
    let starts = first_terms(fields);
    let mut ids = vec![NO_ID; fields.iter().map(|field| field.terms.len()).sum()];
    let mut next = 0;
    for (order, start) in orders.iter().zip(starts) {
        for &number in order {
            ids[(start + number) as usize] = next;
            next += 1;
        }
    }
    ids
}
