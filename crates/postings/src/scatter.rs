//! Postings with explicit docids, added to scores one by one. The bound on the query rules overflow
//! out; sums wrap so that a damaged index can't stop the program.

use std::ops::Range;

use spork_core::Impact;

use crate::layout::{BLOCK, STRIPE, WINDOW_BLOCKS};
use crate::shapes::pairs::Slots;
use crate::shapes::sparse::SparseList;
use crate::stripe_groups::BlockPlaces;

/// Adds weight × impact of each posting to the scores of consecutive documents, of which `first` is
/// the window's number of the first and is not above that of any posting, up to the first posting
/// of another document. Returns the postings before that one.
pub(crate) fn add_sparse<'f>(
    scores: &mut [u32],
    first: usize,
    list: SparseList<'f>,
    weight: u32,
) -> SparseList<'f> {
    let mut added = 0;
    while let Some(&docid) = list.docids.get(added) {
        // Below `first`, as a damaged list may have it, it wraps and ends the list.
        let place = usize::from(u16::from_le_bytes(docid)).wrapping_sub(first);
        let Some(score) = scores.get_mut(place) else { break };
        add(score, weight, list.impacts.get(added).into());
        added += 1;
    }
    list.split_at(added).0
}

/// Adds weight × impact of the postings in some blocks of the window to the scores of a stripe.
/// Returns their number.
pub(crate) fn add_sparse_apart(
    scores: &mut [u32; STRIPE],
    blocks: &BlockPlaces,
    list: SparseList<'_>,
    weight: u32,
) -> u64 {
    let mut postings = 0;
    for (i, &docid) in list.docids.iter().enumerate() {
        if let Some(place) = blocks.of(u16::from_le_bytes(docid)) {
            add(&mut scores[place % STRIPE], weight, list.impacts.get(i).into());
            postings += 1;
        }
    }
    postings
}

/// Adds weight × impact of each slot to the scores of a stripe that are at `places`, of which the
/// first slot's is number `first`.
#[inline(always)]
pub(crate) fn add_slots(
    scores: &mut [u32; STRIPE],
    places: Range<usize>,
    first: usize,
    slots: Slots<'_>,
    weight: u32,
) {
    let (first, last) = (places.start + first, places.end - 1);
    match slots {
        // Slots of a damaged list may go further; what matters is that they stay where scores are
        // cleared, here everywhere.
        Slots::Bytes(pairs) if places == (0..STRIPE) => add_pairs(pairs, first, |at, impact| {
            add(&mut scores[at % STRIPE], weight, impact.into());
        }),
        Slots::Bytes(pairs) => add_pairs(pairs, first, |at, impact| {
            add(&mut scores[at.min(last) % STRIPE], weight, impact.into());
        }),
        Slots::Words(gaps, impacts) => {
            let mut at = first;
            for (i, (&gap, &impact)) in gaps.iter().zip(impacts).enumerate() {
                at += if i == 0 { 0 } else { usize::from(gap) };
                add(&mut scores[at.min(last) % STRIPE], weight, u16::from_le_bytes(impact).into());
            }
        }
    }
}

/// Calls `add` with the document and the impact of each slot.
#[inline(always)]
fn add_pairs(pairs: &[[u8; 2]], first: usize, mut add: impl FnMut(usize, u8)) {
    let Some((&[_, impact], rest)) = pairs.split_first() else { return };
    add(first, impact);
    let mut at = first;
    let mut step = |&[gap, impact]: &[u8; 2]| {
        at += usize::from(gap);
        add(at, impact);
    };
    let (fours, rest) = rest.as_chunks::<4>();
    for four in fours {
        four.iter().for_each(&mut step);
    }
    rest.iter().for_each(step);
}

#[inline]
fn add(score: &mut u32, weight: u32, impact: u32) {
    *score = score.wrapping_add(weight.wrapping_mul(impact));
}

/// Adds weight × largest impact to the bound of each block that the list has postings in.
pub(crate) fn add_sparse_bounds(bounds: &mut [u32], list: SparseList<'_>, weight: u32) {
    // No branch tells where a block begins: whether the next posting is in the same block can't be
    // predicted.
    let mut most: [Impact; WINDOW_BLOCKS] = [0; WINDOW_BLOCKS];
    for i in 0..list.docids.len() {
        let (docid, impact) = list.posting(i);
        let block = usize::from(docid) / BLOCK;
        if let Some(sum) = bounds.get_mut(block) {
            let more = impact.saturating_sub(most[block]);
            most[block] += more;
            *sum = sum.saturating_add(weight.wrapping_mul(more.into()));
        }
    }
}
