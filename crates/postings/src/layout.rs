//! The sizes that everything here agrees on: windows, blocks, groups, units, stripes.

use spork_core::{DocId, RankKey};

/// Documents of a window: their docids differ in the lower 16 bits only.
pub const WINDOW: usize = 1 << 16;
/// Documents that share a bound.
pub const BLOCK: usize = 64;
/// Documents whose docids differ in their lower 8 bits only.
pub(crate) const UNIT: usize = 256;
/// Blocks that a list stores together.
pub(crate) const GROUP_BLOCKS: usize = 16;
/// Documents of a group.
pub(crate) const GROUP: usize = GROUP_BLOCKS * BLOCK;
/// Blocks of a window.
pub const WINDOW_BLOCKS: usize = WINDOW / BLOCK;
/// Groups of a window.
pub(crate) const WINDOW_GROUPS: usize = WINDOW_BLOCKS / GROUP_BLOCKS;
/// Groups of a stripe, whose scores take 32 KiB and stay in the first-level cache.
pub(crate) const STRIPE_GROUPS: usize = 8;
/// Documents of a stripe.
pub(crate) const STRIPE: usize = STRIPE_GROUPS * GROUP;
/// The largest impact that fits one byte.
pub(crate) const BYTE_IMPACT: u16 = 255;

/// Scores of the documents of a block.
pub(crate) type BlockScores = [u32; BLOCK];
/// Scores of the documents of a group.
pub(crate) type GroupScores = [BlockScores; GROUP_BLOCKS];

const _: () = assert!(BLOCK == u64::BITS as usize && GROUP_BLOCKS == u16::BITS as usize);

/// The number of a block of documents, counted from the first document of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub u32);

impl RankKey for BlockId {
    #[inline]
    fn number(self) -> u32 {
        self.0
    }

    #[inline]
    fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// A posting list with the query's weight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighted<L> {
    pub(crate) list: L,
    pub(crate) weight: u32,
    /// Its number of postings.
    pub(crate) postings: usize,
}

/// Some blocks of a window.
#[derive(Clone, Debug)]
pub struct BlockSet([u16; WINDOW_GROUPS]);

impl BlockSet {
    /// None.
    pub fn none() -> Self {
        Self([0; WINDOW_GROUPS])
    }

    /// The blocks of a window of `documents` documents.
    pub fn all(documents: usize) -> Self {
        let mut all = Self::none();
        (0..documents.div_ceil(BLOCK)).for_each(|block| all.insert(block));
        all
    }

    /// Adds block `block` of the window.
    pub fn insert(&mut self, block: usize) {
        self.0[block / GROUP_BLOCKS] |= 1 << (block % GROUP_BLOCKS);
    }

    /// Whether block `block` of the window is one of them.
    pub fn contains(&self, block: usize) -> bool {
        self.0[block / GROUP_BLOCKS] >> (block % GROUP_BLOCKS) & 1 == 1
    }

    /// Sets blocks `64·word` to `64·word + 63`, a bit each.
    pub fn set_word(&mut self, word: usize, blocks: u64) {
        for (i, group) in self.0[word * 4..][..4].iter_mut().enumerate() {
            *group = (blocks >> (GROUP_BLOCKS * i)) as u16;
        }
    }

    /// Number of blocks.
    pub fn len(&self) -> usize {
        self.0.iter().map(|blocks| blocks.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&blocks| blocks == 0)
    }

    /// Calls `each` with the number of every block, ascending.
    pub fn for_each(&self, mut each: impl FnMut(usize)) {
        for (group, &blocks) in self.0.iter().enumerate() {
            for_each_bit(blocks.into(), |bit| each(group * GROUP_BLOCKS + bit));
        }
    }

    /// Calls `each` with the number of every group that has some of the blocks, ascending, and a
    /// bit for each of them.
    pub(crate) fn for_each_group(&self, mut each: impl FnMut(usize, u16)) {
        let groups = self.0.iter().enumerate().filter(|&(_, &blocks)| blocks > 0);
        groups.for_each(|(group, &blocks)| each(group, blocks));
    }
}

/// Calls `each` with the number of every bit that is one.
#[inline]
pub fn for_each_bit(mut bits: u64, mut each: impl FnMut(usize)) {
    while bits != 0 {
        each(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The docid of document `document` of the window that starts at `first`.
#[inline]
pub(crate) fn docid_in(first: DocId, document: usize) -> DocId {
    DocId(first.0 + document as u32)
}
