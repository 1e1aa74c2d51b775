//! AVX2 and BMI2: postings spread over eight documents at a time by bit deposits, then multiplied and added 32 at a time.
//!
//! As in the AVX-512 version, number i of a 32-byte register holds documents 4i to 4i + 3, and the sums are put
//! in order at the end.

use std::arch::x86_64::*;

use spork_index::{BLOCK, GROUP_BLOCKS};

use super::{Cursor, WeightedBytes, blocks, chunk, scalar};
use crate::scatter::BlockScores;

/// Bytes of a register.
const WIDTH: usize = 32;

pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
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
        let even = _mm256_and_si256(bytes, _mm256_set1_epi16(0xff));
        let odd = _mm256_srli_epi16::<8>(bytes);
        let low = _mm256_set1_epi32(weight.cast_signed());
        let high = _mm256_set1_epi32((weight << 16).cast_signed());
        let [a, b, c, d] = &mut self.0;
        *a = _mm256_add_epi32(*a, _mm256_madd_epi16(even, low));
        *b = _mm256_add_epi32(*b, _mm256_madd_epi16(odd, low));
        *c = _mm256_add_epi32(*c, _mm256_madd_epi16(even, high));
        *d = _mm256_add_epi32(*d, _mm256_madd_epi16(odd, high));
    }

    /// Adds the sums to 32 numbers, in the order of their bytes.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn add_to(self, numbers: &mut [u32; WIDTH]) {
        let [a, b, c, d] = self.0;
        let (ab, ab2) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let (cd, cd2) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
        // Lane l of number m: documents 16·l + 4·m to 16·l + 4·m + 3.
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

#[target_feature(enable = "avx2")]
pub(super) fn add_bytes(lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
    let (blocks, _) = sums.as_chunks_mut::<WIDTH>();
    let whole = lists.iter().map(|(bytes, _)| bytes.len() / WIDTH).min().unwrap_or(0).min(blocks.len());
    for (number, sums) in blocks[..whole].iter_mut().enumerate() {
        let mut products = Sums::zero();
        for (bytes, weight) in lists {
            if let Some(bytes) = bytes[number * WIDTH..].first_chunk() {
                products.add(load_bytes(bytes), *weight);
            }
        }
        products.add_to(sums);
    }
    let rest = whole * WIDTH;
    for &(bytes, weight) in lists {
        scalar::add_bytes(&[(&bytes[rest..], weight)], &mut sums[rest..]);
    }
}

#[target_feature(enable = "avx2,popcnt,bmi1,bmi2")]
pub(super) fn score_group(
    cursors: &mut [Cursor<'_>],
    wanted: u16,
    scores: &mut [BlockScores; GROUP_BLOCKS],
    threshold: u32,
    found: &mut impl FnMut(usize, u64, &BlockScores),
) -> u64 {
    let mut postings = 0;
    for (block, is_wanted) in blocks(wanted) {
        if !is_wanted {
            cursors.iter_mut().for_each(|cursor| _ = cursor.next(block));
            continue;
        }
        let mut sums = [Sums::zero(); BLOCK / WIDTH];
        for cursor in &mut *cursors {
            let (bits, impacts) = cursor.next(block);
            if bits == 0 {
                continue;
            }
            postings += u64::from(bits.count_ones());
            let mut bytes = [[0u64; 4]; BLOCK / WIDTH];
            let mut at = impacts;
            for (i, word) in bytes.as_flattened_mut().iter_mut().enumerate() {
                let bits = bits >> (8 * i) & 0xff;
                // A byte of ones for each bit; into those the impacts go, one after the other.
                let places = _pdep_u64(bits, 0x0101_0101_0101_0101).wrapping_mul(255);
                *word = _pdep_u64(u64::from_le_bytes(*chunk(cursor.bytes, at)), places);
                at += bits.count_ones() as usize;
            }
            for (sums, words) in sums.iter_mut().zip(&bytes) {
                sums.add(load_words(words), cursor.weight);
            }
        }
        let scores = &mut scores[block];
        scores.as_chunks_mut().0.iter_mut().zip(sums).for_each(|(scores, sums)| sums.add_to(scores));
        scalar::offer(block, scores, threshold, found);
    }
    postings
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_bytes(bytes: &[u8; WIDTH]) -> __m256i {
    // SAFETY: 32 bytes are there, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_words(words: &[u64; 4]) -> __m256i {
    // SAFETY: 32 bytes are there, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(numbers: &[u32; 8]) -> __m256i {
    // SAFETY: 32 bytes are there, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(numbers: &mut [u32; 8], values: __m256i) {
    // SAFETY: 32 bytes are there to be written, and the store asks for no alignment.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), values) }
}
