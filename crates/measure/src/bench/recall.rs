//! The share of the exact answers' documents that a workload finds.

use std::path::Path;

use spork_core::Hit;
use spork_index::Index;
use spork_searcher::{Query, Scratch, Searcher, Strategy};

use super::workload::Workload;
use crate::error::{Error, Result};

/// The index whose exact answers are those to find.
#[derive(Clone, Copy)]
pub(super) struct Reference<'a> {
    pub(super) index: &'a Index,
    /// With all their terms, in the order of the workload's.
    pub(super) queries: &'a [Query],
    /// The index folder.
    pub(super) path: &'a Path,
    /// Whether the workload searches the same index for the same queries, so that its scores are
    /// the reference's.
    pub(super) is_searched: bool,
}

impl Reference<'_> {
    /// The share of the reference's best documents that the workload finds, ties at the cutoff
    /// counting as found.
    ///
    /// # Errors
    /// An index is damaged, or the reference lacks a document.
    pub(super) fn recall(&self, workload: &Workload<'_>) -> Result<f64> {
        let exact = Searcher::new(self.index);
        let limited = Searcher::new(workload.index).with_limits(workload.limits);
        let mut scratch = Scratch::default();
        let (mut found, mut expected) = (0, 0);
        for (whole, query) in self.queries.iter().zip(workload.queries) {
            let best = exact.search(whole, workload.k, Strategy::Auto, &mut scratch)?.hits;
            let Some(last) = best.last() else { continue };
            expected += best.len();
            for hit in limited.search(query, workload.k, workload.strategy, &mut scratch)?.hits {
                found += usize::from(self.score(workload, whole, hit)? >= last.score);
            }
        }
        Ok(if expected == 0 { 1.0 } else { found as f64 / expected as f64 })
    }

    /// The score that the reference gives a document that the workload has found.
    fn score(&self, workload: &Workload<'_>, query: &Query, hit: Hit) -> Result<u32> {
        if self.is_searched {
            return Ok(hit.score);
        }
        let docno = workload.index.docno(hit.docid)?;
        let docid = self.index.find(docno)?.ok_or_else(|| Error::OtherDocuments {
            reference: self.path.to_owned(),
            docno: docno.to_owned(),
        })?;
        Ok(Searcher::new(self.index).score(query, docid)?)
    }
}
