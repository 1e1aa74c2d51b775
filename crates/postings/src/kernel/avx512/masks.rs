//! Lists of masks: the bits of a group's sixteen blocks in two registers, and a block's impacts in
//! one.

use std::arch::x86_64::*;

use super::super::groups::{Groups, ONES, chunk};
use super::super::packed_blocks::{PackedBlocks, for_each_packed_group, for_each_wanted};
use super::registers::{add_block, halves, load_bytes, store, store_words, sums_before};
use crate::layout::{BLOCK, GroupScores, Weighted};
use crate::shapes::masks::{BIT_NUMBER, MasksList, PACKED_GROUP_BYTES, PackedGroup};

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

/// Adds the wanted blocks of a group. A function of its own: within the way through the lists there
/// are too few registers.
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
        let impacts =
            _mm512_add_epi8(unpack(block.bytes, block.start, block.width), _mm512_set1_epi8(1));
        add_block(
            &mut scores[number],
            _mm512_maskz_expand_epi8(block.bits, impacts),
            halves(weight),
        );
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

/// For each width: the eight bytes from which eight impacts start, and the bit within them at which
/// each starts.
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

#[target_feature(enable = "avx512f")]
#[inline]
fn load_16(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are there, and the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}
