//! The documents that a search may find, over all segments.

use spork_core::DocId;
use spork_index::{Index, Segment};
use spork_postings::{BLOCK, BlockSet, Selection};

use crate::Result;

/// Up to that many documents a block, on average, are looked at one by one.
const FEW_A_BLOCK: u64 = 4;

/// Documents of an index that a search may find, such as those that a filter leaves. It belongs to
/// the generation that it was made for.
#[derive(Clone, Debug)]
pub struct SelectedDocuments {
    segments: Vec<Selected>,
    documents: u64,
    /// Whether blocks that have any have few.
    few: bool,
}

/// The documents of one segment.
#[derive(Clone, Debug)]
struct Selected {
    /// A word a block, without deleted documents.
    words: Vec<[u8; 8]>,
    /// The blocks that have any, a set a window.
    blocks: Vec<BlockSet>,
}

impl Selected {
    /// Number of blocks that have any.
    fn blocks(&self) -> u64 {
        self.blocks.iter().map(|blocks| blocks.len() as u64).sum()
    }
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
        let (mut segments, mut documents) = (Vec::with_capacity(index.segments().len()), 0);
        for segment in index.segments() {
            let (mut selected, living) = (select(segment)?, segment.living()?);
            selected.resize(segment.blocks(), 0);
            let beyond = segment.documents() as usize % BLOCK;
            if let Some(last) = selected.last_mut().filter(|_| beyond > 0) {
                *last &= (1 << beyond) - 1;
            }
            for (block, word) in selected.iter_mut().enumerate() {
                *word &= living.map_or(u64::MAX, |living| living.block(block));
                documents += u64::from(word.count_ones());
            }
            let words: Vec<_> = selected.into_iter().map(u64::to_le_bytes).collect();
            let blocks = Selection::blocks_of(&words);
            segments.push(Selected { words, blocks });
        }
        let blocks: u64 = segments.iter().map(Selected::blocks).sum();
        Ok(Self { segments, documents, few: documents <= FEW_A_BLOCK * blocks })
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

    /// Number of blocks that have any of them.
    pub(crate) fn blocks(&self) -> u64 {
        self.segments.iter().map(Selected::blocks).sum()
    }

    /// Those of segment `number`; `None` if there are none.
    pub(crate) fn segment(&self, number: usize) -> Option<Selection<'_>> {
        let Selected { words, blocks } = self.segments.get(number)?;
        let any = blocks.iter().any(|blocks| !blocks.is_empty());
        any.then_some(Selection::chosen(words, blocks, self.few))
    }
}
