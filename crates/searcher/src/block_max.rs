//! Block-max pruning. The largest impacts that lists state for blocks of documents add up to a
//! bound on every score of a block. The blocks with the highest bounds are scored first, which
//! makes the k-th best score known well enough that most other blocks can't hold a better one and
//! are left out. (Block-max indexes: Ding and Suel, SIGIR 2011; blocks over all lists at once, as
//! here: Mallia, Suel and Tonellotto, "Faster Learned Sparse Retrieval with Block-Max Pruning",
//! SIGIR 2024.)

use std::time::Instant;

use spork_core::TopK;
use spork_postings::{BLOCK, BlockBounds, BlockId, BlockSet, Simd, WINDOW_BLOCKS, for_each_bit};

use crate::Limits;
use crate::parts::{Part, Shared};

/// Blocks scored before the others, at least and at most; in between, one for every four documents
/// wanted.
const FIRST: std::ops::RangeInclusive<usize> = 32..=1024;

/// Blocks scored between two checks of the limits.
const STEP: usize = 16;

/// Memory reused from query to query.
#[derive(Debug, Default)]
pub(crate) struct BlockMaxScratch {
    /// The windows of all parts.
    windows: Vec<PartWindow>,
    /// A bound a block of all windows; 0 for a block that holds nothing or is scored already.
    bounds: Vec<u32>,
    /// The blocks with the highest bounds.
    best: TopK<BlockId>,
    adder: BlockBounds,
}

/// A window of a part.
#[derive(Clone, Copy, Debug)]
struct PartWindow {
    part: usize,
    window: usize,
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
    /// The place of its window among all windows.
    fn window(&self) -> usize {
        self.block.0 as usize / WINDOW_BLOCKS
    }
}

/// Finds the best `k` documents of all parts together, or as near as the limits allow. Returns a
/// bound on the scores of the documents that were left out because of limits, 0 if there are none.
pub(crate) fn search(
    parts: &[Part<'_>],
    k: usize,
    (limits, start): (&Limits, Instant),
    scratch: &mut BlockMaxScratch,
    shared: &mut Shared<'_>,
) -> u32 {
    if k == 0 {
        return 0;
    }
    scratch.bound(parts, shared.simd);
    scratch.score_first(parts, k, shared);
    if limits.limit_effort() {
        scratch.score_best(parts, (limits, start), shared);
    } else {
        scratch.score_rest(parts, limits, shared);
    }
    if limits.is_exact() { 0 } else { scratch.unseen() }
}

impl BlockMaxScratch {
    /// Works out the bound of every block that has documents which may be found.
    fn bound(&mut self, parts: &[Part<'_>], simd: Simd) {
        self.windows.clear();
        for (part, Part { lists, .. }) in parts.iter().enumerate() {
            self.windows.extend((0..lists.windows()).map(|window| PartWindow { part, window }));
        }
        self.bounds.clear();
        self.bounds.resize(self.windows.len() * WINDOW_BLOCKS, 0);
        let bounds = self.bounds.chunks_exact_mut(WINDOW_BLOCKS);
        for (&PartWindow { part, window }, bounds) in self.windows.iter().zip(bounds) {
            let Part { lists, selection, .. } = &parts[part];
            let lists = lists.window(window);
            self.adder.add(lists, simd, bounds);
            let blocks = lists.documents().div_ceil(BLOCK);
            let wanted = selection.map(|all| all.wanted(window, lists.documents()));
            if let Some(wanted) = wanted.filter(|wanted| wanted.len() < blocks) {
                let unwanted = (0..blocks).filter(|&block| !wanted.contains(block));
                unwanted.for_each(|block| bounds[block] = 0);
            }
        }
    }

    /// Scores the blocks with the highest bounds.
    fn score_first(&mut self, parts: &[Part<'_>], k: usize, shared: &mut Shared<'_>) {
        self.best.reset((k / 4).clamp(*FIRST.start(), *FIRST.end()));
        let best = &mut self.best;
        for (number, bounds) in self.bounds.chunks_exact(WINDOW_BLOCKS).enumerate() {
            let floor = best.threshold().max(1);
            shared.simd.at_least(bounds, floor, &mut |word, high| {
                for_each_bit(high, |bit| {
                    let block = number * WINDOW_BLOCKS + word * 64 + bit;
                    best.push(BlockId(block as u32), self.bounds[block]);
                });
            });
        }
        let mut best: Vec<RankedBlock> = self.best.drain_ranked();
        self.score_chosen(parts, &mut best, shared);
    }

    /// Scores some blocks, which need not be scored again.
    fn score_chosen(
        &mut self,
        parts: &[Part<'_>],
        chosen: &mut [RankedBlock],
        shared: &mut Shared<'_>,
    ) {
        chosen.sort_unstable_by_key(|ranked| ranked.block);
        for chosen in chosen.chunk_by(|a, b| a.window() == b.window()) {
            let mut wanted = BlockSet::none();
            for ranked in chosen {
                let block = ranked.block.0 as usize;
                wanted.insert(block % WINDOW_BLOCKS);
                self.bounds[block] = 0;
            }
            let PartWindow { part, window } = self.windows[chosen[0].window()];
            parts[part].score_and_tighten(window, &wanted, shared);
        }
    }

    /// Scores what may still hold one of the best, in the order of docids.
    fn score_rest(&mut self, parts: &[Part<'_>], limits: &Limits, shared: &mut Shared<'_>) {
        let bounds = self.bounds.chunks_exact_mut(WINDOW_BLOCKS);
        for (&PartWindow { part, window }, bounds) in self.windows.iter().zip(bounds) {
            let mut wanted = BlockSet::none();
            let least = limits.least_bound(shared.top.threshold());
            shared.simd.at_least(bounds, least, &mut |word, high| wanted.set_word(word, high));
            if !limits.is_exact() {
                wanted.for_each(|block| bounds[block] = 0);
            }
            parts[part].score_and_tighten(window, &wanted, shared);
        }
    }

    /// Scores what may still hold one of the best, the highest bounds first, as far as the limits
    /// allow.
    fn score_best(
        &mut self,
        parts: &[Part<'_>],
        (limits, start): (&Limits, Instant),
        shared: &mut Shared<'_>,
    ) {
        let mut open: Vec<RankedBlock> = Vec::new();
        let least = limits.least_bound(shared.top.threshold());
        shared.simd.at_least(&self.bounds, least, &mut |word, high| {
            for_each_bit(high, |bit| {
                let block = word * 64 + bit;
                open.push(RankedBlock { block: BlockId(block as u32), bound: self.bounds[block] });
            });
        });
        open.sort_unstable_by(|a, b| b.bound.cmp(&a.bound).then(a.block.cmp(&b.block)));
        for step in open.chunks_mut(STEP) {
            let least = limits.least_bound(shared.top.threshold());
            if step[0].bound < least || limits.reached(start, shared.statistics) {
                return;
            }
            self.score_chosen(parts, step, shared);
        }
    }

    /// The largest bound of the blocks that were not scored.
    fn unseen(&self) -> u32 {
        self.bounds.iter().copied().fold(0, u32::max)
    }
}
