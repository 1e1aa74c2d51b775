//! Scoring blocks of a window, term at a time.
//!
//! A window is scored in stripes of a few groups of blocks, those that are wanted, whose scores
//! stay in the first-level cache. Postings with explicit docids are added one by one, bitmap lists
//! a block at a time, and what is high enough goes to the top k.

use spork_core::{DocId, DocnoOrder, TopDocuments};

use crate::SearchStatistics;
use crate::explicit::{add_run, add_runs};
use crate::kernel::{Groups, Simd};
use crate::layout::{
    BLOCK, BlockSet, GROUP_BLOCKS, GroupScores, STRIPE, STRIPE_GROUPS, WINDOW, docid_in,
    for_each_bit,
};
use crate::query_lists::WindowLists;
use crate::selection::Selection;
use crate::stripe_groups::StripeGroups;

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

/// What all stripes of a window have in common.
#[derive(Clone, Copy)]
struct InWindow<'q, 'i, 's> {
    lists: WindowLists<'q, 'i>,
    /// Whether all of its blocks are scored.
    whole: bool,
    simd: Simd,
    allowed: Allowed<'s>,
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
        let window = InWindow { lists, whole, simd, allowed };
        let mut stripe = StripeGroups::default();
        wanted.for_each_group(|number, blocks| {
            if stripe.push(number, blocks) {
                self.score_stripe(window, &std::mem::take(&mut stripe), top, statistics);
            }
        });
        if !stripe.numbers().is_empty() {
            self.score_stripe(window, &stripe, top, statistics);
        }
    }

    /// Scores some groups of a window.
    fn score_stripe(
        &mut self,
        window: InWindow<'_, '_, '_>,
        stripe: &StripeGroups,
        top: &mut TopDocuments,
        statistics: &mut SearchStatistics,
    ) {
        let InWindow { lists, whole, simd, allowed } = window;
        match stripe.runs() {
            &[run] => add_run(self.documents(), lists, run, whole, statistics),
            _ => add_runs(self.documents(), lists, stripe, statistics),
        }
        let groups = Groups { numbers: stripe.numbers(), wanted: stripe.wanted() };
        let postings = simd.add_bitmaps(lists.bitmaps, groups, &mut self.groups.0)
            + simd.add_masks(lists.masks, groups, &mut self.groups.0);
        self.pick(lists, groups, simd, allowed, top);
        stripe.runs().iter().for_each(|run| self.documents()[run.places()].fill(0));
        let blocks: u64 = stripe.wanted().iter().map(|blocks| u64::from(blocks.count_ones())).sum();
        statistics.blocks += blocks;
        statistics.postings += postings;
        statistics.bytes +=
            postings + blocks * 8 * (lists.bitmaps.len() + lists.masks.len()) as u64;
    }

    /// The scores by document. The array type carries the length to the kernels; the compiler knows
    /// it here too and removes the `unreachable`.
    fn documents(&mut self) -> &mut [u32; STRIPE] {
        let scores = self.groups.0.as_flattened_mut().as_flattened_mut();
        scores
            .first_chunk_mut()
            .unwrap_or_else(|| unreachable!("a stripe's groups are its documents"))
    }

    /// Offers the documents of wanted blocks to the top k.
    fn pick(
        &mut self,
        lists: WindowLists<'_, '_>,
        groups: Groups<'_>,
        simd: Simd,
        allowed: Allowed<'_>,
        top: &mut TopDocuments,
    ) {
        if let Some(few) = allowed.selection.filter(|selection| selection.is_few()) {
            return self.pick_few(lists, groups, few, allowed.order, top);
        }
        for ((group, wanted), scores) in groups.iter().zip(&self.groups.0) {
            let threshold = top.threshold().max(1);
            let mut offer = |block: usize, high: u64| {
                let number = group * GROUP_BLOCKS + block;
                let high = allowed.selection.map_or(high, |all| high & all.block(number));
                for_each_bit(high, |bit| {
                    let docid = number * BLOCK + bit;
                    // A damaged list may name documents that are not there.
                    if docid < lists.documents {
                        top.push(docid_in(lists.first, docid), scores[block][bit], allowed.order);
                    }
                });
            };
            simd.at_least(scores.as_flattened(), threshold, &mut |block, high| {
                if wanted >> block & 1 == 1 {
                    offer(block, high);
                }
            });
        }
    }

    /// As [`Self::pick`], where it takes less time to look at each document that may be found.
    fn pick_few(
        &mut self,
        lists: WindowLists<'_, '_>,
        groups: Groups<'_>,
        few: Selection<'_>,
        order: DocnoOrder<'_>,
        top: &mut TopDocuments,
    ) {
        for ((group, wanted), scores) in groups.iter().zip(&self.groups.0) {
            for_each_bit(wanted.into(), |block| {
                let number = group * GROUP_BLOCKS + block;
                for_each_bit(few.block(number), |bit| {
                    let (docid, score) = (number * BLOCK + bit, scores[block][bit]);
                    if score >= top.threshold() && docid < lists.documents {
                        top.push(docid_in(lists.first, docid), score, order);
                    }
                });
            });
        }
    }
}
