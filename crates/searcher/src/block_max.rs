//! Bounds first. The largest impacts that lists state for blocks of documents add up to a bound on every score of a
//! block. The blocks with the highest bounds are scored first, which makes the k-th best score known well enough that
//! most other blocks can't hold a better one and are left out.

use std::time::Instant;

use spork_core::{DocId, Hit, TopK};
use spork_index::{BLOCK, GROUP_BLOCKS};

use crate::kernel::{Simd, WeightedBytes, add_bytes, at_least};
use crate::lists::{Lists, WindowLists, emptied};
use crate::scatter::add_sparse_bounds;
use crate::window::{BLOCKS, BlockSet, GROUPS, Scorer, for_each_bit, insert};
use crate::{Certificate, Limits};

/// Blocks scored before the others, at least and at most; in between, one for every four documents wanted.
const FIRST: std::ops::RangeInclusive<usize> = 32..=1024;

/// Blocks scored between two looks at the limits.
const STEP: usize = 16;

/// Memory reused from query to query.
#[derive(Debug, Default)]
pub(crate) struct BlockMaxScratch {
    /// A bound a block, or 0 where there is nothing, or nothing more, to be found.
    bounds: Vec<u32>,
    /// The blocks with the highest bounds.
    best: TopK,
    /// Bounds of a window's lists.
    bytes: Vec<WeightedBytes<'static>>,
}

/// The best `k` documents, or as near as the limits allow.
pub(crate) fn search(
    lists: &Lists<'_>,
    k: usize,
    limits: &Limits,
    start: Instant,
    scratch: &mut BlockMaxScratch,
    scorer: &mut Scorer<'_>,
) -> (Vec<Hit>, Certificate) {
    scorer.top.reset(k);
    if k == 0 {
        return (Vec::new(), Certificate::Exact);
    }
    scratch.bound(lists, scorer.simd);
    scratch.score_first(lists, k, scorer);
    if limits.limit_effort() {
        scratch.score_best(lists, limits, start, scorer);
    } else {
        scratch.score_rest(lists, limits, scorer);
    }
    if limits.is_exact() {
        return (scorer.top.drain_ranked(), Certificate::Exact);
    }
    let certificate = scratch.certificate(scorer.top.threshold());
    (scorer.top.drain_ranked(), certificate)
}

impl BlockMaxScratch {
    /// Works out the bound of every block.
    fn bound(&mut self, lists: &Lists<'_>, simd: Simd) {
        self.bounds.clear();
        self.bounds.resize(lists.windows() * BLOCKS, 0);
        for (number, bounds) in self.bounds.chunks_exact_mut(BLOCKS).enumerate() {
            let mut bytes: Vec<WeightedBytes<'_>> = std::mem::take(&mut self.bytes);
            let window = lists.window(number);
            window.prefetch_sparse();
            bytes.extend(window.bounds().filter(|(bounds, _)| bounds.shift == 0).map(|(b, w)| (b.bytes, w)));
            add_bytes(simd, &bytes, bounds);
            self.bytes = emptied(bytes);
            add_the_others(window, bounds);
        }
    }

    /// Scores the blocks with the highest bounds.
    fn score_first(&mut self, lists: &Lists<'_>, k: usize, scorer: &mut Scorer<'_>) {
        self.best.reset((k / 4).clamp(*FIRST.start(), *FIRST.end()));
        let best = &mut self.best;
        for (number, bounds) in self.bounds.chunks_exact(BLOCKS).enumerate() {
            let floor = best.threshold().max(1);
            at_least(scorer.simd, bounds, floor, &mut |part, high| {
                for_each_bit(high, |bit| {
                    let block = number * BLOCKS + part * 64 + bit;
                    best.push(DocId(block as u32), self.bounds[block]);
                });
            });
        }
        let best = self.best.drain_ranked();
        self.score_chosen(lists, best, scorer);
    }

    /// Scores some blocks, which need not be scored again.
    fn score_chosen(&mut self, lists: &Lists<'_>, mut chosen: Vec<Hit>, scorer: &mut Scorer<'_>) {
        chosen.sort_unstable_by_key(|block| block.docid);
        for chosen in chosen.chunk_by(|a, b| a.docid.0 as usize / BLOCKS == b.docid.0 as usize / BLOCKS) {
            let mut wanted: BlockSet = [0; GROUPS];
            for block in chosen {
                let block = block.docid.0 as usize;
                insert(&mut wanted, block % BLOCKS);
                self.bounds[block] = 0;
            }
            scorer.score(lists.window(chosen[0].docid.0 as usize / BLOCKS), &wanted);
        }
        scorer.top.tighten();
    }

    /// Scores what may still hold one of the best, in the order of docids.
    fn score_rest(&mut self, lists: &Lists<'_>, limits: &Limits, scorer: &mut Scorer<'_>) {
        for (number, bounds) in self.bounds.chunks_exact_mut(BLOCKS).enumerate() {
            let mut wanted: BlockSet = [0; GROUPS];
            at_least(scorer.simd, bounds, limits.least_bound(scorer.top.threshold()), &mut |part, high| {
                for (i, blocks) in wanted[part * 4..][..4].iter_mut().enumerate() {
                    *blocks = (high >> (GROUP_BLOCKS * i)) as u16;
                }
            });
            if !limits.is_exact() {
                forget(bounds, &wanted);
            }
            scorer.score(lists.window(number), &wanted);
            scorer.top.tighten();
        }
    }

    /// Scores what may still hold one of the best, the highest bounds first, as far as the limits allow.
    fn score_best(&mut self, lists: &Lists<'_>, limits: &Limits, start: Instant, scorer: &mut Scorer<'_>) {
        let mut open: Vec<Hit> = Vec::new();
        at_least(scorer.simd, &self.bounds, limits.least_bound(scorer.top.threshold()), &mut |part, high| {
            for_each_bit(high, |bit| {
                let block = part * 64 + bit;
                open.push(Hit { docid: DocId(block as u32), score: self.bounds[block] });
            });
        });
        open.sort_unstable_by(|a, b| b.score.cmp(&a.score).then(a.docid.cmp(&b.docid)));
        for step in open.chunks(STEP) {
            let least = limits.least_bound(scorer.top.threshold());
            if step[0].score < least || limits.reached(start, scorer.statistics) {
                return;
            }
            self.score_chosen(lists, step.to_vec(), scorer);
        }
    }

    /// What is known of the blocks that were not scored, where the k-th best score is `threshold`, 0 if there are fewer than k.
    fn certificate(&self, threshold: u32) -> Certificate {
        match self.bounds.iter().copied().fold(0, u32::max) {
            // A document with just that score would stand above the k-th if its docid is lower.
            most if most > 0 && most >= threshold => Certificate::AtMost(most),
            _ => Certificate::Exact,
        }
    }
}

/// Sets the bounds of blocks that are scored to zero.
fn forget(bounds: &mut [u32], scored: &BlockSet) {
    for (bounds, &scored) in bounds.chunks_exact_mut(GROUP_BLOCKS).zip(scored) {
        for_each_bit(scored.into(), |bit| bounds[bit] = 0);
    }
}

/// Adds what is not in bytes to the bounds of a window's blocks: bounds that were rounded, and those that sparse lists imply.
fn add_the_others(window: WindowLists<'_, '_>, sums: &mut [u32]) {
    for (bounds, weight) in window.bounds().filter(|(bounds, _)| bounds.shift > 0) {
        let weight = weight.saturating_mul(1 << bounds.shift);
        // Rounded up, they may exceed what the query was checked for.
        for (sum, &bound) in sums.iter_mut().zip(bounds.bytes) {
            *sum = sum.saturating_add(weight.saturating_mul(bound.into()));
        }
    }
    let sums = &mut sums[..window.documents.div_ceil(BLOCK)];
    for list in window.sparse() {
        add_sparse_bounds(sums, list.list, list.weight);
    }
}
