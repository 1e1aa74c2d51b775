//! A query's posting lists, window by window, in memory that is reused from query to query.

use std::ops::Range;

use spork_core::{DocId, TermId};

use crate::decoded_postings::{DecodedPostings, UnboundedList};
use crate::layout::Weighted;
use crate::prefetch::prefetch;
use crate::shapes::PostingList;
use crate::shapes::bitmap::BitmapList;
use crate::shapes::bounds::Bounds;
use crate::shapes::chunks::ChunksList;
use crate::shapes::masks::MasksList;
use crate::shapes::pairs::PairsList;
use crate::shapes::sparse::SparseList;
use crate::window::{Damage, ListSummary, Window};

/// The lists of a query. Empty between queries.
#[derive(Debug, Default)]
pub struct QueryLists<'i> {
    windows: Vec<WindowPlace>,
    unbounded: Vec<Weighted<UnboundedList<'i>>>,
    pairs: Vec<Weighted<PairsList<'i>>>,
    bitmaps: Vec<Weighted<BitmapList<'i>>>,
    masks: Vec<Weighted<MasksList<'i>>>,
    /// The lists of the current window that are to be decoded.
    chunks: Vec<Weighted<ChunksList<'i>>>,
    decoded: DecodedPostings,
    /// The terms that the current window has, their weights, and their lists' places.
    places: Vec<(TermId, u32, usize)>,
    /// The entries of their lists in the current window's directory, and their weights.
    summaries: Vec<(ListSummary, u32)>,
}

/// The ranges of a window's lists.
#[derive(Debug)]
struct WindowPlace {
    first: DocId,
    documents: usize,
    unbounded: Range<usize>,
    pairs: Range<usize>,
    bitmaps: Range<usize>,
    masks: Range<usize>,
}

/// The query's lists of one window.
#[derive(Clone, Copy, Debug)]
pub struct WindowLists<'q, 'i> {
    /// The window's first document.
    pub(crate) first: DocId,
    /// Number of its documents.
    pub(crate) documents: usize,
    unbounded: &'q [Weighted<UnboundedList<'i>>],
    decoded: &'q DecodedPostings,
    pub(crate) pairs: &'q [Weighted<PairsList<'i>>],
    pub(crate) bitmaps: &'q [Weighted<BitmapList<'i>>],
    pub(crate) masks: &'q [Weighted<MasksList<'i>>],
}

impl<'i> QueryLists<'i> {
    /// Prefetches what [`Self::push_window`] will look `terms` up in.
    pub fn prefetch_window(window: &Window<'_>, terms: &[(TermId, u32)]) {
        terms.iter().for_each(|&(term, _)| prefetch(window.map_line(term)));
    }

    /// Finds the lists of `terms`, given with their weights, in the next window. Returns their
    /// number.
    ///
    /// # Errors
    /// The window's directory names bytes that are not there.
    pub fn push_window(
        &mut self,
        window: &Window<'i>,
        terms: &[(TermId, u32)],
    ) -> Result<usize, Damage> {
        let before = self.len();
        let starts = (self.unbounded.len(), self.pairs.len(), self.bitmaps.len(), self.masks.len());
        self.look_up(window, terms);
        for i in 0..self.summaries.len() {
            let (summary, weight) = self.summaries[i];
            self.push(window.list(summary)?, weight, summary.postings);
        }
        for chunks in self.chunks.drain(..) {
            let list = UnboundedList::Decoded(self.decoded.decode(chunks.list));
            self.unbounded.push(Weighted {
                list,
                weight: chunks.weight,
                postings: chunks.postings,
            });
        }
        self.windows.push(WindowPlace {
            first: window.first_docid(),
            documents: window.documents(),
            unbounded: starts.0..self.unbounded.len(),
            pairs: starts.1..self.pairs.len(),
            bitmaps: starts.2..self.bitmaps.len(),
            masks: starts.3..self.masks.len(),
        });
        Ok(self.len() - before)
    }

    /// Fills `summaries`: in passes over all terms, each of which prefetches what the next one
    /// reads.
    fn look_up(&mut self, window: &Window<'i>, terms: &[(TermId, u32)]) {
        self.places.clear();
        for &(term, weight) in terms {
            if let Some(place) = window.place(term) {
                prefetch(window.directory_entry(place));
                self.places.push((term, weight, place));
            }
        }
        self.summaries.clear();
        for &(term, weight, place) in &self.places {
            if let Some(summary) = window.summary(term, place) {
                prefetch(window.read_at_once(summary));
                self.summaries.push((summary, weight));
            }
        }
    }

    fn push(&mut self, list: PostingList<'i>, weight: u32, postings: usize) {
        match list {
            PostingList::Sparse(list) => {
                let list = UnboundedList::Sparse(list);
                self.unbounded.push(Weighted { list, weight, postings });
            }
            PostingList::Pairs(list) => self.pairs.push(Weighted { list, weight, postings }),
            PostingList::Bitmap(list) => self.bitmaps.push(Weighted { list, weight, postings }),
            PostingList::Masks(list) => self.masks.push(Weighted { list, weight, postings }),
            PostingList::Chunks(list) => {
                list.head().into_iter().for_each(prefetch);
                self.chunks.push(Weighted { list, weight, postings });
            }
        }
    }

    /// Number of lists.
    pub fn len(&self) -> usize {
        self.unbounded.len() + self.pairs.len() + self.bitmaps.len() + self.masks.len()
    }

    /// Whether no window has a list of the query.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of postings, all lists together.
    pub fn postings(&self) -> u64 {
        let unbounded = self.unbounded.iter().map(|list| list.postings);
        let others = self.pairs.iter().map(|list| list.postings);
        let others = others.chain(self.bitmaps.iter().map(|list| list.postings));
        let others = others.chain(self.masks.iter().map(|list| list.postings));
        unbounded.chain(others).map(|postings| postings as u64).sum()
    }

    /// Number of windows.
    pub fn windows(&self) -> usize {
        self.windows.len()
    }

    /// The lists of window `number`, which must be there.
    pub fn window(&self, number: usize) -> WindowLists<'_, 'i> {
        let place = &self.windows[number];
        WindowLists {
            first: place.first,
            documents: place.documents,
            unbounded: &self.unbounded[place.unbounded.clone()],
            decoded: &self.decoded,
            pairs: &self.pairs[place.pairs.clone()],
            bitmaps: &self.bitmaps[place.bitmaps.clone()],
            masks: &self.masks[place.masks.clone()],
        }
    }

    /// Forgets the lists; what was allocated for them serves others, whatever index they are from.
    pub fn recycle<'o>(mut self) -> QueryLists<'o> {
        self.windows.clear();
        self.decoded.clear();
        QueryLists {
            windows: self.windows,
            decoded: self.decoded,
            places: self.places,
            summaries: self.summaries,
            unbounded: emptied(self.unbounded),
            pairs: emptied(self.pairs),
            bitmaps: emptied(self.bitmaps),
            masks: emptied(self.masks),
            chunks: emptied(self.chunks),
        }
    }
}

/// An empty vector in the memory of another: collecting in place is what the standard library does
/// where layouts are equal.
pub(crate) fn emptied<T, U>(mut full: Vec<T>) -> Vec<U> {
    full.clear();
    full.into_iter().filter_map(|_| None).collect()
}

impl<'q, 'i> WindowLists<'q, 'i> {
    /// Number of documents of the window.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Whether no document of the window has any of the query's terms.
    pub fn is_empty(&self) -> bool {
        self.unbounded.is_empty()
            && self.pairs.is_empty()
            && self.bitmaps.is_empty()
            && self.masks.is_empty()
    }

    /// Prefetches the lists without bounds, which are short.
    pub fn prefetch_unbounded(&self) {
        self.unbounded().flat_map(|list| list.list.parts()).for_each(prefetch);
    }

    /// Prefetches the docids of the lists without bounds.
    pub fn prefetch_docids(&self) {
        self.unbounded().for_each(|list| prefetch(list.list.docids.as_flattened()));
    }

    /// The lists without bounds.
    pub(crate) fn unbounded(&self) -> impl Iterator<Item = Weighted<SparseList<'q>>> + use<'q, 'i> {
        let decoded = self.decoded;
        let list = |list| match list {
            UnboundedList::Sparse(list) => list,
            UnboundedList::Decoded(list) => decoded.list(list),
        };
        self.unbounded.iter().map(move |weighted| Weighted {
            list: list(weighted.list),
            weight: weighted.weight,
            postings: weighted.postings,
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
