//! The inner loops that are worth vector instructions, each in a scalar version and in those of the machine at hand.
//!
//! All versions give the same sums, to the last bit. Sums wrap; the bound on the query rules that out for an index that
//! is not damaged.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use spork_index::{BLOCK, GROUP_BLOCKS, GROUP_BYTES, Group, group_impacts};

use crate::scatter::BlockScores;

/// The largest weight that the vector versions multiply with: they take signed 16-bit factors.
const MOST_WEIGHT: u32 = i16::MAX as u32;

/// Sets of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// None.
    Scalar,
    /// AVX2 and BMI2.
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

/// A group of a bitmap list, read block by block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'i> {
    bytes: &'i [u8; GROUP_BYTES],
    weight: u32,
    occupied: u32,
    /// The byte of the next block's bits, at most 8 · 16.
    bits: u32,
    /// The byte of the next block's impacts, at most 8 · 16 + 64 · 16.
    impacts: u32,
}

impl<'i> Cursor<'i> {
    pub(crate) fn new(group: Group<'i>, weight: u32) -> Self {
        Self {
            bytes: group.bytes,
            weight,
            occupied: group.occupied.into(),
            bits: 0,
            impacts: group_impacts(group.occupied) as u32,
        }
    }

    /// The bits of block `block`, the next, and the byte at which its impacts start. Each block must be asked for once,
    /// in their order.
    #[inline(always)]
    fn next(&mut self, block: usize) -> (u64, usize) {
        let has = self.occupied >> block & 1;
        let bits = chunk(self.bytes, self.bits as usize);
        let bits = u64::from_le_bytes(*bits) & u64::from(has).wrapping_neg();
        let impacts = self.impacts as usize;
        self.bits += 8 * has;
        self.impacts += bits.count_ones();
        (bits, impacts)
    }
}

/// `N` bytes from `at`, which cursors keep within a group.
#[inline(always)]
fn chunk<const N: usize>(bytes: &[u8; GROUP_BYTES], at: usize) -> &[u8; N] {
    const { assert!(N <= GROUP_BYTES) };
    bytes[at.min(GROUP_BYTES - N)..].first_chunk().unwrap_or_else(|| unreachable!("N bytes are left"))
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
        Simd::Avx512 if avx512::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx512::at_least(sums, threshold, found) }
        }
        _ => scalar::at_least(sums, threshold, found),
    }
}

/// Adds the postings of the `wanted` blocks of a group, a bit each, to their scores and tells of each block that has
/// scores of `threshold` or more: its number, a bit for each such score, and the scores. The scores of wanted blocks are
/// zero afterwards. Returns how many postings were added.
pub(crate) fn score_group(
    simd: Simd,
    cursors: &mut [Cursor<'_>],
    wanted: u16,
    scores: &mut [BlockScores; GROUP_BLOCKS],
    threshold: u32,
    found: &mut impl FnMut(usize, u64, &BlockScores),
) -> u64 {
    let simd = if cursors.iter().any(|cursor| cursor.weight > MOST_WEIGHT) { Simd::Scalar } else { simd };
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 if avx2::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx2::score_group(cursors, wanted, scores, threshold, found) }
        }
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 if avx512::is_available() => {
            // SAFETY: the machine has the instructions.
            unsafe { avx512::score_group(cursors, wanted, scores, threshold, found) }
        }
        _ => scalar::score_group(cursors, wanted, scores, threshold, found),
    }
}

/// The blocks of a group, from the first to the last wanted one, each with whether it is wanted.
fn blocks(wanted: u16) -> impl Iterator<Item = (usize, bool)> {
    let last = (u16::BITS - wanted.leading_zeros()) as usize;
    (0..last).map(move |block| (block, wanted >> block & 1 == 1))
}

const _: () = assert!(BLOCK == u64::BITS as usize && GROUP_BLOCKS == u16::BITS as usize);
