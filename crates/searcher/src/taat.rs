//! Term at a time over all blocks, window after window: nothing is left out.

use crate::parts::{Part, Shared, raise_threshold};

/// Finds the best `k` of all parts, each its own.
pub(crate) fn search(
    parts: &mut [Part<'_>],
    k: usize,
    memory: &mut Vec<u32>,
    shared: &mut Shared<'_>,
) {
    for place in 0..parts.len() {
        raise_threshold(parts, place, k, memory);
        for window in 0..parts[place].lists.windows() {
            parts[place].score_window(window, shared);
        }
    }
}
