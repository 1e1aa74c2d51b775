//! Scoring blocks of a window, term at a time.
//!
//! A window is scored in runs of a few groups of blocks, whose scores stay in the first-level cache. Postings that name their
//! documents are added one by one, bitmap lists a block at a time, and what is high enough goes to the top k.

use std::ops::Range;

use spork_core::{DocId, TopK};
use spork_index::{BLOCK, GROUP_BLOCKS, Slots, UNIT, WINDOW};

use crate::SearchStatistics;
use crate::kernel::{GroupScores, Groups, Simd, add_bitmaps, add_masks, at_least, prefetch, read_ahead};
use crate::lists::WindowLists;
use crate::scatter::{add_slots, add_sparse};

/// Blocks of a window.
pub(crate) const BLOCKS: usize = WINDOW / BLOCK;
/// Groups of a window.
pub(crate) const GROUPS: usize = BLOCKS / GROUP_BLOCKS;
/// Groups of a run: 32 KiB of scores.
pub(crate) const RUN_GROUPS: usize = 8;
/// Documents of a run.
pub(crate) const RUN: usize = RUN_GROUPS * GROUP_BLOCKS * BLOCK;
/// Blocks of a unit.
const UNIT_BLOCKS: usize = UNIT / BLOCK;
/// Units of a run.
const RUN_UNITS: usize = RUN / UNIT;

/// Blocks of a window, a bit each.
pub(crate) type BlockSet = [u16; GROUPS];

/// Adds a block of the window to a set.
pub(crate) fn insert(blocks: &mut BlockSet, block: usize) {
    blocks[block / GROUP_BLOCKS] |= 1 << (block % GROUP_BLOCKS);
}

/// Calls `each` with the number of every bit that is one.
pub(crate) fn for_each_bit(mut bits: u64, mut each: impl FnMut(usize)) {
    while bits != 0 {
        each(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The scores of a run. All zero between runs.
#[derive(Debug, Default)]
pub(crate) struct RunScores {
    groups: Box<Aligned>,
}

/// Scores on cache lines of their own: vectors that cross lines cost twice.
#[derive(Debug)]
#[repr(align(64))]
struct Aligned([GroupScores; RUN_GROUPS]);

impl Default for Aligned {
    fn default() -> Self {
        Self([[[0; BLOCK]; GROUP_BLOCKS]; RUN_GROUPS])
    }
}

/// What scores blocks and keeps the best documents.
pub(crate) struct Scorer<'s> {
    pub(crate) simd: Simd,
    pub(crate) scores: &'s mut RunScores,
    pub(crate) top: &'s mut TopK,
    pub(crate) statistics: &'s mut SearchStatistics,
}

impl Scorer<'_> {
    /// Scores the `wanted` blocks of a window and offers their documents to the top k.
    pub(crate) fn score(&mut self, lists: WindowLists<'_, '_>, wanted: &BlockSet) {
        self.scores.score(lists, wanted, self.simd, self.top, self.statistics);
    }
}

impl RunScores {
    fn score(
        &mut self,
        lists: WindowLists<'_, '_>,
        wanted: &BlockSet,
        simd: Simd,
        top: &mut TopK,
        statistics: &mut SearchStatistics,
    ) {
        // Counting the postings among slots is dear, and for all slots not needed.
        let blocks: u32 = wanted.iter().map(|blocks| blocks.count_ones()).sum();
        let whole = blocks as usize == lists.documents.div_ceil(BLOCK);
        if whole {
            statistics.postings += lists.pairs.iter().map(|list| list.postings as u64).sum::<u64>();
        }
        for (run, wanted) in wanted.as_chunks::<RUN_GROUPS>().0.iter().enumerate() {
            let Some(units) = units_of(wanted) else { continue };
            self.add_named(lists, run * RUN_UNITS, units.clone(), whole, statistics);
            let groups = Groups { first: run * RUN_GROUPS, wanted };
            let postings = add_bitmaps(simd, lists.bitmaps, groups, &mut self.groups.0)
                + add_masks(simd, lists.masks, groups, &mut self.groups.0);
            self.pick(lists, run * RUN, wanted, simd, top);
            self.documents()[units.start * UNIT..units.end * UNIT].fill(0);
            let blocks: u64 = wanted.iter().map(|blocks| u64::from(blocks.count_ones())).sum();
            statistics.blocks += blocks;
            statistics.postings += postings;
            statistics.bytes += postings + blocks * 8 * (lists.bitmaps.len() + lists.masks.len()) as u64;
        }
    }

    fn documents(&mut self) -> &mut [u32; RUN] {
        let scores = self.groups.0.as_flattened_mut().as_flattened_mut();
        scores.first_chunk_mut().unwrap_or_else(|| unreachable!("a run's groups are its documents"))
    }

    /// Adds the lists that name their documents in `units` of the run, whose first unit is `first`; `whole` tells that
    /// all of the window is scored.
    fn add_named(
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
        for list in lists.sparse() {
            let part = list.list.range(start..start + documents.len());
            add_sparse(&mut scores[documents.clone()], start, part, list.weight);
            statistics.postings += part.docids.len() as u64;
            statistics.bytes += part.bytes() as u64;
        }
        let there = first + units.start..first + units.end;
        for (i, list) in lists.pairs.iter().enumerate() {
            read_ahead(
                lists.pairs,
                i,
                1,
                |list| prefetch(list.list.head(there.clone())),
                |list| match list.list.units(there.clone()) {
                    Some((_, Slots::Bytes(slots))) => slots.as_flattened(),
                    _ => &[],
                },
            )
            .step();
            // A damaged list loses its units.
            let Some((first, slots)) = list.list.units(there.clone()) else { continue };
            add_slots(scores, documents.start + first, documents.end - 1, slots, list.weight);
            if !whole {
                statistics.postings += list.list.postings(slots) as u64;
            }
            statistics.bytes += slots.bytes() as u64;
        }
    }

    /// Offers the documents of `wanted` blocks to the top k. The run's first document is the window's `start`th.
    fn pick(
        &mut self,
        lists: WindowLists<'_, '_>,
        start: usize,
        wanted: &[u16; RUN_GROUPS],
        simd: Simd,
        top: &mut TopK,
    ) {
        for (group, (scores, &wanted)) in self.groups.0.iter().zip(wanted).enumerate() {
            if wanted == 0 {
                continue;
            }
            let scores = scores.as_flattened();
            let threshold = top.threshold().max(1);
            at_least(simd, scores, threshold, &mut |block, high| {
                if wanted >> block & 1 == 0 {
                    return;
                }
                for_each_bit(high, |bit| {
                    let i = block * BLOCK + bit;
                    let docid = start + group * GROUP_BLOCKS * BLOCK + i;
                    // A damaged list may name documents that are not there.
                    if docid < lists.documents {
                        top.push(DocId(lists.first.0 + docid as u32), scores[i]);
                    }
                });
            });
        }
    }
}

/// The units of a run from the first to the last wanted block; `None` if none is wanted.
fn units_of(wanted: &[u16; RUN_GROUPS]) -> Option<Range<usize>> {
    let all = wanted.iter().rev().fold(0u128, |all, &group| all << GROUP_BLOCKS | u128::from(group));
    let first = all.trailing_zeros() as usize / UNIT_BLOCKS;
    let end = (u128::BITS - all.leading_zeros()).div_ceil(UNIT_BLOCKS as u32) as usize;
    (all != 0).then_some(first..end)
}

const _: () = assert!(RUN_GROUPS * GROUP_BLOCKS == u128::BITS as usize);
