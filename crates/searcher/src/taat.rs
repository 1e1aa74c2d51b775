//! Term at a time over all blocks, window after window: nothing is left out.

use spork_core::Hit;
use spork_index::BLOCK;

use crate::lists::Lists;
use crate::window::{BlockSet, GROUPS, Scorer, insert};

pub(crate) fn search(lists: &Lists<'_>, k: usize, scorer: &mut Scorer<'_>) -> Vec<Hit> {
    scorer.top.reset(k);
    for number in 0..lists.windows() {
        score_window(lists, number, scorer);
    }
    scorer.top.drain_ranked()
}

/// Scores all of a window.
pub(crate) fn score_window(lists: &Lists<'_>, number: usize, scorer: &mut Scorer<'_>) {
    let window = lists.window(number);
    if !window.is_empty() {
        window.prefetch_sparse();
        scorer.score(window, &all_blocks(window.documents));
    }
}

/// The blocks of a window of `documents` documents.
fn all_blocks(documents: usize) -> BlockSet {
    let mut all = [0; GROUPS];
    for block in 0..documents.div_ceil(BLOCK) {
        insert(&mut all, block);
    }
    all
}
