//! How many of the exact answers' documents a load finds.

use std::path::Path;

use anyhow::{Context, Result};
use spork_core::Hit;
use spork_index::Index;
use spork_searcher::{Query, Scratch, Searcher, Strategy};

use super::load::Load;

/// Whose exact answers are those to find.
#[derive(Clone, Copy)]
pub(super) struct Reference<'a> {
    pub(super) index: &'a Index,
    /// Of all terms, in the order of the load's.
    pub(super) queries: &'a [Query],
    /// What it is called.
    pub(super) path: &'a Path,
    /// Whether the load searches the same index for the same queries, so that its scores are the reference's.
    pub(super) is_searched: bool,
}

impl Reference<'_> {
    /// The share of the reference's best documents that the load finds, ties at the cutoff counting as found.
    ///
    /// # Errors
    /// Damage met in an index, or a document that the reference lacks.
    pub(super) fn recall(&self, load: &Load<'_>) -> Result<f64> {
        let exact = Searcher::new(self.index);
        let limited = Searcher::new(load.index).with_limits(load.limits);
        let mut scratch = Scratch::default();
        let (mut found, mut wanted) = (0, 0);
        for (whole, query) in self.queries.iter().zip(load.queries) {
            let best = exact.search(whole, load.k, Strategy::Auto, &mut scratch)?.hits;
            let Some(last) = best.last() else { continue };
            wanted += best.len();
            for hit in limited.search(query, load.k, load.strategy, &mut scratch)?.hits {
                found += usize::from(self.score(load, whole, hit)? >= last.score);
            }
        }
        Ok(if wanted == 0 { 1.0 } else { found as f64 / wanted as f64 })
    }

    /// The score that the reference gives a document that the load has found.
    fn score(&self, load: &Load<'_>, query: &Query, hit: Hit) -> Result<u32> {
        if self.is_searched {
            return Ok(hit.score);
        }
        let docno = load.index.docnos().get(hit.docid)?;
        let docid = self.index.docnos().find(docno)?;
        let docid = docid.with_context(|| {
            format!(
                "{}: no document {docno:?}; --reference must be an index of the same documents",
                self.path.display()
            )
        })?;
        Ok(Searcher::new(self.index).score(query, docid)?)
    }
}
