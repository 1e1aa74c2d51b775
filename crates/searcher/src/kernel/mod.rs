//! The inner loops that are worth vector instructions, each in a scalar version and in those of the machine at hand.
//!
//! All versions give the same sums, to the last bit. Sums wrap; the bound on the query rules that out for an index that
//! is not damaged.

mod ahead;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod masks;
mod scalar;

pub(crate) use ahead::{prefetch, read_ahead};
pub(crate) use masks::add_masks;

use std::ops::Range;

use spork_index::{BLOCK, BitmapList, GROUP_BLOCKS, GROUP_BYTES, Group, group_impacts};

use self::ahead::Ahead;
use crate::lists::Weighted;
use crate::scatter::BlockScores;

/// The largest weight that the vector versions multiply with: they take signed 16-bit factors.
const MOST_WEIGHT: u32 = i16::MAX as u32;

/// A byte with one bit, for each bit.
#[cfg(target_arch = "x86_64")]
const ONES: u64 = 0x8040_2010_0804_0201;

/// Sets of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// None.
    Scalar,
    /// AVX2.
    Avx2,
    /// AVX-512 with BW, VBMI2 and VNNI.
    Avx512,
}

impl Simd {
    /// What this machine has, the best last.
    pub fn available() -> Vec<Self> {
        let mut all = vec![Self::Scalar];
        #[cfg(target_arch = "x86_64")]
        {
            if avx2::is_available() {
                all.push(Self::Avx2);
            }
            if avx512::is_available() {
                all.push(Self::Avx512);
            }
        }
        all
    }

    /// The best that this machine has.
    pub fn best() -> Self {
        Self::available().into_iter().next_back().unwrap_or(Self::Scalar)
    }

    /// Whether this machine has it.
    pub fn is_available(self) -> bool {
        Self::available().contains(&self)
    }
}

/// Consecutive groups of a window's blocks, and which of their blocks are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups<'a> {
    /// Number of the first.
    pub(crate) first: usize,
    /// For each group, a bit for each wanted block.
    pub(crate) wanted: &'a [u16],
}

impl Groups<'_> {
    /// What is asked for ahead of each list.
    fn span(&self) -> Span {
        let wanted = |blocks: &u16| *blocks > 0;
        let first = self.wanted.iter().position(wanted).unwrap_or(0);
        let end = self.wanted.iter().rposition(wanted).map_or(0, |last| last + 1);
        Span {
            groups: self.first + first..self.first + end,
            steps: self.wanted.iter().filter(|blocks| wanted(blocks)).count(),
        }
    }
}

/// The groups from the first to the last with a wanted block.
#[derive(Clone, Debug)]
struct Span {
    groups: Range<usize>,
    /// Number of groups with a wanted block.
    steps: usize,
}

impl Span {
    /// Asks for lists that come after list `i`, and returns what is left to ask for, a step with each group that has a wanted block.
    #[inline]
    fn read_ahead<'l, L>(
        &self,
        lists: &'l [L],
        i: usize,
        head: impl Fn(&'l L, Range<usize>) -> [&'l [u8]; 2],
        body: impl Fn(&'l L, Range<usize>) -> &'l [u8],
    ) -> Ahead {
        read_ahead(
            lists,
            i,
            self.steps,
            |list| head(list, self.groups.clone()).into_iter().for_each(prefetch),
            |list| body(list, self.groups.clone()),
        )
    }
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
        Self { bytes: group.bytes, occupied: group.occupied, bits: 0, impacts: group_impacts(group.occupied) }
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

/// `N` bytes from `at`, which is at most so many before the end.
#[inline(always)]
fn chunk<const N: usize, const OF: usize>(bytes: &[u8; OF], at: usize) -> &[u8; N] {
    const { assert!(N <= OF) };
    bytes[at.min(OF - N)..].first_chunk().unwrap_or_else(|| unreachable!("N bytes are left"))
}

/// Calls `each` with the number of every bit that is one.
#[inline(always)]
fn for_each_one(mut bits: u16, mut each: impl FnMut(usize)) {
    while bits != 0 {
        each(bits.trailing_zeros() as usize % GROUP_BLOCKS);
        bits &= bits - 1;
    }
}

/// Weighted lists of the same number of bytes.
pub(crate) type WeightedBytes<'a> = (&'a [u8], u32);

/// Adds weight × byte to each sum. There are as many sums as bytes, or more.
pub(crate) fn add_bytes(simd: Simd, lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
    let simd = if lists.iter().any(|&(_, weight)| weight > MOST_WEIGHT) { Simd::Scalar } else { simd };
    match simd {
        Simd::Scalar => scalar::add_bytes(lists, sums),
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 if avx2::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx2::add_bytes(lists, sums) }
        }
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 if avx512::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx512::add_bytes(lists, sums) }
        }
        _ => scalar::add_bytes(lists, sums),
    }
}

/// The sums that are at least `threshold`, a bit each, 64 to a number.
pub(crate) fn at_least(simd: Simd, sums: &[u32], threshold: u32, found: &mut impl FnMut(usize, u64)) {
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 if avx2::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx2::at_least(sums, threshold, found) }
        }
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 if avx512::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx512::at_least(sums, threshold, found) }
        }
        _ => scalar::at_least(sums, threshold, found),
    }
}

/// Goes through the wanted blocks that have postings, list after list, and lets `add` add each: to its scores, the impacts that
/// stand in a group's bytes from a place on, spread by bits, times the weight. Returns the number of postings.
#[inline(always)]
fn for_each_block(
    lists: &[Weighted<BitmapList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
    mut add: impl FnMut(&mut BlockScores, u64, &[u8; GROUP_BYTES], usize, u32),
) -> u64 {
    let mut postings = 0;
    let span = groups.span();
    for (number, list) in lists.iter().enumerate() {
        let mut later = span.read_ahead(
            lists,
            number,
            |list, groups| list.list.head(groups),
            |list, groups| list.list.body(groups),
        );
        for (i, (&wanted, scores)) in groups.wanted.iter().zip(&mut *scores).enumerate() {
            if wanted == 0 {
                continue;
            }
            later.step();
            // A damaged list loses its group.
            let Some(group) = list.list.group(groups.first + i) else { continue };
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

/// Scores of the documents of a group of blocks.
pub(crate) type GroupScores = [BlockScores; GROUP_BLOCKS];

/// Adds weight × impact of each posting in wanted blocks to the scores of their groups. Returns the number of postings.
pub(crate) fn add_bitmaps(
    simd: Simd,
    lists: &[Weighted<BitmapList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    let simd = if lists.iter().any(|list| list.weight > MOST_WEIGHT) { Simd::Scalar } else { simd };
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 if avx2::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx2::add_bitmaps(lists, groups, scores) }
        }
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 if avx512::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx512::add_bitmaps(lists, groups, scores) }
        }
        _ => scalar::add_bitmaps(lists, groups, scores),
    }
}

const _: () = assert!(BLOCK == u64::BITS as usize && GROUP_BLOCKS == u16::BITS as usize);
