//! Term at a time over all blocks, window after window: nothing is left out.

use crate::parts::{Part, Shared, continue_in};

/// Finds the best `k` of all parts, each its own.
pub(crate) fn search(parts: &mut [Part<'_>], shared: &mut Shared<'_>) {
    for place in 0..parts.len() {
        continue_in(parts, place);
        for window in 0..parts[place].lists.windows() {
            parts[place].score_window(window, shared);
        }
    }
}
