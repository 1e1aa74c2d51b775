//! Operations on registers of 64 bytes that both kinds of lists use.
//!
//! 64 bytes are taken as 16 numbers of 32 bits, whose first, second, third and fourth bytes are
//! multiplied and added to four registers of 32-bit sums. The bits of a bitmap list are in an order
//! that makes these four the quarters of a block: consecutive documents.

use std::arch::x86_64::*;

use crate::layout::BlockScores;

/// A weight as a factor of the lower, and of the upper, half of each 32 bits.
#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn halves(weight: u32) -> [__m512i; 2] {
    [weight, weight << 16].map(|factor| _mm512_set1_epi32(factor.cast_signed()))
}

/// Pairs of 16-bit factors and weights, whose products are weight × byte of the first, second,
/// third and fourth byte of each 32 bits.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
pub(super) fn products(bytes: __m512i, [low, high]: [__m512i; 2]) -> [(__m512i, __m512i); 4] {
    let even = _mm512_and_si512(bytes, _mm512_set1_epi16(0xff));
    let odd = _mm512_srli_epi16::<8>(bytes);
    [(even, low), (odd, low), (even, high), (odd, high)]
}

/// Adds weight × impact to the scores of a block, impacts in the order of its bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
pub(super) fn add_block(scores: &mut BlockScores, impacts: __m512i, weights: [__m512i; 2]) {
    let [a, b, c, d] = products(impacts, weights);
    let (scores, _) = scores.as_chunks_mut();
    for (scores, (factors, weights)) in scores.iter_mut().zip([a, b, c, d]) {
        store(scores, _mm512_dpwssd_epi32(load(scores), factors, weights));
    }
}

/// Adds weight × impact of two lists to the scores of a block, impacts in the order of its bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
#[inline]
pub(super) fn add_two_blocks(
    scores: &mut BlockScores,
    [first, second]: [__m512i; 2],
    weights: __m512i,
    quarters: &Quarters,
) {
    let (scores, _) = scores.as_chunks_mut();
    for (scores, &quarter) in scores.iter_mut().zip(&quarters.bytes) {
        let factors = _mm512_maskz_permutex2var_epi8(quarters.lower_bytes, first, quarter, second);
        store(scores, _mm512_dpwssd_epi32(load(scores), factors, weights));
    }
}

/// Two weights as factors of the lower and of the upper half of each 32 bits.
#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn pair_of([first, second]: [u32; 2]) -> __m512i {
    _mm512_set1_epi32((first | second << 16).cast_signed())
}

/// The permutations that bring together the impacts of two lists for each quarter of a block's
/// documents: every fourth byte of both, each widened to 16 bits.
pub(super) struct Quarters {
    bytes: [__m512i; 4],
    lower_bytes: u64,
}

impl Quarters {
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    pub(super) fn new() -> Self {
        // The first of each four bytes of the first register, and of the second.
        let firsts = load(&std::array::from_fn(|lane| (4 * lane + ((64 + 4 * lane) << 16)) as u32));
        let bytes = [0, 1, 2, 3].map(|quarter| {
            in_register(_mm512_add_epi32(firsts, _mm512_set1_epi32(quarter * 0x0001_0001)))
        });
        Self { bytes, lower_bytes: in_mask_register(0x5555_5555_5555_5555) }
    }
}

/// Keeps a mask from being known to the compiler, which else replaces one instruction by two that
/// need none.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
pub(super) fn in_mask_register(mut mask: u64) -> u64 {
    // SAFETY: no instruction at all; the operand says that the value passes through a register.
    unsafe {
        std::arch::asm!("/* {0} */", inout(kreg) mask, options(pure, nomem, nostack, preserves_flags));
    };
    mask
}

/// Keeps a load apart from the instruction that uses it: expanding straight from memory is several
/// times slower than from a register on AMD's Zen 5.
#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn in_register(mut bytes: __m512i) -> __m512i {
    // SAFETY: no instruction at all; the operand says that the value passes through a register.
    unsafe {
        std::arch::asm!("/* {0} */", inout(zmm_reg) bytes, options(pure, nomem, nostack, preserves_flags));
    };
    bytes
}

#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn load_bytes(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: 64 bytes are there, and the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn load(numbers: &[u32; 16]) -> __m512i {
    // SAFETY: 64 bytes are there, and the load needs no alignment.
    unsafe { _mm512_loadu_si512(numbers.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn store(numbers: &mut [u32; 16], values: __m512i) {
    // SAFETY: 64 bytes are there to be written, and the store needs no alignment.
    unsafe { _mm512_storeu_si512(numbers.as_mut_ptr().cast(), values) }
}

/// For each of 16 numbers the sum of those before it.
#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn sums_before(numbers: __m512i) -> __m512i {
    let zero = _mm512_setzero_si512();
    let mut sums = _mm512_alignr_epi32::<15>(numbers, zero);
    sums = _mm512_add_epi32(sums, _mm512_alignr_epi32::<15>(sums, zero));
    sums = _mm512_add_epi32(sums, _mm512_alignr_epi32::<14>(sums, zero));
    sums = _mm512_add_epi32(sums, _mm512_alignr_epi32::<12>(sums, zero));
    _mm512_add_epi32(sums, _mm512_alignr_epi32::<8>(sums, zero))
}

#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn store_words(words: &mut [u64; 8], values: __m512i) {
    // SAFETY: 64 bytes are there to be written, and the store needs no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), values) }
}
