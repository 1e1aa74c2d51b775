//! The inner loops that are worth vector instructions, each in a scalar version and in those of the
//! machine at hand.
//!
//! All versions give the same sums, to the last bit. Sums wrap; the bound on the query rules that
//! out for an index that is not damaged.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod groups;
mod packed_blocks;
mod scalar;

use spork_core::{SimdCapError, SimdLevel};

pub(crate) use self::groups::{Groups, WeightedBytes};

use self::groups::MOST_WEIGHT;
use crate::layout::{GroupScores, Weighted};
use crate::shapes::bitmap::BitmapList;
use crate::shapes::masks::MasksList;

/// A set of vector instructions that this machine has: a value exists only where it may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simd(Kernel);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kernel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Avx512),
}

impl Simd {
    /// No vector instructions; every machine has that.
    pub const SCALAR: Self = Self(Kernel::Scalar);

    /// The instructions of a level; `None` where the machine has not got them.
    fn of(level: SimdLevel) -> Option<Self> {
        match level {
            SimdLevel::Scalar => Some(Self::SCALAR),
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => avx2::Avx2::detect().map(|token| Self(Kernel::Avx2(token))),
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => avx512::Avx512::detect().map(|token| Self(Kernel::Avx512(token))),
            #[cfg(not(target_arch = "x86_64"))]
            SimdLevel::Avx2 | SimdLevel::Avx512 => None,
        }
    }

    /// The instructions that may be used on this machine, the best last: see
    /// [`SimdLevel::permitted`].
    ///
    /// # Errors
    /// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
    pub fn permitted() -> Result<Vec<Self>, SimdCapError> {
        let most = SimdLevel::permitted()?;
        Ok(SimdLevel::ALL.into_iter().filter(|&level| level <= most).filter_map(Self::of).collect())
    }

    /// The best instructions that may be used on this machine.
    ///
    /// # Errors
    /// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
    pub fn best() -> Result<Self, SimdCapError> {
        Ok(Self::permitted()?.pop().unwrap_or(Self::SCALAR))
    }

    /// Which level it is.
    pub fn level(self) -> SimdLevel {
        match self.0 {
            Kernel::Scalar => SimdLevel::Scalar,
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2(_) => SimdLevel::Avx2,
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512(_) => SimdLevel::Avx512,
        }
    }

    /// Calls `found` with the sums that are at least `threshold`: a bit each, 64 to a number.
    #[inline]
    pub fn at_least(self, sums: &[u32], threshold: u32, found: &mut impl FnMut(usize, u64)) {
        match self.0 {
            Kernel::Scalar => scalar::at_least(sums, threshold, found),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2(token) => token.at_least(sums, threshold, found),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512(token) => token.at_least(sums, threshold, found),
        }
    }

    /// Adds weight × byte to each sum. There are as many sums as bytes, or more.
    pub(crate) fn add_bytes(self, lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
        match self.for_weights(lists.iter().map(|&(_, weight)| weight)) {
            Kernel::Scalar => scalar::add_bytes(lists, sums),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2(token) => token.add_bytes(lists, sums),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512(token) => token.add_bytes(lists, sums),
        }
    }

    /// Adds weight × impact of each posting in wanted blocks to the scores of their groups. Returns
    /// the number of postings.
    pub(crate) fn add_bitmaps(
        self,
        lists: &[Weighted<BitmapList<'_>>],
        groups: Groups<'_>,
        scores: &mut [GroupScores],
    ) -> u64 {
        match self.for_weights(lists.iter().map(|list| list.weight)) {
            Kernel::Scalar => scalar::add_bitmaps(lists, groups, scores),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2(token) => token.add_bitmaps(lists, groups, scores),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512(token) => token.add_bitmaps(lists, groups, scores),
        }
    }

    /// As [`Self::add_bitmaps`].
    pub(crate) fn add_masks(
        self,
        lists: &[Weighted<MasksList<'_>>],
        groups: Groups<'_>,
        scores: &mut [GroupScores],
    ) -> u64 {
        match self.for_weights(lists.iter().map(|list| list.weight)) {
            Kernel::Scalar => scalar::add_masks(lists, groups, scores),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2(token) => token.add_masks(lists, groups, scores),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512(token) => token.add_masks(lists, groups, scores),
        }
    }

    /// The kernel that can multiply with all these weights.
    fn for_weights(self, mut weights: impl Iterator<Item = u32>) -> Kernel {
        if weights.any(|weight| weight > MOST_WEIGHT) { Kernel::Scalar } else { self.0 }
    }
}
