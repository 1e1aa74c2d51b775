//! The lists of a query in every window of a segment.

use spork_core::TermId;
use spork_index::Segment;
use spork_postings::{QueryLists, Selection};

use crate::{Result, SearchStatistics};

/// Finds the lists of `terms`, given with their weights, in the windows that have documents which
/// may be found. `memory` holds none; its allocations are kept.
pub(crate) fn find<'i>(
    segment: &'i Segment,
    terms: &[(TermId, u32)],
    selection: Option<Selection<'_>>,
    memory: QueryLists<'static>,
    statistics: &mut SearchStatistics,
) -> Result<QueryLists<'i>> {
    let mut lists: QueryLists<'i> = memory.recycle();
    let mut windows = (0..segment.windows()).map(|number| segment.window(number)).peekable();
    for number in 0.. {
        let Some(window) = windows.next().transpose()? else { break };
        if let Some(Ok(next)) = windows.peek() {
            QueryLists::prefetch_window(next, terms);
        }
        let wanted = selection.is_none_or(|selection| selection.has_any(number));
        let terms = if wanted { terms } else { &[] };
        let found = lists.push_window(&window, terms).map_err(|damage| segment.damage(damage))?;
        if found > 0 { statistics.windows += 1 } else { statistics.windows_skipped += 1 }
    }
    statistics.lists += lists.len() as u64;
    Ok(lists)
}
