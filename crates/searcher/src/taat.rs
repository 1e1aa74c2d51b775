//! Term at a time over all blocks, window after window: nothing is left out.

use spork_core::DocnoRank;
use spork_postings::{QueryLists, Scorer};

pub(crate) fn search(lists: &QueryLists<'_>, scorer: &mut Scorer<'_>) -> Vec<(DocnoRank, u32)> {
    for number in 0..lists.windows() {
        score_window(lists, number, scorer);
    }
    scorer.top.drain_ranked()
}

/// Scores all of a window that may be found.
pub(crate) fn score_window(lists: &QueryLists<'_>, number: usize, scorer: &mut Scorer<'_>) {
    let window = lists.window(number);
    if window.is_empty() {
        return;
    }
    let blocks = scorer.blocks(number, window.documents());
    if !blocks.is_empty() {
        window.prefetch_unbounded();
        scorer.score(window, &blocks);
    }
}
