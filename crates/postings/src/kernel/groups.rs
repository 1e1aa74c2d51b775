//! Code that all kernels share: iterating over the groups of a stripe, and over the blocks of a
//! bitmap list's group.

use std::ops::Range;

use crate::layout::{BlockScores, GROUP_BLOCKS, GroupScores, Weighted};
use crate::prefetch::{Prefetch, prefetch, prefetch_apart, prefetch_later};
use crate::shapes::bitmap::{BitmapList, GROUP_BYTES, Group, group_impacts};

/// The largest weight that the vector versions multiply with: they take signed 16-bit factors.
pub(crate) const MOST_WEIGHT: u32 = i16::MAX as u32;

/// A byte with one bit, for each bit.
#[cfg(target_arch = "x86_64")]
pub(crate) const ONES: u64 = 0x8040_2010_0804_0201;

/// Groups of a window's blocks, ascending, and which of their blocks are wanted: some of each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups<'a> {
    /// Their numbers.
    pub(crate) numbers: &'a [usize],
    /// For each group, a bit for each wanted block.
    pub(crate) wanted: &'a [u16],
}

impl<'a> Groups<'a> {
    /// The number of each group, and its wanted blocks.
    #[inline(always)]
    pub(crate) fn iter(self) -> impl Iterator<Item = (usize, u16)> + use<'a> {
        self.numbers.iter().copied().zip(self.wanted.iter().copied())
    }

    /// Prefetches of lists that come after list `i`, and returns what is left to prefetch, a slot
    /// with each group.
    #[inline]
    pub(crate) fn prefetch_later<'l, L>(
        self,
        lists: &'l [L],
        i: usize,
        head: impl Fn(&'l L, Range<usize>) -> [&'l [u8]; 2],
        body: impl Fn(&'l L, Range<usize>) -> &'l [u8],
    ) -> Prefetch {
        let start = self.numbers.first().copied().unwrap_or(0);
        let end = self.numbers.last().map_or(0, |last| last + 1);
        let head = |list, groups| head(list, groups).into_iter().for_each(prefetch);
        if end - start == self.numbers.len() {
            let (head, body) = (|list| head(list, start..end), |list| body(list, start..end));
            return prefetch_later(lists, i, self.numbers.len(), head, body);
        }
        let each = self.numbers.iter().map(|&group| group..group + 1);
        prefetch_apart(
            lists,
            i,
            |list| each.clone().for_each(|group| head(list, group)),
            |list| each.clone().for_each(|group| prefetch(start_of(body(list, group)))),
        );
        Prefetch::none()
    }
}

/// As much of a group as is prefetched where its neighbors are not wanted: most of many groups.
fn start_of(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(256)]
}

/// A group's blocks that have postings, one after the other.
struct Blocks<'i> {
    bytes: &'i [u8; GROUP_BYTES],
    /// Those to come.
    occupied: u16,
    /// The byte of the next block's bits, at most 8 · 16.
    bits: usize,
    /// The byte of the next block's impacts, at most 8 · 16 + 64 · 16.
    impacts: usize,
}

impl<'i> Blocks<'i> {
    #[inline(always)]
    fn new(group: Group<'i>) -> Self {
        Self {
            bytes: group.bytes,
            occupied: group.occupied,
            bits: 0,
            impacts: group_impacts(group.occupied),
        }
    }

    /// The next block's number, its bits and the byte at which its impacts start.
    #[inline(always)]
    fn next(&mut self) -> Option<(usize, u64, usize)> {
        if self.occupied == 0 {
            return None;
        }
        let block = self.occupied.trailing_zeros() as usize;
        self.occupied &= self.occupied - 1;
        let bits = u64::from_le_bytes(*chunk(self.bytes, self.bits));
        let impacts = self.impacts;
        self.bits += 8;
        self.impacts += bits.count_ones() as usize;
        Some((block, bits, impacts))
    }
}

/// The `N` bytes that start at `at`. Callers keep `at` at most `OF - N`; a larger one is clamped to
/// that, so that the compiler sees that `N` bytes are left and removes the `unreachable`.
#[inline(always)]
pub(crate) fn chunk<const N: usize, const OF: usize>(bytes: &[u8; OF], at: usize) -> &[u8; N] {
    const { assert!(N <= OF) };
    bytes[at.min(OF - N)..].first_chunk().unwrap_or_else(|| unreachable!("N bytes are left"))
}

/// Calls `each` with the number of every bit that is one.
#[inline(always)]
pub(crate) fn for_each_one(mut bits: u16, mut each: impl FnMut(usize)) {
    while bits != 0 {
        each(bits.trailing_zeros() as usize % GROUP_BLOCKS);
        bits &= bits - 1;
    }
}

/// Weighted lists of the same number of bytes.
pub(crate) type WeightedBytes<'a> = (&'a [u8], u32);

/// Goes through the wanted blocks that have postings, list after list. `add` adds one block: it
/// takes the block's scores, its bits, the group's bytes, the place in them where the block's
/// impacts start, and the weight. Returns the number of postings.
#[inline(always)]
pub(crate) fn for_each_block(
    lists: &[Weighted<BitmapList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
    mut add: impl FnMut(&mut BlockScores, u64, &[u8; GROUP_BYTES], usize, u32),
) -> u64 {
    let mut postings = 0;
    for (number, list) in lists.iter().enumerate() {
        let mut later = groups.prefetch_later(
            lists,
            number,
            |list, groups| list.list.head(groups),
            |list, groups| list.list.body(groups),
        );
        for ((number, wanted), scores) in groups.iter().zip(&mut *scores) {
            later.next_slot();
            // A damaged list loses its group.
            let Some(group) = list.list.group(number) else { continue };
            let mut blocks = Blocks::new(group);
            while let Some((block, bits, impacts)) = blocks.next() {
                if wanted >> block & 1 == 1 {
                    postings += u64::from(bits.count_ones());
                    add(&mut scores[block], bits, group.bytes, impacts, list.weight);
                }
            }
        }
    }
    postings
}
