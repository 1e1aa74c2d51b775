//! The documents of an index that a filter keeps.

use spork_core::DocId;
use spork_filter::Filter;
use spork_index::Index;
use spork_searcher::SelectedDocuments;

use crate::{Error, Result};

/// The living documents that `filter` keeps, for
/// [`Searcher::with_selected`](spork_searcher::Searcher::with_selected).
///
/// # Errors
/// The filter does not go with the columns, or the index is damaged.
pub fn select_documents(index: &Index, filter: &Filter) -> Result<SelectedDocuments> {
    let bound = filter.bind(&index.manifest().stored.columns)?;
    SelectedDocuments::new(index, |segment| match segment.columns() {
        Some(columns) => Ok::<_, Error>(bound.select(columns)?),
        // Without columns no filter can be bound.
        None => Ok(Vec::new()),
    })
}

/// The docnos of the living documents that `filter` keeps, in the order of the index.
pub(crate) fn docnos(index: &Index, filter: &Filter) -> Result<Vec<String>> {
    let bound = filter.bind(&index.manifest().stored.columns)?;
    let mut docnos = Vec::new();
    for segment in index.segments() {
        let Some(columns) = segment.columns() else { continue };
        for (block, word) in (0u32..).zip(bound.select(columns)?) {
            for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
                let docid = DocId(64 * block + bit);
                if segment.is_living(docid)? {
                    docnos.push(segment.docnos().get(docid)?.to_owned());
                }
            }
        }
    }
    Ok(docnos)
}
