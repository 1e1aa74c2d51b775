//! The documents that a search may find.

use spork_core::DocId;

use crate::layout::{BLOCK, BlockSet, WINDOW_BLOCKS};

/// Which documents of a segment may be found: those that are not deleted, or that a filter leaves.
/// A word of 64 bits a block, little-endian; bit d is document d of the block. Documents beyond the
/// words are left out.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'s> {
    words: &'s [[u8; 8]],
    /// The blocks of each window that have any of the documents; `None` if that is most of them,
    /// and not worth knowing.
    blocks: Option<&'s [BlockSet]>,
    /// Whether these blocks have few of the documents each.
    few: bool,
}

impl<'s> Selection<'s> {
    /// The documents that are not deleted: most of them.
    pub fn living(words: &'s [[u8; 8]]) -> Self {
        Self { words, blocks: None, few: false }
    }

    /// Any documents, with the [`Self::blocks_of`] their words; `few` tells that it takes less time
    /// to look at each of them than at all of a block.
    pub fn chosen(words: &'s [[u8; 8]], blocks: &'s [BlockSet], few: bool) -> Self {
        Self { words, blocks: Some(blocks), few }
    }

    /// The blocks that have any of the documents, a set a window.
    pub fn blocks_of(words: &[[u8; 8]]) -> Vec<BlockSet> {
        let window = |words: &[[u8; 8]]| {
            let mut blocks = BlockSet::none();
            let some = words.iter().enumerate().filter(|&(_, &word)| word != [0; 8]);
            some.for_each(|(block, _)| blocks.insert(block));
            blocks
        };
        words.chunks(WINDOW_BLOCKS).map(window).collect()
    }

    /// Whether it takes less time to look at each of the documents than at all of a block.
    pub(crate) fn is_few(self) -> bool {
        self.few
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
        self.blocks.is_none_or(|all| all.get(number).is_some_and(|blocks| !blocks.is_empty()))
    }

    /// The blocks of window `number`, of `documents` documents, that are worth scoring.
    pub fn wanted(self, number: usize, documents: usize) -> BlockSet {
        let Some(blocks) = self.blocks else { return BlockSet::all(documents) };
        blocks.get(number).cloned().unwrap_or_else(BlockSet::none)
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
        let blocks = Selection::blocks_of(&words);
        let selection = Selection::chosen(&words, &blocks, true);
        let found: Vec<u32> =
            (0..70_000).filter(|&docid| selection.contains(DocId(docid))).collect();
        assert_eq!(found, [64, 66, (WINDOW_BLOCKS as u32 + 1) * 64 + 63]);
        assert_eq!(selection.words().map(u64::count_ones).sum::<u32>(), 3);
        assert_eq!(selection.wanted(0, WINDOW).len(), 1);
        assert!(selection.has_any(1) && !selection.has_any(2));
        assert_eq!(selection.window(1).block(1), 1 << 63);
        assert!(selection.wanted(2, 5).is_empty());
        assert_eq!(Selection::living(&words).wanted(0, 100).len(), 2);
    }
}
