//! A query's posting lists, window by window, in memory that is reused from query to query.

use std::ops::Range;

use spork_core::{DocId, TermId};
use spork_index::{
    BitmapList, Bounds, ChunksList, Index, ListSummary, MasksList, PairsList, PostingList, SparseList,
};

use crate::decoded::{Decoded, SparseOrDecoded};
use crate::kernel::prefetch;
use crate::{Query, Result, SearchStatistics};

/// A posting list with the query's weight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighted<L> {
    pub(crate) list: L,
    pub(crate) weight: u32,
    /// Its number of postings.
    pub(crate) postings: usize,
}

/// The lists of a query. Empty between queries.
#[derive(Debug, Default)]
pub(crate) struct Lists<'i> {
    windows: Vec<Place>,
    sparse: Vec<Weighted<SparseOrDecoded<'i>>>,
    pairs: Vec<Weighted<PairsList<'i>>>,
    bitmaps: Vec<Weighted<BitmapList<'i>>>,
    masks: Vec<Weighted<MasksList<'i>>>,
    /// Those of the window at hand that are to be decoded.
    chunks: Vec<Weighted<ChunksList<'i>>>,
    decoded: Decoded,
    /// The terms that the window at hand has, their weights, and their lists' places.
    places: Vec<(TermId, u32, usize)>,
    /// What the window at hand says of their lists, and their weights.
    summaries: Vec<(ListSummary, u32)>,
}

/// Where a window's lists stand.
#[derive(Debug)]
struct Place {
    first: DocId,
    documents: usize,
    sparse: Range<usize>,
    pairs: Range<usize>,
    bitmaps: Range<usize>,
    masks: Range<usize>,
}

/// The query's lists of one window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowLists<'q, 'i> {
    /// The window's first document.
    pub(crate) first: DocId,
    /// Number of its documents.
    pub(crate) documents: usize,
    sparse: &'q [Weighted<SparseOrDecoded<'i>>],
    decoded: &'q Decoded,
    pub(crate) pairs: &'q [Weighted<PairsList<'i>>],
    pub(crate) bitmaps: &'q [Weighted<BitmapList<'i>>],
    pub(crate) masks: &'q [Weighted<MasksList<'i>>],
}

impl<'i> Lists<'i> {
    /// Finds the query's lists. `memory` holds none; its allocations are kept.
    pub(crate) fn find(
        index: &'i Index,
        query: &Query,
        memory: Lists<'static>,
        statistics: &mut SearchStatistics,
    ) -> Result<Self> {
        let mut found: Lists<'i> = memory.recycle();
        let numbers = 0..index.postings().windows();
        let mut windows = numbers.map(|number| index.postings().window(number)).peekable();
        while let Some(window) = windows.next() {
            let window = window?;
            if let Some(Ok(next)) = windows.peek() {
                query.terms().iter().for_each(|&(term, _)| prefetch(next.map_line(term)));
            }
            let before = found.len();
            let starts = (found.sparse.len(), found.pairs.len(), found.bitmaps.len(), found.masks.len());
            found.places.clear();
            for &(term, weight) in query.terms() {
                if let Some(place) = window.place(term) {
                    prefetch(window.entry(place));
                    found.places.push((term, weight, place));
                }
            }
            found.summaries.clear();
            for &(term, weight, place) in &found.places {
                if let Some(summary) = window.summary(term, place) {
                    prefetch(window.checked(summary));
                    found.summaries.push((summary, weight));
                }
            }
            for &(summary, weight) in &found.summaries {
                let postings = summary.postings;
                match window.list(summary)? {
                    PostingList::Sparse(list) => {
                        let list = SparseOrDecoded::Sparse(list);
                        found.sparse.push(Weighted { list, weight, postings });
                    }
                    PostingList::Pairs(list) => found.pairs.push(Weighted { list, weight, postings }),
                    PostingList::Bitmap(list) => found.bitmaps.push(Weighted { list, weight, postings }),
                    PostingList::Masks(list) => found.masks.push(Weighted { list, weight, postings }),
                    PostingList::Chunks(list) => {
                        list.head().into_iter().for_each(prefetch);
                        found.chunks.push(Weighted { list, weight, postings });
                    }
                }
            }
            for chunks in found.chunks.drain(..) {
                let list = SparseOrDecoded::Decoded(found.decoded.decode(chunks.list));
                found.sparse.push(Weighted { list, weight: chunks.weight, postings: chunks.postings });
            }
            if found.len() > before {
                statistics.windows += 1;
            } else {
                statistics.windows_skipped += 1;
            }
            found.windows.push(Place {
                first: window.first_docid(),
                documents: window.documents(),
                sparse: starts.0..found.sparse.len(),
                pairs: starts.1..found.pairs.len(),
                bitmaps: starts.2..found.bitmaps.len(),
                masks: starts.3..found.masks.len(),
            });
        }
        statistics.lists += found.len() as u64;
        Ok(found)
    }

    /// Number of lists.
    fn len(&self) -> usize {
        self.sparse.len() + self.pairs.len() + self.bitmaps.len() + self.masks.len()
    }

    /// Number of postings, all lists together.
    pub(crate) fn postings(&self) -> u64 {
        let sparse = self.sparse.iter().map(|list| list.postings);
        let others = self.pairs.iter().map(|list| list.postings);
        let others = others.chain(self.bitmaps.iter().map(|list| list.postings));
        let others = others.chain(self.masks.iter().map(|list| list.postings));
        sparse.chain(others).map(|postings| postings as u64).sum()
    }

    /// Number of windows of the index.
    pub(crate) fn windows(&self) -> usize {
        self.windows.len()
    }

    /// The lists of window `number`, which must be there.
    pub(crate) fn window(&self, number: usize) -> WindowLists<'_, 'i> {
        let place = &self.windows[number];
        WindowLists {
            first: place.first,
            documents: place.documents,
            sparse: &self.sparse[place.sparse.clone()],
            pairs: &self.pairs[place.pairs.clone()],
            bitmaps: &self.bitmaps[place.bitmaps.clone()],
            masks: &self.masks[place.masks.clone()],
            decoded: &self.decoded,
        }
    }

    /// Forgets the lists; what was allocated for them serves others, whatever index they are from.
    pub(crate) fn recycle<'o>(mut self) -> Lists<'o> {
        self.windows.clear();
        self.decoded.clear();
        Lists {
            windows: self.windows,
            decoded: self.decoded,
            places: self.places,
            summaries: self.summaries,
            sparse: emptied(self.sparse),
            pairs: emptied(self.pairs),
            bitmaps: emptied(self.bitmaps),
            masks: emptied(self.masks),
            chunks: emptied(self.chunks),
        }
    }
}

/// An empty vector in the memory of another: collecting in place is what the standard library does where layouts are equal.
pub(crate) fn emptied<T, U>(mut full: Vec<T>) -> Vec<U> {
    full.clear();
    full.into_iter().filter_map(|_| None).collect()
}

impl<'q, 'i> WindowLists<'q, 'i> {
    /// Whether no document of the window has any of the query's terms.
    pub(crate) fn is_empty(&self) -> bool {
        self.sparse.is_empty() && self.pairs.is_empty() && self.bitmaps.is_empty() && self.masks.is_empty()
    }

    /// Asks for the lists without bounds, which are short.
    pub(crate) fn prefetch_sparse(&self) {
        self.sparse().flat_map(|list| list.list.parts()).for_each(prefetch);
    }

    /// The lists without bounds.
    pub(crate) fn sparse(&self) -> impl Iterator<Item = Weighted<SparseList<'q>>> + use<'q, 'i> {
        let decoded = self.decoded;
        let list = |sparse| match sparse {
            SparseOrDecoded::Sparse(list) => list,
            SparseOrDecoded::Decoded(place) => decoded.list(place),
        };
        self.sparse.iter().map(move |sparse| Weighted {
            list: list(sparse.list),
            weight: sparse.weight,
            postings: sparse.postings,
        })
    }

    /// Bounds and weights of the lists that state them.
    pub(crate) fn bounds(&self) -> impl Iterator<Item = (Bounds<'i>, u32)> {
        let pairs = self.pairs.iter().map(|list| (list.list.bounds, list.weight));
        let bitmaps = self.bitmaps.iter().map(|list| (list.list.bounds, list.weight));
        let masks = self.masks.iter().map(|list| (list.list.bounds, list.weight));
        pairs.chain(bitmaps).chain(masks)
    }
}
