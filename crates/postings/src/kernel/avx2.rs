//! AVX2: postings are spread over 16 documents at a time by a shuffle, then multiplied and added 32
//! at a time.
//!
//! As in the AVX-512 version, bytes are taken as numbers of 32 bits whose first, second, third and
//! fourth bytes are multiplied apart.

use std::arch::x86_64::*;

use spork_core::SimdLevel;

use super::groups::{Groups, ONES, WeightedBytes, chunk, for_each_block};
use super::packed_blocks::{PackedBlocks, bits_from, for_each_packed_group, for_each_wanted};
use super::scalar;
use crate::layout::{BLOCK, BlockScores, GROUP_BLOCKS, GroupScores, Weighted};
use crate::prefetch::prefetch;
use crate::shapes::bitmap::BitmapList;
use crate::shapes::masks::{BIT_NUMBER, MasksList, PackedGroup};
use crate::shapes::packing::spread_to_bytes;

/// Bytes of a register.
const WIDTH: usize = 32;
/// Bounds are prefetched this many blocks of them before they are added.
const BLOCKS_AHEAD: usize = 4;

/// Proof that the machine has AVX2 and POPCNT: see [`SimdLevel::Avx2`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx2 {
    /// The token, where the machine has the instructions.
    pub(super) fn detect() -> Option<Self> {
        (SimdLevel::of_machine() >= SimdLevel::Avx2).then_some(Self(()))
    }

    pub(super) fn add_bytes(self, lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
        // SAFETY: the token exists only where the machine has the instructions.
        unsafe { add_bytes(lists, sums) }
    }

    #[inline]
    pub(super) fn at_least(self, sums: &[u32], threshold: u32, found: &mut impl FnMut(usize, u64)) {
        // SAFETY: as above.
        unsafe { at_least(sums, threshold, found) }
    }

    pub(super) fn add_bitmaps(
        self,
        lists: &[Weighted<BitmapList<'_>>],
        groups: Groups<'_>,
        scores: &mut [GroupScores],
    ) -> u64 {
        // SAFETY: as above.
        unsafe { add_bitmaps(lists, groups, scores) }
    }

    pub(super) fn add_masks(
        self,
        lists: &[Weighted<MasksList<'_>>],
        groups: Groups<'_>,
        scores: &mut [GroupScores],
    ) -> u64 {
        // SAFETY: as above.
        unsafe { add_masks(lists, groups, scores) }
    }
}

/// Sums of 32 products, in the order of the registers.
#[derive(Clone, Copy)]
struct Sums([__m256i; 4]);

impl Sums {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn zero() -> Self {
        Self([_mm256_setzero_si256(); 4])
    }

    /// Adds weight × byte. The weight must be below 2¹⁵.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn add(&mut self, bytes: __m256i, weight: u32) {
        for (sum, products) in self.0.iter_mut().zip(products(bytes, weight)) {
            *sum = _mm256_add_epi32(*sum, products);
        }
    }

    /// Adds the sums to 32 numbers, in the order of their bytes.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn add_to(self, numbers: &mut [u32; WIDTH]) {
        let [a, b, c, d] = self.0;
        let (ab, ab2) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let (cd, cd2) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
        // Lane l of number m: bytes 16·l + 4·m to 16·l + 4·m + 3.
        let fours = [
            _mm256_unpacklo_epi64(ab, cd),
            _mm256_unpackhi_epi64(ab, cd),
            _mm256_unpacklo_epi64(ab2, cd2),
            _mm256_unpackhi_epi64(ab2, cd2),
        ];
        let in_order = [
            _mm256_permute2x128_si256::<0x20>(fours[0], fours[1]),
            _mm256_permute2x128_si256::<0x20>(fours[2], fours[3]),
            _mm256_permute2x128_si256::<0x31>(fours[0], fours[1]),
            _mm256_permute2x128_si256::<0x31>(fours[2], fours[3]),
        ];
        for (numbers, sums) in numbers.as_chunks_mut().0.iter_mut().zip(in_order) {
            store(numbers, _mm256_add_epi32(load(numbers), sums));
        }
    }
}

/// Weight × byte of the first, second, third and fourth byte of each 32 bits.
#[target_feature(enable = "avx2")]
#[inline]
fn products(bytes: __m256i, weight: u32) -> [__m256i; 4] {
    let even = _mm256_and_si256(bytes, _mm256_set1_epi16(0xff));
    let odd = _mm256_srli_epi16::<8>(bytes);
    let low = _mm256_set1_epi32(weight.cast_signed());
    let high = _mm256_set1_epi32((weight << 16).cast_signed());
    [(even, low), (odd, low), (even, high), (odd, high)]
        .map(|(factors, weights)| _mm256_madd_epi16(factors, weights))
}

#[target_feature(enable = "avx2")]
fn add_bytes(lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
    let (blocks, _) = sums.as_chunks_mut::<BLOCK>();
    let whole =
        lists.iter().map(|(bytes, _)| bytes.len() / BLOCK).min().unwrap_or(0).min(blocks.len());
    for (number, sums) in blocks[..whole].iter_mut().enumerate() {
        let mut products = [Sums::zero(); BLOCK / WIDTH];
        let (here, later) = (number * BLOCK, (number + BLOCKS_AHEAD) * BLOCK);
        for &(bytes, weight) in lists {
            prefetch(bytes.get(later..=later).unwrap_or_default());
            if let Some(bytes) = bytes[here..].first_chunk::<BLOCK>() {
                for (products, bytes) in products.iter_mut().zip(bytes.as_chunks().0) {
                    products.add(load_bytes(bytes), weight);
                }
            }
        }
        for (sums, products) in sums.as_chunks_mut().0.iter_mut().zip(products) {
            products.add_to(sums);
        }
    }
    let rest = whole * BLOCK;
    for &(bytes, weight) in lists {
        scalar::add_bytes(&[(&bytes[rest..], weight)], &mut sums[rest..]);
    }
}

#[target_feature(enable = "avx2")]
fn at_least(sums: &[u32], threshold: u32, found: &mut impl FnMut(usize, u64)) {
    let least = _mm256_set1_epi32(threshold.cast_signed());
    let (whole, rest) = sums.as_chunks::<BLOCK>();
    for (number, sums) in whole.iter().enumerate() {
        let mut bits = 0;
        for (i, sums) in sums.as_chunks().0.iter().enumerate() {
            let sums = load(sums);
            let reach = _mm256_cmpeq_epi32(_mm256_max_epu32(sums, least), sums);
            bits |= u64::from(_mm256_movemask_ps(_mm256_castsi256_ps(reach)) as u8) << (8 * i);
        }
        if bits != 0 {
            found(number, bits);
        }
    }
    scalar::at_least(rest, threshold, &mut |_, bits| found(whole.len(), bits));
}

#[target_feature(enable = "avx2,popcnt")]
fn add_bitmaps(
    lists: &[Weighted<BitmapList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    for_each_block(lists, groups, scores, |scores, bits, bytes, impacts, weight| {
        add_block(scores, bits, bytes, impacts, weight);
    })
}

#[target_feature(enable = "avx2,popcnt")]
fn add_masks(
    lists: &[Weighted<MasksList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    let find = |group: &PackedGroup<'_>, blocks: &mut PackedBlocks| {
        let (bits, start) = bits(group);
        blocks.set(group, bits, start);
    };
    for_each_packed_group(lists, groups, scores, find, |scores, group, blocks, wanted, weight| {
        for_each_wanted(group, blocks, wanted, |number, block| {
            add_block(&mut scores[number], block.bits, &block.unpack(), 0, weight);
        })
    })
}

/// As [`PackedGroup::bits`].
#[target_feature(enable = "avx2,popcnt")]
#[inline]
fn bits(group: &PackedGroup<'_>) -> ([u64; GROUP_BLOCKS], usize) {
    let masks = &group.bytes[..group.occupied.count_ones() as usize];
    let count: usize = masks.iter().map(|mask| mask.count_ones() as usize).sum();
    let several = &group.bytes[masks.len()..][..count.div_ceil(8)];
    let mut whole = masks.len() + several.len();
    let ones: usize = several.iter().map(|several| several.count_ones() as usize).sum();
    let mut numbers = 8 * (whole + ones);
    let start = numbers + BIT_NUMBER as usize * count.saturating_sub(ones);
    // First all bytes that are not zero, eight at a time.
    let mut bytes = [0; 8 * GROUP_BLOCKS + 16];
    for (bytes, &several) in bytes.as_chunks_mut().0.iter_mut().zip(several) {
        let number = spread_to_bytes(bits_from(group.bytes, numbers), BIT_NUMBER);
        let one = _mm_shuffle_epi8(low_half(ONES), low_half(number));
        let one = _mm_shuffle_epi8(one, low_half(PLACES[usize::from(!several)]));
        let whole_bytes = load_16(chunk(group.bytes, whole));
        let all = _mm_or_si128(
            one,
            _mm_shuffle_epi8(whole_bytes, low_half(PLACES[usize::from(several)])),
        );
        *bytes = _mm_cvtsi128_si64(all).to_le_bytes();
        whole += several.count_ones() as usize;
        numbers += (BIT_NUMBER * several.count_zeros()) as usize;
    }
    let (mut bits, mut at) = ([0; GROUP_BLOCKS], 0);
    for (bits, &mask) in bits.iter_mut().zip(masks) {
        let spread =
            _mm_shuffle_epi8(load_16(chunk(&bytes, at)), low_half(PLACES[usize::from(mask)]));
        *bits = _mm_cvtsi128_si64(spread).cast_unsigned();
        at += mask.count_ones() as usize;
    }
    (bits, start)
}

#[target_feature(enable = "avx2")]
#[inline]
fn low_half(bytes: u64) -> __m128i {
    _mm_cvtsi64_si128(bytes.cast_signed())
}

/// Adds weight × impact to the scores of a block, 32 of its bits at a time.
#[target_feature(enable = "avx2,popcnt")]
#[inline]
fn add_block<const OF: usize>(
    scores: &mut BlockScores,
    bits: u64,
    bytes: &[u8; OF],
    impacts: usize,
    weight: u32,
) {
    for half in 0..BLOCK / WIDTH {
        let before = |bit: usize| impacts + (bits & ((1 << bit) - 1)).count_ones() as usize;
        let (low, high) = (before(half * WIDTH), before(half * WIDTH + WIDTH / 2));
        let impacts = _mm256_set_m128i(load_16(chunk(bytes, high)), load_16(chunk(bytes, low)));
        let spread = spread((bits >> (half * WIDTH)) as u32, impacts);
        for (quarter, products) in products(spread, weight).into_iter().enumerate() {
            if let Some(scores) = scores[quarter * (BLOCK / 4) + half * 8..].first_chunk_mut() {
                store(scores, _mm256_add_epi32(load(scores), products));
            }
        }
    }
}

/// Spreads bytes by bits: 16 of the bits take bytes of the lower half, in turn, the other 16 those
/// of the upper half. A zero bit gives a zero.
#[target_feature(enable = "avx2")]
#[inline]
fn spread(bits: u32, bytes: __m256i) -> __m256i {
    const EIGHTH: i64 = 0x0101_0101_0101_0101;
    let own_byte = _mm256_set_epi64x(3 * EIGHTH, 2 * EIGHTH, EIGHTH, 0);
    let own_bit = _mm256_set1_epi64x(ONES.cast_signed());
    let bits = _mm256_shuffle_epi8(_mm256_set1_epi32(bits.cast_signed()), own_byte);
    // All ones for a one.
    let is_one = _mm256_cmpeq_epi8(_mm256_and_si256(bits, own_bit), own_bit);
    // How many ones there are up to each bit: within two, four, eight, sixteen.
    let mut ones = _mm256_sub_epi8(_mm256_setzero_si256(), is_one);
    ones = _mm256_add_epi8(ones, _mm256_slli_epi64::<8>(ones));
    ones = _mm256_add_epi8(ones, _mm256_slli_epi64::<16>(ones));
    ones = _mm256_add_epi8(ones, _mm256_slli_epi64::<32>(ones));
    let lower_eight = _mm256_set_epi64x(7 * EIGHTH, -1, 7 * EIGHTH, -1);
    ones = _mm256_add_epi8(ones, _mm256_shuffle_epi8(ones, lower_eight));
    // A one takes the byte whose number is that of the ones below it.
    let spread = _mm256_shuffle_epi8(bytes, _mm256_add_epi8(ones, is_one));
    _mm256_and_si256(spread, is_one)
}

/// For each pattern of eight bits, a byte a bit: the number of ones below it if it is one, else a
/// number that shuffles to zero.
const PLACES: [u64; 256] = {
    let mut all = [0; 256];
    let mut pattern = 0;
    while pattern < 256 {
        let (mut bit, mut ones) = (0, 0);
        while bit < 8 {
            let place = if pattern >> bit & 1 == 1 { ones } else { 0x80 };
            all[pattern] |= place << (8 * bit);
            ones += (pattern >> bit & 1) as u64;
            bit += 1;
        }
        pattern += 1;
    }
    all
};

#[target_feature(enable = "avx2")]
#[inline]
fn load_16(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are there, and the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_bytes(bytes: &[u8; WIDTH]) -> __m256i {
    // SAFETY: 32 bytes are there, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(numbers: &[u32; 8]) -> __m256i {
    // SAFETY: 32 bytes are there, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(numbers: &mut [u32; 8], values: __m256i) {
    // SAFETY: 32 bytes are there to be written, and the store needs no alignment.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), values) }
}
