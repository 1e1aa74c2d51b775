//! AVX-512: a block's postings are spread over its 64 documents by one instruction, and its scores are four registers.
//!
//! 64 bytes are taken as 16 numbers of 32 bits, whose first, second, third and fourth bytes are multiplied and added to four
//! registers of 32-bit sums. The bits of a bitmap list stand in an order that makes these four runs of consecutive documents;
//! sums of bounds are put in order at the end.

mod bitmaps;
mod masks;

use std::arch::x86_64::*;

use spork_index::BLOCK;

use super::{Ahead, WeightedBytes, read_ahead, scalar};
use crate::scatter::BlockScores;
use crate::window::BLOCKS;

pub(super) use bitmaps::add_bitmaps;
pub(super) use masks::add_masks;

pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512cd")
        && is_x86_feature_detected!("avx512vbmi")
        && is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("avx512vnni")
        && is_x86_feature_detected!("avx512vpopcntdq")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
}

/// Sums of a window's bounds, 64 at a time in the order of four registers.
#[repr(align(64))]
struct Sums([BlockScores; BLOCKS / BLOCK]);

/// 64 sums in the order of their bytes: a transposition of 16 by 4.
#[target_feature(enable = "avx512f")]
#[inline]
fn in_order([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let (ab, ab2) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (cd, cd2) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    // Lane l of number m: bytes 16·l + 4·m to 16·l + 4·m + 3.
    let fours = [
        _mm512_unpacklo_epi64(ab, cd),
        _mm512_unpackhi_epi64(ab, cd),
        _mm512_unpacklo_epi64(ab2, cd2),
        _mm512_unpackhi_epi64(ab2, cd2),
    ];
    let low =
        [_mm512_shuffle_i32x4::<0x44>(fours[0], fours[1]), _mm512_shuffle_i32x4::<0x44>(fours[2], fours[3])];
    let high =
        [_mm512_shuffle_i32x4::<0xee>(fours[0], fours[1]), _mm512_shuffle_i32x4::<0xee>(fours[2], fours[3])];
    [
        _mm512_shuffle_i32x4::<0x88>(low[0], low[1]),
        _mm512_shuffle_i32x4::<0xdd>(low[0], low[1]),
        _mm512_shuffle_i32x4::<0x88>(high[0], high[1]),
        _mm512_shuffle_i32x4::<0xdd>(high[0], high[1]),
    ]
}

/// A weight as a factor of the lower, and of the upper, half of each 32 bits.
#[target_feature(enable = "avx512f")]
#[inline]
fn halves(weight: u32) -> [__m512i; 2] {
    [weight, weight << 16].map(|factor| _mm512_set1_epi32(factor.cast_signed()))
}

/// Pairs of 16-bit factors and weights, whose products are weight × byte of the first, second, third and fourth byte of each
/// 32 bits.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn products(bytes: __m512i, [low, high]: [__m512i; 2]) -> [(__m512i, __m512i); 4] {
    let even = _mm512_and_si512(bytes, _mm512_set1_epi16(0xff));
    let odd = _mm512_srli_epi16::<8>(bytes);
    [(even, low), (odd, low), (even, high), (odd, high)]
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
pub(super) fn add_bytes(lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
    let mut products = Sums([[0; BLOCK]; BLOCKS / BLOCK]);
    let runs = Runs::new();
    for (number, pair) in lists.chunks(2).enumerate() {
        let first = pair[0];
        let second = pair.get(1).copied().unwrap_or((first.0, 0));
        let steps = first.0.len() / BLOCK;
        let mut later =
            [2 * number, 2 * number + 1].map(|i| read_ahead(lists, i, steps, |_| (), |&(bytes, _)| bytes));
        let weights = pair_of([first.1, second.1]);
        let (whole, _) = first.0.as_chunks();
        let blocks = whole.iter().zip(second.0.as_chunks().0);
        for (products, (first, second)) in products.0.iter_mut().zip(blocks) {
            later.iter_mut().for_each(Ahead::step);
            add_two_blocks(products, [load_bytes(first), load_bytes(second)], weights, &runs);
        }
        for &(bytes, weight) in pair {
            let whole = bytes.len() / BLOCK * BLOCK;
            scalar::add_bytes(&[(&bytes[whole..], weight)], &mut sums[whole..]);
        }
    }
    for (sums, products) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().zip(&products.0) {
        let (products, _) = products.as_chunks();
        let products = in_order([&products[0], &products[1], &products[2], &products[3]].map(|p| load(p)));
        for (sums, products) in sums.as_chunks_mut().0.iter_mut().zip(products) {
            store(sums, _mm512_add_epi32(load(sums), products));
        }
    }
}

#[target_feature(enable = "avx512f")]
pub(super) fn at_least(sums: &[u32], threshold: u32, found: &mut impl FnMut(usize, u64)) {
    let least = _mm512_set1_epi32(threshold.cast_signed());
    let (whole, rest) = sums.as_chunks::<BLOCK>();
    for (number, sums) in whole.iter().enumerate() {
        let mut bits = 0;
        for (i, sums) in sums.as_chunks().0.iter().enumerate() {
            bits |= u64::from(_mm512_cmpge_epu32_mask(load(sums), least)) << (16 * i);
        }
        if bits != 0 {
            found(number, bits);
        }
    }
    scalar::at_least(rest, threshold, &mut |_, bits| found(whole.len(), bits));
}

/// Adds weight × impact to the scores of a block, impacts in the order of its bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn add_block(scores: &mut BlockScores, impacts: __m512i, weights: [__m512i; 2]) {
    let [a, b, c, d] = products(impacts, weights);
    let (scores, _) = scores.as_chunks_mut();
    for (scores, (factors, weights)) in scores.iter_mut().zip([a, b, c, d]) {
        store(scores, _mm512_dpwssd_epi32(load(scores), factors, weights));
    }
}

/// Adds weight × impact of two lists to the scores of a block, impacts in the order of its bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
#[inline]
fn add_two_blocks(scores: &mut BlockScores, [first, second]: [__m512i; 2], weights: __m512i, runs: &Runs) {
    let (scores, _) = scores.as_chunks_mut();
    for (scores, &run) in scores.iter_mut().zip(&runs.bytes) {
        let factors = _mm512_maskz_permutex2var_epi8(runs.lower_bytes, first, run, second);
        store(scores, _mm512_dpwssd_epi32(load(scores), factors, weights));
    }
}

/// Two weights as factors of the lower and of the upper half of each 32 bits.
#[target_feature(enable = "avx512f")]
#[inline]
fn pair_of([first, second]: [u32; 2]) -> __m512i {
    _mm512_set1_epi32((first | second << 16).cast_signed())
}

/// What brings together the impacts of two lists for each of the four runs of a block's documents: every fourth byte of both, each
/// widened to 16 bits.
struct Runs {
    bytes: [__m512i; 4],
    lower_bytes: u64,
}

impl Runs {
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn new() -> Self {
        // Of each four bytes the first of the first register, and the first of the second.
        let firsts = load(&std::array::from_fn(|lane| (4 * lane + ((64 + 4 * lane) << 16)) as u32));
        let bytes = [0, 1, 2, 3]
            .map(|run| in_register(_mm512_add_epi32(firsts, _mm512_set1_epi32(run * 0x0001_0001))));
        Self { bytes, lower_bytes: in_mask_register(0x5555_5555_5555_5555) }
    }
}

/// Keeps a mask from being known to the compiler, which else replaces one instruction by two that need none.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn in_mask_register(mut mask: u64) -> u64 {
    // SAFETY: no instruction at all; the operand says that the value passes through a register.
    unsafe {
        std::arch::asm!("/* {0} */", inout(kreg) mask, options(pure, nomem, nostack, preserves_flags));
    };
    mask
}

/// Keeps a load apart from the instruction that uses it: expanding straight from memory is several times slower than from
/// a register on AMD's Zen 5.
#[target_feature(enable = "avx512f")]
#[inline]
fn in_register(mut bytes: __m512i) -> __m512i {
    // SAFETY: no instruction at all; the operand says that the value passes through a register.
    unsafe {
        std::arch::asm!("/* {0} */", inout(zmm_reg) bytes, options(pure, nomem, nostack, preserves_flags));
    };
    bytes
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load_bytes(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: 64 bytes are there, and the load asks for no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(numbers: &[u32; 16]) -> __m512i {
    // SAFETY: 64 bytes are there, and the load asks for no alignment.
    unsafe { _mm512_loadu_si512(numbers.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store(numbers: &mut [u32; 16], values: __m512i) {
    // SAFETY: 64 bytes are there to be written, and the store asks for no alignment.
    unsafe { _mm512_storeu_si512(numbers.as_mut_ptr().cast(), values) }
}

/// For each of 16 numbers the sum of those before it.
#[target_feature(enable = "avx512f")]
#[inline]
fn sums_before(numbers: __m512i) -> __m512i {
    let zero = _mm512_setzero_si512();
    let mut sums = _mm512_alignr_epi32::<15>(numbers, zero);
    sums = _mm512_add_epi32(sums, _mm512_alignr_epi32::<15>(sums, zero));
    sums = _mm512_add_epi32(sums, _mm512_alignr_epi32::<14>(sums, zero));
    sums = _mm512_add_epi32(sums, _mm512_alignr_epi32::<12>(sums, zero));
    _mm512_add_epi32(sums, _mm512_alignr_epi32::<8>(sums, zero))
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store_words(words: &mut [u64; 8], values: __m512i) {
    // SAFETY: 64 bytes are there to be written, and the store asks for no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), values) }
}
