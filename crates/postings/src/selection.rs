//! The documents that a search may find.

use spork_core::DocId;

use crate::layout::{BLOCK, BlockSet, WINDOW_BLOCKS};

/// Which documents of a segment may be found: those that are not deleted, or that a filter leaves.
/// A word of 64 bits a block, little-endian; bit d is document d of the block. Documents beyond the
/// words are left out.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'s> {
    words: &'s [[u8; 8]],
    /// Whether many blocks may have none of the documents, so that it pays to look.
    sparse: bool,
}

impl<'s> Selection<'s> {
    /// The documents that are not deleted: most of them.
    pub fn living(words: &'s [[u8; 8]]) -> Self {
        Self { words, sparse: false }
    }

    /// Any documents.
    pub fn chosen(words: &'s [[u8; 8]]) -> Self {
        Self { words, sparse: true }
    }

    /// A word a block.
    pub fn words(self) -> impl Iterator<Item = u64> + use<'s> {
        self.words.iter().map(|&word| u64::from_le_bytes(word))
    }

    /// The documents of a block, a bit each.
    #[inline]
    pub fn block(self, block: usize) -> u64 {
        self.words.get(block).map_or(0, |&word| u64::from_le_bytes(word))
    }

    /// Whether a document, by its docid in the segment, is one of them.
    pub fn contains(self, docid: DocId) -> bool {
        let document = docid.0 as usize;
        self.block(document / BLOCK) >> (document % BLOCK) & 1 == 1
    }

    /// The part of window `number`.
    pub(crate) fn window(self, number: usize) -> Self {
        let words = self.words.get(number.saturating_mul(WINDOW_BLOCKS)..).unwrap_or_default();
        Self { words: &words[..words.len().min(WINDOW_BLOCKS)], ..self }
    }

    /// Whether window `number` may have any of the documents.
    pub fn has_any(self, number: usize) -> bool {
        !self.sparse || self.window(number).words.iter().any(|&word| word != [0; 8])
    }

    /// The blocks of window `number`, of `documents` documents, that are worth scoring.
    pub fn wanted(self, number: usize, documents: usize) -> BlockSet {
        if !self.sparse {
            return BlockSet::all(documents);
        }
        let mut wanted = BlockSet::none();
        for (place, words) in self.window(number).words.chunks(BLOCK).enumerate() {
            let bit = |(bit, &word): (usize, &[u8; 8])| u64::from(word != [0; 8]) << bit;
            wanted.set_word(place, words.iter().enumerate().map(bit).sum());
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::WINDOW;

    #[test]
    fn documents_are_bits_of_blocks() {
        let mut words = vec![[0; 8]; WINDOW_BLOCKS + 2];
        words[1] = 5u64.to_le_bytes();
        words[WINDOW_BLOCKS + 1] = (1u64 << 63).to_le_bytes();
        let selection = Selection::chosen(&words);
        let found: Vec<u32> =
            (0..70_000).filter(|&docid| selection.contains(DocId(docid))).collect();
        assert_eq!(found, [64, 66, (WINDOW_BLOCKS as u32 + 1) * 64 + 63]);
        assert_eq!(selection.words().map(u64::count_ones).sum::<u32>(), 3);
        assert_eq!(selection.wanted(0, WINDOW).len(), 1);
        assert_eq!(selection.window(1).block(1), 1 << 63);
        assert!(selection.wanted(2, 5).is_empty());
        assert_eq!(Selection::living(&words).wanted(0, 100).len(), 2);
    }
}
