//! The segments of an index while a query is answered.

use spork_core::{DocId, DocnoOrder, TopDocuments};
use spork_index::Segment;
use spork_postings::{
    BLOCK, BlockSet, QueryLists, Scorer, SearchStatistics, Selection, Simd, StripeScores,
};

use crate::Result;

/// With fewer than one wanted block in that many, few postings of short lists are wanted.
const FEW: usize = 32;

/// A segment that a query searches.
pub(crate) struct Part<'i> {
    /// The docid in the index of the segment's first document.
    first: DocId,
    pub(crate) lists: QueryLists<'i>,
    order: DocnoOrder<'i>,
    pub(crate) selection: Option<Selection<'i>>,
}

/// What all parts of a search use.
pub(crate) struct Shared<'s> {
    pub(crate) simd: Simd,
    pub(crate) scores: &'s mut StripeScores,
    /// The best documents of all parts.
    pub(crate) top: &'s mut TopDocuments,
    pub(crate) statistics: &'s mut SearchStatistics,
}

impl<'i> Part<'i> {
    pub(crate) fn new(
        segment: &'i Segment,
        lists: QueryLists<'i>,
        selection: Option<Selection<'i>>,
    ) -> Result<Self> {
        let first = DocId(segment.first_docid());
        Ok(Self { first, lists, order: segment.docnos().order()?, selection })
    }

    /// Scores the `wanted` blocks of a window.
    pub(crate) fn score(&self, window: usize, wanted: &BlockSet, shared: &mut Shared<'_>) {
        let &Self { first, order, selection, .. } = self;
        let Shared { simd, scores, top, statistics } = shared;
        Scorer { simd: *simd, scores, first, order, selection, top, statistics }
            .score(self.lists.window(window), wanted);
    }

    /// As [`Self::score`], and brings the k-th best score up to date.
    pub(crate) fn score_and_tighten(
        &self,
        window: usize,
        wanted: &BlockSet,
        shared: &mut Shared<'_>,
    ) {
        self.score(window, wanted, shared);
        shared.top.tighten(self.order);
    }

    /// Scores all of a window that may be found.
    pub(crate) fn score_window(&self, number: usize, shared: &mut Shared<'_>) {
        let window = self.lists.window(number);
        if window.is_empty() {
            return;
        }
        let documents = window.documents();
        let blocks = match self.selection {
            Some(selection) => selection.wanted(number, documents),
            None => BlockSet::all(documents),
        };
        if blocks.is_empty() {
            return;
        }
        if blocks.len() * FEW < documents.div_ceil(BLOCK) {
            window.prefetch_docids();
        } else {
            window.prefetch_unbounded();
        }
        self.score(number, &blocks, shared);
    }
}
