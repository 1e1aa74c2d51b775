//! The lists of a query in every window of a segment, and the documents that were found in them.

use spork_core::{DocId, DocnoRank, Hit, TermId};
use spork_index::Segment;
use spork_postings::QueryLists;

use crate::{Result, SearchStatistics};

/// Finds the lists of `terms`, given with their weights. `memory` holds none; its allocations are
/// kept.
pub(crate) fn find<'i>(
    segment: &'i Segment,
    terms: &[(TermId, u32)],
    memory: QueryLists<'static>,
    statistics: &mut SearchStatistics,
) -> Result<QueryLists<'i>> {
    let mut lists: QueryLists<'i> = memory.recycle();
    let mut windows = (0..segment.windows()).map(|number| segment.window(number)).peekable();
    while let Some(window) = windows.next() {
        let window = window?;
        if let Some(Ok(next)) = windows.peek() {
            QueryLists::prefetch_window(next, terms);
        }
        let found = lists.push_window(&window, terms).map_err(|damage| segment.damage(damage))?;
        if found > 0 { statistics.windows += 1 } else { statistics.windows_skipped += 1 }
    }
    statistics.lists += lists.len() as u64;
    Ok(lists)
}

/// The documents that a search of a segment found, given by their ranks in docno order, as docids
/// of the index.
pub(crate) fn hits(segment: &Segment, found: Vec<(DocnoRank, u32)>) -> Result<Vec<Hit>> {
    let first = segment.first_docid();
    let hit = |docid: DocId, score| Hit { docid: DocId(first + docid.0), score };
    Ok(segment.docnos().resolve(found, hit)?)
}
