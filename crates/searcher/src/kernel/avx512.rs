//! AVX-512: a block's postings are spread over its 64 documents by one instruction, and its scores are four registers.
//!
//! 64 bytes are taken as 16 numbers of 32 bits, whose first, second, third and fourth bytes are multiplied and added to four
//! registers of 32-bit sums. The bits of a bitmap list stand in an order that makes these four runs of consecutive documents;
//! sums of bounds are put in order at the end.

use std::arch::x86_64::*;

use spork_index::{BIT_NUMBER, BLOCK, BitmapList, MasksList, PACKED_GROUP_BYTES, PackedGroup};

use super::masks::{PackedBlocks, for_each_packed_group, for_each_wanted};
use super::{GroupScores, Groups, ONES, WeightedBytes, chunk, for_each_block, prefetch, read_ahead, scalar};
use crate::lists::Weighted;
use crate::scatter::BlockScores;
use crate::window::BLOCKS;

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

/// Pairs of 16-bit factors and weights, whose products are weight × byte of the first, second, third and fourth byte of each
/// 32 bits.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn products(bytes: __m512i, weight: u32) -> [(__m512i, __m512i); 4] {
    let even = _mm512_and_si512(bytes, _mm512_set1_epi16(0xff));
    let odd = _mm512_srli_epi16::<8>(bytes);
    let low = _mm512_set1_epi32(weight.cast_signed());
    let high = _mm512_set1_epi32((weight << 16).cast_signed());
    [(even, low), (odd, low), (even, high), (odd, high)]
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) fn add_bytes(lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
    let mut products = Sums([[0; BLOCK]; BLOCKS / BLOCK]);
    for (number, &(bytes, weight)) in lists.iter().enumerate() {
        read_ahead(lists, number, |_| (), |&(bytes, _)| prefetch(bytes));
        for (products, bytes) in products.0.iter_mut().zip(bytes.as_chunks().0) {
            add_block(products, load_bytes(bytes), weight);
        }
        let whole = bytes.len() / BLOCK * BLOCK;
        scalar::add_bytes(&[(&bytes[whole..], weight)], &mut sums[whole..]);
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

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,avx512vnni,popcnt,bmi1,bmi2")]
pub(super) fn add_bitmaps(
    lists: &[Weighted<BitmapList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    for_each_block(lists, groups, scores, |scores, bits, bytes, impacts, weight| {
        let impacts = in_register(load_bytes(chunk(bytes, impacts)));
        add_block(scores, _mm512_maskz_expand_epi8(bits, impacts), weight);
    })
}

#[target_feature(
    enable = "avx512f,avx512bw,avx512cd,avx512vbmi,avx512vbmi2,avx512vnni,avx512vpopcntdq,popcnt,bmi1,bmi2"
)]
pub(super) fn add_masks(
    lists: &[Weighted<MasksList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    let find = |group: &PackedGroup<'_>, blocks: &mut PackedBlocks| find_blocks(group, blocks);
    for_each_packed_group(lists, groups, scores, find, |scores, group, blocks, wanted, weight| {
        add_group(scores, group, blocks, wanted, weight)
    })
}

/// Adds the wanted blocks of a group. A function of its own: within the way through the lists there are too few registers.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,avx512vnni,popcnt,bmi1,bmi2")]
#[inline(never)]
fn add_group(
    scores: &mut GroupScores,
    group: &PackedGroup<'_>,
    blocks: &PackedBlocks,
    wanted: u16,
    weight: u32,
) -> u64 {
    for_each_wanted(group, blocks, wanted, |number, block| {
        let impacts = _mm512_add_epi8(unpack(block.bytes, block.start, block.width), _mm512_set1_epi8(1));
        add_block(&mut scores[number], _mm512_maskz_expand_epi8(block.bits, impacts), weight);
    })
}

/// As [`PackedBlocks::set`], with the bits of [`PackedGroup::bits`].
#[target_feature(
    enable = "avx512f,avx512bw,avx512cd,avx512vbmi,avx512vbmi2,avx512vpopcntdq,popcnt,bmi1,bmi2"
)]
#[inline]
fn find_blocks(group: &PackedGroup<'_>, blocks: &mut PackedBlocks) {
    let (bits, start) = bits(group);
    let ones = bits.map(|bits| _mm512_cvtepi64_epi32(_mm512_popcnt_epi64(bits)));
    let ones = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(ones[0]), ones[1]);
    let bounds = _mm512_cvtepu8_epi32(load_16(&group.bounds));
    let zeros = _mm512_lzcnt_epi32(_mm512_sub_epi32(bounds, _mm512_set1_epi32(1)));
    let widths = _mm512_sub_epi32(_mm512_set1_epi32(32), zeros);
    let widths = _mm512_maskz_compress_epi32(group.occupied, widths);
    let sizes = _mm512_madd_epi16(ones, widths);
    let starts = _mm512_add_epi32(_mm512_set1_epi32(start as i32), sums_before(sizes));
    for (words, bits) in blocks.bits.as_chunks_mut().0.iter_mut().zip(bits) {
        store_words(words, bits);
    }
    store(&mut blocks.starts, starts);
    store(&mut blocks.widths, widths);
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

/// As [`PackedGroup::bits`], eight blocks to a register.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,popcnt,bmi1,bmi2")]
#[inline]
fn bits(group: &PackedGroup<'_>) -> ([__m512i; 2], usize) {
    let blocks = group.occupied.count_ones();
    let masks = words(group, 0, 8 * blocks);
    let counts = masks.map(u64::count_ones);
    let count = counts[0] + counts[1];
    let several = words(group, blocks as usize, count);
    let mut whole = (blocks + count.div_ceil(8)) as usize;
    let mut numbers = 8 * (whole + (several[0].count_ones() + several[1].count_ones()) as usize);
    let mut next = |several: u64, count: u32| {
        let number = unpack(group.bytes, numbers, BIT_NUMBER);
        let one = _mm512_shuffle_epi8(_mm512_set1_epi64(ONES.cast_signed()), number);
        let bytes = _mm512_maskz_expand_epi8(several, load_bytes(chunk(group.bytes, whole)));
        whole += several.count_ones() as usize;
        numbers += (BIT_NUMBER * (count - several.count_ones())) as usize;
        _mm512_mask_expand_epi8(bytes, !several, one)
    };
    let low = next(several[0], count.min(64));
    let high = if count > 64 { next(several[1], count - 64) } else { _mm512_setzero_si512() };
    // The upper eight blocks' bytes follow the lower eight's.
    let places = _mm512_add_epi8(load_bytes(&NUMBERS), _mm512_set1_epi8(counts[0] as i8));
    let upper = _mm512_permutex2var_epi8(low, places, high);
    let bits = [_mm512_maskz_expand_epi8(masks[0], low), _mm512_maskz_expand_epi8(masks[1], upper)];
    (bits, numbers)
}

/// The first `count` bits from byte `at` of a group on, at most 128; zeros after them.
#[target_feature(enable = "bmi2")]
#[inline]
fn words(group: &PackedGroup<'_>, at: usize, count: u32) -> [u64; 2] {
    let bytes: &[u8; 16] = chunk(group.bytes, at);
    let words = bytes.as_chunks().0;
    [
        _bzhi_u64(u64::from_le_bytes(words[0]), count.min(64)),
        _bzhi_u64(u64::from_le_bytes(words[1]), count.saturating_sub(64)),
    ]
}

/// 0 to 63.
static NUMBERS: [u8; BLOCK] = {
    let mut all = [0; BLOCK];
    let mut i = 0;
    while i < BLOCK {
        all[i] = i as u8;
        i += 1;
    }
    all
};

/// 64 numbers of `width` bits, up to 8, from bit `start` on, a byte each.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2")]
#[inline]
fn unpack(bytes: &[u8; PACKED_GROUP_BYTES], start: usize, width: u32) -> __m512i {
    let packed: &[u8; BLOCK + 8] = chunk(bytes, start / 8);
    let (packed, after) = (load_bytes(chunk(packed, 0)), load_bytes(chunk(packed, 8)));
    let width = width.min(8) as usize;
    let (places, shifts) = &EIGHTS[width];
    // Eight numbers start at a byte, but for the bits by which the first of all is off it.
    let places = load_bytes(places);
    let off = _mm512_set1_epi64((start % 8) as i64);
    let low = _mm512_permutexvar_epi8(places, packed);
    let eights = _mm512_shrdv_epi64(low, _mm512_permutexvar_epi8(places, after), off);
    let numbers = _mm512_multishift_epi64_epi8(load_bytes(shifts), eights);
    _mm512_and_si512(numbers, _mm512_set1_epi8(((1u32 << width) - 1) as i8))
}

/// For each width: the eight bytes from which eight impacts start, and the bit within them at which each starts.
static EIGHTS: [([u8; BLOCK], [u8; BLOCK]); 9] = {
    let mut all = [([0; BLOCK], [0; BLOCK]); 9];
    let mut width = 0;
    while width < all.len() {
        let mut i = 0;
        while i < BLOCK {
            all[width].0[i] = (i / 8 * width + i % 8) as u8;
            all[width].1[i] = (i % 8 * width) as u8;
            i += 1;
        }
        width += 1;
    }
    all
};

/// Adds weight × impact to the scores of a block, impacts in the order of its bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn add_block(scores: &mut BlockScores, impacts: __m512i, weight: u32) {
    let [a, b, c, d] = products(impacts, weight);
    let (scores, _) = scores.as_chunks_mut();
    for (scores, (factors, weights)) in scores.iter_mut().zip([a, b, c, d]) {
        store(scores, _mm512_dpwssd_epi32(load(scores), factors, weights));
    }
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
fn load_16(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are there, and the load asks for no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
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

#[target_feature(enable = "avx512f")]
#[inline]
fn store_words(words: &mut [u64; 8], values: __m512i) {
    // SAFETY: 64 bytes are there to be written, and the store asks for no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), values) }
}
