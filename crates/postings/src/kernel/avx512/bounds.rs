//! Sums of bounds, put in the order of their blocks at the end, and which of them reach a
//! threshold.

use std::arch::x86_64::*;

use super::super::groups::WeightedBytes;
use super::super::scalar;
use super::registers::{Quarters, add_two_blocks, load, load_bytes, pair_of, store};
use crate::layout::{BLOCK, BlockScores, WINDOW_BLOCKS};
use crate::prefetch::{Prefetch, prefetch_later};

/// Sums of a window's bounds, 64 at a time in the order of four registers.
#[repr(align(64))]
struct Sums([BlockScores; WINDOW_BLOCKS / BLOCK]);

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
    let low = [
        _mm512_shuffle_i32x4::<0x44>(fours[0], fours[1]),
        _mm512_shuffle_i32x4::<0x44>(fours[2], fours[3]),
    ];
    let high = [
        _mm512_shuffle_i32x4::<0xee>(fours[0], fours[1]),
        _mm512_shuffle_i32x4::<0xee>(fours[2], fours[3]),
    ];
    [
        _mm512_shuffle_i32x4::<0x88>(low[0], low[1]),
        _mm512_shuffle_i32x4::<0xdd>(low[0], low[1]),
        _mm512_shuffle_i32x4::<0x88>(high[0], high[1]),
        _mm512_shuffle_i32x4::<0xdd>(high[0], high[1]),
    ]
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
pub(super) fn add_bytes(lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
    let mut products = Sums([[0; BLOCK]; WINDOW_BLOCKS / BLOCK]);
    let quarters = Quarters::new();
    for (number, pair) in lists.chunks(2).enumerate() {
        let first = pair[0];
        let second = pair.get(1).copied().unwrap_or((first.0, 0));
        let slots = first.0.len() / BLOCK;
        let mut later = [2 * number, 2 * number + 1]
            .map(|i| prefetch_later(lists, i, slots, |_| (), |&(bytes, _)| bytes));
        let weights = pair_of([first.1, second.1]);
        let (whole, _) = first.0.as_chunks();
        let blocks = whole.iter().zip(second.0.as_chunks().0);
        for (products, (first, second)) in products.0.iter_mut().zip(blocks) {
            later.iter_mut().for_each(Prefetch::next_slot);
            add_two_blocks(products, [load_bytes(first), load_bytes(second)], weights, &quarters);
        }
        for &(bytes, weight) in pair {
            let whole = bytes.len() / BLOCK * BLOCK;
            scalar::add_bytes(&[(&bytes[whole..], weight)], &mut sums[whole..]);
        }
    }
    for (sums, products) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().zip(&products.0) {
        let (products, _) = products.as_chunks();
        let products =
            in_order([&products[0], &products[1], &products[2], &products[3]].map(|p| load(p)));
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
