//! The lists of a query in every window of an index, and the documents that were found in them.

use spork_core::{DocnoRank, Hit};
use spork_index::Index;
use spork_postings::QueryLists;

use crate::{Query, Result, SearchStatistics};

/// Finds the query's lists. `memory` holds none; its allocations are kept.
pub(crate) fn find<'i>(
    index: &'i Index,
    query: &Query,
    memory: QueryLists<'static>,
    statistics: &mut SearchStatistics,
) -> Result<QueryLists<'i>> {
    let mut lists: QueryLists<'i> = memory.recycle();
    let mut windows = (0..index.windows()).map(|number| index.window(number)).peekable();
    while let Some(window) = windows.next() {
        let window = window?;
        if let Some(Ok(next)) = windows.peek() {
            QueryLists::prefetch_window(next, query.terms());
        }
        let found =
            lists.push_window(&window, query.terms()).map_err(|damage| index.damage(damage))?;
        if found > 0 { statistics.windows += 1 } else { statistics.windows_skipped += 1 }
    }
    statistics.lists += lists.len() as u64;
    Ok(lists)
}

/// The documents that a search found, given by their ranks in docno order.
pub(crate) fn hits(index: &Index, found: Vec<(DocnoRank, u32)>) -> Result<Vec<Hit>> {
    Ok(index.docnos().resolve(found, |docid, score| Hit { docid, score })?)
}
