//! Bounds on the scores of blocks: the largest impacts that lists state for blocks, times the
//! query's weights, added up.

use crate::kernel::{Simd, WeightedBytes};
use crate::layout::BLOCK;
use crate::query_lists::{WindowLists, emptied};
use crate::scatter::add_sparse_bounds;

/// Adds up bounds, in memory that is reused from window to window.
#[derive(Debug, Default)]
pub struct BlockBounds {
    bytes: Vec<WeightedBytes<'static>>,
}

impl BlockBounds {
    /// Adds to `sums`, one a block of the window ([`WINDOW_BLOCKS`](crate::WINDOW_BLOCKS) of them),
    /// an upper bound of the score of each document of the block.
    pub fn add(&mut self, lists: WindowLists<'_, '_>, simd: Simd, sums: &mut [u32]) {
        let mut bytes: Vec<WeightedBytes<'_>> = std::mem::take(&mut self.bytes);
        lists.prefetch_unbounded();
        bytes.extend(
            lists.bounds().filter(|(bounds, _)| bounds.shift == 0).map(|(b, w)| (b.bytes, w)),
        );
        simd.add_bytes(&bytes, sums);
        self.bytes = emptied(bytes);
        add_rounded(lists, sums);
        let sums = &mut sums[..lists.documents.div_ceil(BLOCK)];
        for list in lists.unbounded() {
            add_sparse_bounds(sums, list.list, list.weight);
        }
    }
}

/// Adds bounds that were rounded up to fit a byte.
fn add_rounded(lists: WindowLists<'_, '_>, sums: &mut [u32]) {
    for (bounds, weight) in lists.bounds().filter(|(bounds, _)| bounds.shift > 0) {
        let weight = weight.saturating_mul(1 << bounds.shift);
        // Rounded up, they may exceed what the query was checked for.
        for (sum, &bound) in sums.iter_mut().zip(bounds.bytes) {
            *sum = sum.saturating_add(weight.saturating_mul(bound.into()));
        }
    }
}
