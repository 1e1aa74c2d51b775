//! The largest impact of each block of documents, in a byte.

use spork_core::Impact;

use crate::layout::{BLOCK, BYTE_IMPACT};

/// An upper bound on a list's impacts in each block of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<'f> {
    /// For each [`BLOCK`] of documents, an upper bound of its impacts once shifted left by `shift`;
    /// 0 only if it has none.
    pub(crate) bytes: &'f [u8],
    /// The number of bits that bounds were shifted by: 0 where impacts are bytes.
    pub(crate) shift: u32,
}

impl<'f> Bounds<'f> {
    /// Splits the bounds off a list of a window of `documents` documents; `None` if it is too
    /// short.
    pub(crate) fn split(
        bytes: &'f [u8],
        documents: usize,
        max_impact: Impact,
    ) -> Option<(Self, &'f [u8])> {
        let (bytes, rest) = bytes.split_at_checked(documents.div_ceil(BLOCK))?;
        Some((Self { bytes, shift: shift_of(max_impact) }, rest))
    }
}

/// Appends the bounds of a list.
pub(crate) fn encode(
    data: &mut Vec<u8>,
    documents: usize,
    docids: &[u16],
    impacts: &[Impact],
    max_impact: Impact,
) {
    let (start, shift) = (data.len(), shift_of(max_impact));
    data.resize(start + documents.div_ceil(BLOCK), 0);
    for (&docid, &impact) in docids.iter().zip(impacts) {
        let bound = &mut data[start + usize::from(docid) / BLOCK];
        *bound = (*bound).max(bound_of(impact, shift).min(255) as u8);
    }
}

/// The least shift with which `max_impact`, rounded up, fits a byte.
fn shift_of(max_impact: Impact) -> u32 {
    (0..9).find(|&shift| bound_of(max_impact, shift) <= u32::from(BYTE_IMPACT)).unwrap_or(9)
}

fn bound_of(impact: Impact, shift: u32) -> u32 {
    (u32::from(impact) + (1 << shift) - 1) >> shift
}
