//! Bounds first. The largest impacts that lists state for blocks of documents add up to a bound on every score of a
//! block. The blocks with the highest bounds are scored first, which makes the k-th best score known well enough that
//! most other blocks can't hold a better one and are left out.

use spork_core::{DocId, Hit, TopK};
use spork_index::BLOCK;

use crate::SearchStatistics;
use crate::kernel::{Simd, WeightedBytes, add_bytes, at_least};
use crate::lists::{Lists, WindowLists, emptied};
use crate::scatter::add_sparse_bounds;
use crate::window::{BLOCKS, BlockSet, GROUPS, RunScores};

/// Blocks scored before the others, at least and at most; in between, one for every four documents wanted.
const FIRST: std::ops::RangeInclusive<usize> = 32..=1024;

/// Memory reused from query to query.
#[derive(Debug, Default)]
pub(crate) struct BlocksScratch {
    /// A bound a block, or 0 where there is nothing, or nothing more, to be found.
    bounds: Vec<u32>,
    /// The blocks with the highest bounds.
    first: TopK,
    /// Bounds of a window's lists.
    bytes: Vec<WeightedBytes<'static>>,
}

pub(crate) fn search(
    lists: &Lists<'_>,
    k: usize,
    simd: Simd,
    scratch: &mut BlocksScratch,
    scores: &mut RunScores,
    top: &mut TopK,
    statistics: &mut SearchStatistics,
) -> Vec<Hit> {
    top.reset(k);
    if k == 0 {
        return Vec::new();
    }
    scratch.bound(lists, simd);
    scratch.score_best(lists, k, simd, scores, top, statistics);
    scratch.score_rest(lists, simd, scores, top, statistics);
    top.drain_ranked()
}

impl BlocksScratch {
    /// Works out the bound of every block.
    fn bound(&mut self, lists: &Lists<'_>, simd: Simd) {
        self.bounds.clear();
        self.bounds.resize(lists.windows() * BLOCKS, 0);
        for (number, bounds) in self.bounds.chunks_exact_mut(BLOCKS).enumerate() {
            let mut bytes: Vec<WeightedBytes<'_>> = std::mem::take(&mut self.bytes);
            let window = lists.window(number);
            bytes.extend(window.bounds().filter(|(bounds, _)| bounds.shift == 0).map(|(b, w)| (b.bytes, w)));
            add_bytes(simd, &bytes, bounds);
            self.bytes = emptied(bytes);
            add_the_others(window, bounds);
        }
    }

    /// Scores the blocks with the highest bounds.
    fn score_best(
        &mut self,
        lists: &Lists<'_>,
        k: usize,
        simd: Simd,
        scores: &mut RunScores,
        top: &mut TopK,
        statistics: &mut SearchStatistics,
    ) {
        let first = (k / 4).clamp(*FIRST.start(), *FIRST.end());
        self.first.reset(first);
        let best = &mut self.first;
        for (number, bounds) in self.bounds.chunks_exact(BLOCKS).enumerate() {
            let floor = best.threshold().max(1);
            at_least(simd, bounds, floor, &mut |part, mut high| {
                while high != 0 {
                    let block = number * BLOCKS + part * 64 + high.trailing_zeros() as usize;
                    high &= high - 1;
                    best.push(DocId(block as u32), self.bounds[block]);
                }
            });
        }
        let mut chosen = self.first.drain_ranked();
        chosen.sort_unstable_by_key(|hit| hit.docid);
        for chosen in chosen.chunk_by(|a, b| a.docid.0 as usize / BLOCKS == b.docid.0 as usize / BLOCKS) {
            let mut wanted: BlockSet = [0; GROUPS];
            for hit in chosen {
                let block = hit.docid.0 as usize;
                wanted[block % BLOCKS / 16] |= 1 << (block % 16);
                self.bounds[block] = 0;
            }
            let window = lists.window(chosen[0].docid.0 as usize / BLOCKS);
            scores.score(window, &wanted, simd, top, statistics);
        }
        top.tighten();
    }

    /// Scores what may still hold one of the best, in the order of docids.
    fn score_rest(
        &mut self,
        lists: &Lists<'_>,
        simd: Simd,
        scores: &mut RunScores,
        top: &mut TopK,
        statistics: &mut SearchStatistics,
    ) {
        for (number, bounds) in self.bounds.chunks_exact(BLOCKS).enumerate() {
            let mut wanted: BlockSet = [0; GROUPS];
            at_least(simd, bounds, top.threshold().max(1), &mut |part, high| {
                for (i, blocks) in wanted[part * 4..][..4].iter_mut().enumerate() {
                    *blocks = (high >> (16 * i)) as u16;
                }
            });
            scores.score(lists.window(number), &wanted, simd, top, statistics);
            top.tighten();
        }
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
    for list in window.sparse {
        add_sparse_bounds(sums, list.list, list.weight);
    }
}
