//! The documents that a search may find, over all segments.

use spork_core::DocId;
use spork_index::{Index, Segment};
use spork_postings::{BLOCK, Selection};

use crate::Result;

/// Documents of an index that a search may find, such as those that a filter leaves. It belongs to
/// the generation that it was made for.
#[derive(Clone, Debug)]
pub struct SelectedDocuments {
    /// By segment a word a block, without deleted documents.
    words: Vec<Vec<[u8; 8]>>,
    documents: u64,
}

impl SelectedDocuments {
    /// The living documents among those that `select` gives for each segment: bit d of word b is
    /// document 64·b + d of the segment. Words that are missing are zero.
    ///
    /// # Errors
    /// The index is damaged, or `select`'s own.
    pub fn new<E: From<spork_index::Error>>(
        index: &Index,
        mut select: impl FnMut(&Segment) -> std::result::Result<Vec<u64>, E>,
    ) -> std::result::Result<Self, E> {
        let mut words = Vec::with_capacity(index.segments().len());
        for segment in index.segments() {
            let (mut selected, living) = (select(segment)?, segment.living()?);
            selected.resize(segment.blocks(), 0);
            let beyond = segment.documents() as usize % BLOCK;
            if let Some(last) = selected.last_mut().filter(|_| beyond > 0) {
                *last &= (1 << beyond) - 1;
            }
            let word = |(block, word): (usize, u64)| {
                (word & living.map_or(u64::MAX, |living| living.block(block))).to_le_bytes()
            };
            words.push(selected.into_iter().enumerate().map(word).collect());
        }
        let documents = words.iter().map(|words: &Vec<_>| Selection(words).documents()).sum();
        Ok(Self { words, documents })
    }

    /// The living documents among some, given by their docids in any order.
    ///
    /// # Errors
    /// There is no such document, or the index is damaged.
    pub fn of_docids(index: &Index, docids: &[DocId]) -> Result<Self> {
        let mut words: Vec<Vec<u64>> =
            index.segments().iter().map(|segment| vec![0; segment.blocks()]).collect();
        for &docid in docids {
            let place = index.place(docid)?;
            let document = place.docid.0 as usize;
            words[place.number][document / BLOCK] |= 1 << (document % BLOCK);
        }
        let mut words = words.into_iter();
        Ok(Self::new(index, |_| spork_index::Result::Ok(words.next().unwrap_or_default()))?)
    }

    /// How many there are.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Those of segment `number`.
    pub(crate) fn segment(&self, number: usize) -> Selection<'_> {
        Selection(self.words.get(number).map_or(&[], Vec::as_slice))
    }
}
