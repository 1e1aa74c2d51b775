//! Term at a time over all blocks, window after window: nothing is left out.

use crate::parts::{Part, Shared};

/// Scores all documents of all parts that may be found.
pub(crate) fn search(parts: &[Part<'_>], shared: &mut Shared<'_>) {
    for part in parts {
        (0..part.lists.windows()).for_each(|window| part.score_window(window, shared));
    }
}
