//! Term at a time over all blocks, window after window: nothing is left out.

use spork_core::{Hit, TopK};
use spork_index::BLOCK;

use crate::SearchStatistics;
use crate::kernel::Simd;
use crate::lists::Lists;
use crate::window::{BlockSet, GROUPS, RunScores};

pub(crate) fn search(
    lists: &Lists<'_>,
    k: usize,
    simd: Simd,
    scores: &mut RunScores,
    top: &mut TopK,
    statistics: &mut SearchStatistics,
) -> Vec<Hit> {
    top.reset(k);
    for number in 0..lists.windows() {
        let window = lists.window(number);
        if !window.is_empty() {
            scores.score(window, &all_blocks(window.documents), simd, top, statistics);
        }
    }
    top.drain_ranked()
}

/// The blocks of a window of `documents` documents.
fn all_blocks(documents: usize) -> BlockSet {
    let mut all = [0; GROUPS];
    for block in 0..documents.div_ceil(BLOCK) {
        all[block / 16] |= 1 << (block % 16);
    }
    all
}
