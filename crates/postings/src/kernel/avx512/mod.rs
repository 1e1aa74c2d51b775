//! AVX-512: a block's postings are spread over its 64 documents by one instruction, and its scores
//! are four registers.

mod bitmaps;
mod bounds;
mod masks;
mod registers;

use spork_core::SimdLevel;

use super::groups::{Groups, WeightedBytes};
use crate::layout::{GroupScores, Weighted};
use crate::shapes::bitmap::BitmapList;
use crate::shapes::masks::MasksList;

/// Proof that the machine has the AVX-512 of [`SimdLevel::Avx512`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Avx512(());

impl Avx512 {
    /// The token, where the machine has the instructions.
    pub(super) fn detect() -> Option<Self> {
        (SimdLevel::of_machine() >= SimdLevel::Avx512).then_some(Self(()))
    }

    pub(super) fn add_bytes(self, lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
        // SAFETY: the token exists only where the machine has the instructions.
        unsafe { bounds::add_bytes(lists, sums) }
    }

    #[inline]
    pub(super) fn at_least(self, sums: &[u32], threshold: u32, found: &mut impl FnMut(usize, u64)) {
        // SAFETY: as above.
        unsafe { bounds::at_least(sums, threshold, found) }
    }

    pub(super) fn add_bitmaps(
        self,
        lists: &[Weighted<BitmapList<'_>>],
        groups: Groups<'_>,
        scores: &mut [GroupScores],
    ) -> u64 {
        // SAFETY: as above.
        unsafe { bitmaps::add_bitmaps(lists, groups, scores) }
    }

    pub(super) fn add_masks(
        self,
        lists: &[Weighted<MasksList<'_>>],
        groups: Groups<'_>,
        scores: &mut [GroupScores],
    ) -> u64 {
        // SAFETY: as above.
        unsafe { masks::add_masks(lists, groups, scores) }
    }
}
