//! The segments of an index while a query is answered.

use spork_core::{DocnoOrder, DocnoRank, Hit, TopK};
use spork_index::Segment;
use spork_postings::{
    BlockSet, QueryLists, Scorer, SearchStatistics, Selection, Simd, StripeScores,
};

use crate::Result;
use crate::find::hits;

/// A segment that a query searches.
pub(crate) struct Part<'i> {
    segment: &'i Segment,
    pub(crate) lists: QueryLists<'i>,
    order: DocnoOrder<'i>,
    pub(crate) selection: Option<Selection<'i>>,
    /// The best documents of this segment.
    pub(crate) top: TopK<DocnoRank>,
}

/// Memory that a part leaves to the next.
pub(crate) type PartMemory = (QueryLists<'static>, TopK<DocnoRank>);

/// What all parts of a search use.
pub(crate) struct Shared<'s> {
    pub(crate) simd: Simd,
    pub(crate) scores: &'s mut StripeScores,
    pub(crate) statistics: &'s mut SearchStatistics,
}

impl<'i> Part<'i> {
    pub(crate) fn new(
        segment: &'i Segment,
        lists: QueryLists<'i>,
        selection: Option<Selection<'i>>,
        top: TopK<DocnoRank>,
    ) -> Result<Self> {
        Ok(Self { segment, lists, order: segment.docnos().order()?, selection, top })
    }

    /// Scores the `wanted` blocks of a window.
    pub(crate) fn score(&mut self, window: usize, wanted: &BlockSet, shared: &mut Shared<'_>) {
        let (order, selection) = (self.order, self.selection);
        let Shared { simd, scores, statistics } = shared;
        let (simd, top) = (*simd, &mut self.top);
        Scorer { simd, scores, order, selection, top, statistics }
            .score(self.lists.window(window), wanted);
    }

    /// Scores all of a window that may be found.
    pub(crate) fn score_window(&mut self, number: usize, shared: &mut Shared<'_>) {
        let window = self.lists.window(number);
        if window.is_empty() {
            return;
        }
        let blocks = match self.selection {
            Some(selection) => selection.wanted(number, window.documents()),
            None => BlockSet::all(window.documents()),
        };
        if !blocks.is_empty() {
            window.prefetch_unbounded();
            self.score(number, &blocks, shared);
        }
    }

    /// The best documents of the segment, in rank order, and the memory for another part.
    pub(crate) fn finish(self) -> Result<(Vec<Hit>, PartMemory)> {
        let Self { segment, lists, mut top, .. } = self;
        let hits = hits(segment, top.drain_ranked())?;
        Ok((hits, (lists.recycle(), top)))
    }
}

/// The k-th best score of all parts together as far as it is known, 0 while there are fewer.
pub(crate) fn threshold(parts: &[Part<'_>], k: usize, memory: &mut Vec<u32>) -> u32 {
    let own = parts.iter().map(|part| part.top.threshold()).max().unwrap_or(0);
    if parts.len() < 2 || k == 0 {
        return own;
    }
    memory.clear();
    memory.extend(parts.iter().flat_map(|part| part.top.scores()));
    if memory.len() < k {
        return own;
    }
    let (_, &mut score, _) = memory.select_nth_unstable_by(k - 1, |a, b| b.cmp(a));
    own.max(score)
}

/// Raises what a document of the part at `place` has to score to the [`threshold`] of all parts.
pub(crate) fn raise_threshold(
    parts: &mut [Part<'_>],
    place: usize,
    k: usize,
    memory: &mut Vec<u32>,
) {
    if parts.len() > 1 && k > 0 {
        let least = threshold(parts, k, memory);
        parts[place].top.raise(least);
    }
}
