//! Term at a time over all blocks, window after window: nothing is left out.

use spork_core::DocnoRank;
use spork_postings::{BlockSet, QueryLists, Scorer};

pub(crate) fn search(
    lists: &QueryLists<'_>,
    k: usize,
    scorer: &mut Scorer<'_>,
) -> Vec<(DocnoRank, u32)> {
    scorer.top.reset(k);
    for number in 0..lists.windows() {
        score_window(lists, number, scorer);
    }
    scorer.top.drain_ranked()
}

/// Scores all of a window.
pub(crate) fn score_window(lists: &QueryLists<'_>, number: usize, scorer: &mut Scorer<'_>) {
    let window = lists.window(number);
    if !window.is_empty() {
        window.prefetch_unbounded();
        scorer.score(window, &BlockSet::all(window.documents()));
    }
}
