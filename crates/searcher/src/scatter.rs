//! Postings that name their documents, added to scores one by one. The bound on the query rules overflow out; sums wrap
//! so that a damaged index can't stop the program.

use spork_index::{BLOCK, Slots, SparseList, UNIT, WINDOW};

/// Scores of the documents of a block.
pub(crate) type BlockScores = [u32; BLOCK];

/// Blocks of a unit.
pub(crate) const UNIT_BLOCKS: usize = UNIT / BLOCK;

/// Adds weight × impact of each posting to the scores of a window. Postings beyond them are left out: a damaged list may
/// have some.
pub(crate) fn add_sparse(scores: &mut [BlockScores], list: SparseList<'_>, weight: u32) {
    for i in 0..list.docids.len() {
        let (docid, impact) = list.posting(i);
        if let Some(block) = scores.get_mut(usize::from(docid) / BLOCK) {
            add(&mut block[usize::from(docid) % BLOCK], weight, impact.into());
        }
    }
}

/// Adds weight × impact of each slot of a window.
pub(crate) fn add_slots(scores: &mut [u32; WINDOW], slots: Slots<'_>, weight: u32) {
    let mut docid = 0u16;
    match slots {
        Slots::Bytes(pairs) => {
            for &[gap, impact] in pairs {
                docid = docid.wrapping_add(gap.into());
                add(&mut scores[usize::from(docid)], weight, impact.into());
            }
        }
        Slots::Words(gaps, impacts) => {
            for (&gap, &impact) in gaps.iter().zip(impacts) {
                docid = docid.wrapping_add(gap.into());
                add(&mut scores[usize::from(docid)], weight, u16::from_le_bytes(impact).into());
            }
        }
    }
}

/// Adds weight × impact of each slot of a unit, whose first stands at `first`. Returns how many are postings.
pub(crate) fn add_unit(scores: &mut [u32; UNIT], first: u8, slots: Slots<'_>, weight: u32) -> usize {
    let (mut low, mut postings) = (first, 0);
    for i in 0..slots.len() {
        let (gap, impact) = slots.get(i);
        low = if i == 0 { first } else { low.wrapping_add(gap) };
        postings += usize::from(impact > 0);
        add(&mut scores[usize::from(low)], weight, impact.into());
    }
    postings
}

#[inline]
fn add(score: &mut u32, weight: u32, impact: u32) {
    *score = score.wrapping_add(weight.wrapping_mul(impact));
}

/// Adds weight × largest impact to the bound of each block that the list has postings in.
pub(crate) fn add_sparse_bounds(bounds: &mut [u32], list: SparseList<'_>, weight: u32) {
    let (mut at, mut most) = (usize::MAX, 0);
    let mut add = |at: usize, most: u32| {
        if let Some(sum) = bounds.get_mut(at) {
            *sum = sum.saturating_add(weight.wrapping_mul(most));
        }
    };
    for i in 0..list.docids.len() {
        let (docid, impact) = list.posting(i);
        let here = usize::from(docid) / BLOCK;
        if here != at {
            add(at, most);
            (at, most) = (here, 0);
        }
        most = most.max(u32::from(impact));
    }
    add(at, most);
}
