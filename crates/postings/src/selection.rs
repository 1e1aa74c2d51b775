//! The documents that a search may find.

use spork_core::DocId;

use crate::layout::{BLOCK, BlockSet, WINDOW_BLOCKS};

/// Which documents of a segment may be found: those that are not deleted, or that a filter leaves.
/// A word of 64 bits a block, little-endian; bit d is document d of the block. Documents beyond the
/// words are left out.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'s>(pub &'s [[u8; 8]]);

impl<'s> Selection<'s> {
    /// The documents of a block, a bit each.
    #[inline]
    pub fn block(self, block: usize) -> u64 {
        self.0.get(block).map_or(0, |&word| u64::from_le_bytes(word))
    }

    /// Whether a document, by its docid in the segment, is one of them.
    pub fn contains(self, docid: DocId) -> bool {
        let document = docid.0 as usize;
        self.block(document / BLOCK) >> (document % BLOCK) & 1 == 1
    }

    /// Number of documents.
    pub fn documents(self) -> u64 {
        self.0.iter().map(|&word| u64::from(u64::from_le_bytes(word).count_ones())).sum()
    }

    /// Number of blocks that have any.
    pub fn blocks(self) -> usize {
        self.0.iter().filter(|&&word| word != [0; 8]).count()
    }

    /// The part of window `number`.
    pub fn window(self, number: usize) -> Self {
        let words = self.0.get(number.saturating_mul(WINDOW_BLOCKS)..).unwrap_or_default();
        Self(&words[..words.len().min(WINDOW_BLOCKS)])
    }

    /// The blocks that have any of the documents of a window, whose part this is.
    pub fn wanted(self) -> BlockSet {
        let mut wanted = BlockSet::none();
        for (block, _) in self.0.iter().enumerate().filter(|&(_, &word)| word != [0; 8]) {
            wanted.insert(block);
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_bits_of_blocks() {
        let mut words = vec![[0; 8]; WINDOW_BLOCKS + 2];
        words[1] = 5u64.to_le_bytes();
        words[WINDOW_BLOCKS + 1] = (1u64 << 63).to_le_bytes();
        let selection = Selection(&words);
        let found: Vec<u32> =
            (0..70_000).filter(|&docid| selection.contains(DocId(docid))).collect();
        assert_eq!(found, [64, 66, (WINDOW_BLOCKS as u32 + 1) * 64 + 63]);
        assert_eq!((selection.documents(), selection.blocks()), (3, 2));
        assert_eq!(selection.window(0).wanted().len(), 1);
        assert_eq!(selection.window(1).block(1), 1 << 63);
        assert_eq!(selection.window(2).documents(), 0);
    }
}
