//! Block-max pruning. The largest impacts that lists state for blocks of documents add up to a
//! bound on every score of a block. The blocks with the highest bounds are scored first, which
//! makes the k-th best score known well enough that most other blocks can't hold a better one and
//! are left out. (Block-max indexes: Ding and Suel, SIGIR 2011; blocks over all lists at once, as
//! here: Mallia, Suel and Tonellotto, "Faster Learned Sparse Retrieval with Block-Max Pruning",
//! SIGIR 2024.)

use std::time::Instant;

use spork_core::{DocnoRank, TopK};
use spork_postings::{
    BlockBounds, BlockId, BlockSet, QueryLists, Scorer, WINDOW_BLOCKS, for_each_bit,
};

use crate::Limits;

/// Blocks scored before the others, at least and at most; in between, one for every four documents
/// wanted.
const FIRST: std::ops::RangeInclusive<usize> = 32..=1024;

/// Blocks scored between two checks of the limits.
const STEP: usize = 16;

/// Memory reused from query to query.
#[derive(Debug, Default)]
pub(crate) struct BlockMaxScratch {
    /// A bound a block; 0 for a block that holds nothing or is scored already.
    bounds: Vec<u32>,
    /// The blocks with the highest bounds.
    best: TopK<BlockId>,
    adder: BlockBounds,
}

/// A block and the bound on its scores.
#[derive(Clone, Copy, Debug)]
struct RankedBlock {
    block: BlockId,
    bound: u32,
}

impl From<(BlockId, u32)> for RankedBlock {
    fn from((block, bound): (BlockId, u32)) -> Self {
        Self { block, bound }
    }
}

impl RankedBlock {
    fn window(&self) -> usize {
        self.block.0 as usize / WINDOW_BLOCKS
    }
}

/// The best `k` documents of a segment, or as near as the limits allow, and a bound on the scores
/// of the documents that were left out because of limits, 0 if there are none.
pub(crate) fn search(
    lists: &QueryLists<'_>,
    k: usize,
    limits: &Limits,
    start: Instant,
    scratch: &mut BlockMaxScratch,
    scorer: &mut Scorer<'_>,
) -> (Vec<(DocnoRank, u32)>, u32) {
    if k == 0 {
        return (Vec::new(), 0);
    }
    scratch.bound(lists, scorer);
    scratch.score_first(lists, k, scorer);
    if limits.limit_effort() {
        scratch.score_best(lists, limits, start, scorer);
    } else {
        scratch.score_rest(lists, limits, scorer);
    }
    let unseen = if limits.is_exact() { 0 } else { scratch.unseen() };
    (scorer.top.drain_ranked(), unseen)
}

impl BlockMaxScratch {
    /// Works out the bound of every block that has documents which may be found.
    fn bound(&mut self, lists: &QueryLists<'_>, scorer: &Scorer<'_>) {
        self.bounds.clear();
        self.bounds.resize(lists.windows() * WINDOW_BLOCKS, 0);
        for (number, bounds) in self.bounds.chunks_exact_mut(WINDOW_BLOCKS).enumerate() {
            let selection = scorer.selection.map(|selection| selection.window(number));
            if selection.is_some_and(|selection| selection.blocks() == 0) {
                continue;
            }
            self.adder.add(lists.window(number), scorer.simd, bounds);
            if let Some(selection) = selection {
                for (block, bound) in bounds.iter_mut().enumerate() {
                    *bound *= u32::from(selection.block(block) != 0);
                }
            }
        }
    }

    /// Scores the blocks with the highest bounds.
    fn score_first(&mut self, lists: &QueryLists<'_>, k: usize, scorer: &mut Scorer<'_>) {
        self.best.reset((k / 4).clamp(*FIRST.start(), *FIRST.end()));
        let (best, known) = (&mut self.best, scorer.top.threshold());
        for (number, bounds) in self.bounds.chunks_exact(WINDOW_BLOCKS).enumerate() {
            let floor = best.threshold().max(known).max(1);
            scorer.simd.at_least(bounds, floor, &mut |word, high| {
                for_each_bit(high, |bit| {
                    let block = number * WINDOW_BLOCKS + word * 64 + bit;
                    best.push(BlockId(block as u32), self.bounds[block]);
                });
            });
        }
        let mut best: Vec<RankedBlock> = self.best.drain_ranked();
        self.score_chosen(lists, &mut best, scorer);
    }

    /// Scores some blocks, which need not be scored again.
    fn score_chosen(
        &mut self,
        lists: &QueryLists<'_>,
        chosen: &mut [RankedBlock],
        scorer: &mut Scorer<'_>,
    ) {
        chosen.sort_unstable_by_key(|ranked| ranked.block);
        for chosen in chosen.chunk_by(|a, b| a.window() == b.window()) {
            let mut wanted = BlockSet::none();
            for ranked in chosen {
                let block = ranked.block.0 as usize;
                wanted.insert(block % WINDOW_BLOCKS);
                self.bounds[block] = 0;
            }
            scorer.score(lists.window(chosen[0].window()), &wanted);
        }
        scorer.top.tighten();
    }

    /// Scores what may still hold one of the best, in the order of docids.
    fn score_rest(&mut self, lists: &QueryLists<'_>, limits: &Limits, scorer: &mut Scorer<'_>) {
        for (number, bounds) in self.bounds.chunks_exact_mut(WINDOW_BLOCKS).enumerate() {
            let mut wanted = BlockSet::none();
            let least = limits.least_bound(scorer.top.threshold());
            scorer.simd.at_least(bounds, least, &mut |word, high| wanted.set_word(word, high));
            if !limits.is_exact() {
                wanted.for_each(|block| bounds[block] = 0);
            }
            scorer.score(lists.window(number), &wanted);
            scorer.top.tighten();
        }
    }

    /// Scores what may still hold one of the best, the highest bounds first, as far as the limits
    /// allow.
    fn score_best(
        &mut self,
        lists: &QueryLists<'_>,
        limits: &Limits,
        start: Instant,
        scorer: &mut Scorer<'_>,
    ) {
        let mut open: Vec<RankedBlock> = Vec::new();
        let least = limits.least_bound(scorer.top.threshold());
        scorer.simd.at_least(&self.bounds, least, &mut |word, high| {
            for_each_bit(high, |bit| {
                let block = word * 64 + bit;
                open.push(RankedBlock { block: BlockId(block as u32), bound: self.bounds[block] });
            });
        });
        open.sort_unstable_by(|a, b| b.bound.cmp(&a.bound).then(a.block.cmp(&b.block)));
        for step in open.chunks_mut(STEP) {
            let least = limits.least_bound(scorer.top.threshold());
            if step[0].bound < least || limits.reached(start, scorer.statistics) {
                return;
            }
            self.score_chosen(lists, step, scorer);
        }
    }

    /// The largest bound of the blocks that were not scored.
    fn unseen(&self) -> u32 {
        self.bounds.iter().copied().fold(0, u32::max)
    }
}
