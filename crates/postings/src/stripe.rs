//! Scoring blocks of a window, term at a time.
//!
//! A window is scored in stripes of a few groups of blocks, whose scores stay in the first-level
//! cache. Postings with explicit docids are added one by one, bitmap lists a block at a time, and
//! what is high enough goes to the top k.

use std::ops::Range;

use spork_core::{DocId, DocnoOrder, TopDocuments};

use crate::SearchStatistics;
use crate::kernel::{Groups, Simd};
use crate::layout::{
    BLOCK, BlockSet, GROUP_BLOCKS, GroupScores, STRIPE, STRIPE_GROUPS, UNIT, WINDOW, docid_in,
    for_each_bit,
};
use crate::prefetch::{prefetch, prefetch_later};
use crate::query_lists::WindowLists;
use crate::scatter::{add_slots, add_sparse};
use crate::selection::Selection;
use crate::shapes::pairs::Slots;

/// Blocks of a unit.
const UNIT_BLOCKS: usize = UNIT / BLOCK;
/// Units of a stripe.
const STRIPE_UNITS: usize = STRIPE / UNIT;

/// The scores of a stripe. All zero between stripes.
#[derive(Debug, Default)]
pub struct StripeScores {
    groups: Box<Aligned>,
}

/// Scores on cache lines of their own: vectors that cross lines cost twice.
#[derive(Debug)]
#[repr(align(64))]
struct Aligned([GroupScores; STRIPE_GROUPS]);

impl Default for Aligned {
    fn default() -> Self {
        Self([[[0; BLOCK]; GROUP_BLOCKS]; STRIPE_GROUPS])
    }
}

/// Scores blocks and keeps the best documents.
pub struct Scorer<'s> {
    /// The instructions to use.
    pub simd: Simd,
    /// The accumulators, reused from stripe to stripe.
    pub scores: &'s mut StripeScores,
    /// The docid in the index of the segment's first document.
    pub first: DocId,
    /// How documents of the segment with equal scores are ordered.
    pub order: DocnoOrder<'s>,
    /// The documents that may be found; `None` for all.
    pub selection: Option<Selection<'s>>,
    /// The best documents so far.
    pub top: &'s mut TopDocuments,
    /// The work so far.
    pub statistics: &'s mut SearchStatistics,
}

impl Scorer<'_> {
    /// Scores the `wanted` blocks of a window and offers their documents to the top k.
    pub fn score(&mut self, lists: WindowLists<'_, '_>, wanted: &BlockSet) {
        let first = lists.first;
        let allowed = Allowed {
            order: self.order,
            selection: self.selection.map(|all| all.window(first.0 as usize / WINDOW)),
        };
        self.top.enter(self.first);
        self.scores.score(lists, wanted, self.simd, allowed, self.top, self.statistics);
    }
}

/// The documents of a window that may be found, and how they are ordered.
#[derive(Clone, Copy)]
struct Allowed<'s> {
    order: DocnoOrder<'s>,
    selection: Option<Selection<'s>>,
}

impl StripeScores {
    fn score(
        &mut self,
        lists: WindowLists<'_, '_>,
        wanted: &BlockSet,
        simd: Simd,
        allowed: Allowed<'_>,
        top: &mut TopDocuments,
        statistics: &mut SearchStatistics,
    ) {
        // Counting the postings among slots is expensive, and for all slots not needed.
        let whole = wanted.len() == lists.documents.div_ceil(BLOCK);
        if whole {
            statistics.postings += lists.pairs.iter().map(|list| list.postings as u64).sum::<u64>();
        }
        for (stripe, wanted) in wanted.stripes().iter().enumerate() {
            let Some(units) = units_of(wanted) else { continue };
            self.add_explicit(lists, stripe * STRIPE_UNITS, units.clone(), whole, statistics);
            let groups = Groups { first: stripe * STRIPE_GROUPS, wanted };
            let postings = simd.add_bitmaps(lists.bitmaps, groups, &mut self.groups.0)
                + simd.add_masks(lists.masks, groups, &mut self.groups.0);
            self.pick(lists, stripe * STRIPE, wanted, simd, allowed, top);
            self.documents()[units.start * UNIT..units.end * UNIT].fill(0);
            let blocks: u64 = wanted.iter().map(|blocks| u64::from(blocks.count_ones())).sum();
            statistics.blocks += blocks;
            statistics.postings += postings;
            statistics.bytes +=
                postings + blocks * 8 * (lists.bitmaps.len() + lists.masks.len()) as u64;
        }
    }

    /// The scores by document. The array type carries the length to the kernels; the compiler knows
    /// it here too and removes the `unreachable`.
    fn documents(&mut self) -> &mut [u32; STRIPE] {
        let scores = self.groups.0.as_flattened_mut().as_flattened_mut();
        scores
            .first_chunk_mut()
            .unwrap_or_else(|| unreachable!("a stripe's groups are its documents"))
    }

    /// Adds the lists with explicit docids in `units` of the stripe, whose first unit is `first`;
    /// `whole` tells that all of the window is scored.
    fn add_explicit(
        &mut self,
        lists: WindowLists<'_, '_>,
        first: usize,
        units: Range<usize>,
        whole: bool,
        statistics: &mut SearchStatistics,
    ) {
        let scores = self.documents();
        let documents = units.start * UNIT..units.end * UNIT;
        let start = first * UNIT + documents.start;
        for list in lists.unbounded() {
            let part = list.list.range(start..start + documents.len());
            add_sparse(&mut scores[documents.clone()], start, part, list.weight);
            statistics.postings += part.docids.len() as u64;
            statistics.bytes += part.bytes() as u64;
        }
        let there = first + units.start..first + units.end;
        for (i, list) in lists.pairs.iter().enumerate() {
            prefetch_later(
                lists.pairs,
                i,
                1,
                |list| prefetch(list.list.head(there.clone())),
                |list| match list.list.units(there.clone()) {
                    Some((_, Slots::Bytes(slots))) => slots.as_flattened(),
                    _ => &[],
                },
            )
            .next_slot();
            // A damaged list loses its units.
            let Some((first, slots)) = list.list.units(there.clone()) else { continue };
            add_slots(scores, documents.start + first, documents.end - 1, slots, list.weight);
            if !whole {
                statistics.postings += list.list.postings(slots) as u64;
            }
            statistics.bytes += slots.bytes() as u64;
        }
    }

    /// Offers the documents of `wanted` blocks to the top k. The stripe's first document is the
    /// window's `start`th.
    fn pick(
        &mut self,
        lists: WindowLists<'_, '_>,
        start: usize,
        wanted: &[u16; STRIPE_GROUPS],
        simd: Simd,
        allowed: Allowed<'_>,
        top: &mut TopDocuments,
    ) {
        for (group, (scores, &wanted)) in self.groups.0.iter().zip(wanted).enumerate() {
            if wanted == 0 {
                continue;
            }
            let scores = scores.as_flattened();
            let threshold = top.threshold().max(1);
            simd.at_least(scores, threshold, &mut |block, high| {
                if wanted >> block & 1 == 0 {
                    return;
                }
                let number = start / BLOCK + group * GROUP_BLOCKS + block;
                let high = allowed.selection.map_or(high, |all| high & all.block(number));
                for_each_bit(high, |bit| {
                    let i = block * BLOCK + bit;
                    let docid = start + group * GROUP_BLOCKS * BLOCK + i;
                    // A damaged list may name documents that are not there.
                    if docid < lists.documents {
                        top.push(docid_in(lists.first, docid), scores[i], allowed.order);
                    }
                });
            });
        }
    }
}

/// The units of a stripe from the first to the last wanted block; `None` if none is wanted.
fn units_of(wanted: &[u16; STRIPE_GROUPS]) -> Option<Range<usize>> {
    let all =
        wanted.iter().rev().fold(0u128, |all, &group| all << GROUP_BLOCKS | u128::from(group));
    let first = all.trailing_zeros() as usize / UNIT_BLOCKS;
    let end = (u128::BITS - all.leading_zeros()).div_ceil(UNIT_BLOCKS as u32) as usize;
    (all != 0).then_some(first..end)
}

const _: () = assert!(STRIPE_GROUPS * GROUP_BLOCKS == u128::BITS as usize);
