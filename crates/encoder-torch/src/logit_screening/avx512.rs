//! The products with AVX-512 VNNI: one instruction multiplies 64 pairs of bytes and adds them up in
//! 16 sums.

#![allow(
    unsafe_code,
    reason = "measured: a core encodes 1.5 times as fast as with the whole decoder in bfloat16"
)]

use std::arch::x86_64::*;

use super::pack::{Block, LANES, PackedText, TERMS, VECTORS};

/// Tokens whose sums stay in registers together: with 64 terms 24 of the 32, four more for weights,
/// one for states.
const TOKENS: usize = 6;

/// Proof that the processor has AVX-512 F and VNNI.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx512Vnni(());

impl Avx512Vnni {
    /// The token, where the processor has the instructions.
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni"))
            .then_some(Self(()))
    }

    /// See [`super::maxima`].
    pub(super) fn maxima(self, block: &Block, text: &PackedText) -> [f32; TERMS] {
        let depth = text.depth();
        assert_eq!(block.lines.len(), depth * VECTORS, "weights and states are equally wide");
        // SAFETY: the token exists only where the processor has the instructions.
        unsafe { all_tokens(block, text, depth) }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn all_tokens(block: &Block, text: &PackedText, depth: usize) -> [f32; TERMS] {
    let mut maxima = [_mm512_set1_ps(f32::NEG_INFINITY); VECTORS];
    for (groups, scales) in text.groups.chunks(TOKENS * depth).zip(text.scales.chunks(TOKENS)) {
        match scales.len() {
            1 => some_tokens::<1>(block, groups, scales, &mut maxima),
            2 => some_tokens::<2>(block, groups, scales, &mut maxima),
            3 => some_tokens::<3>(block, groups, scales, &mut maxima),
            4 => some_tokens::<4>(block, groups, scales, &mut maxima),
            5 => some_tokens::<5>(block, groups, scales, &mut maxima),
            _ => some_tokens::<TOKENS>(block, groups, scales, &mut maxima),
        }
    }
    let mut all = [0.0; TERMS];
    for (values, maxima) in all.chunks_exact_mut(LANES).zip(maxima) {
        // SAFETY: 16 floats are written to a slice of 16.
        unsafe { _mm512_storeu_ps(values.as_mut_ptr(), maxima) };
    }
    all
}

/// `groups` [N, depth] of N tokens.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn some_tokens<const N: usize>(
    block: &Block,
    groups: &[i32],
    scales: &[f32],
    maxima: &mut [__m512; VECTORS],
) {
    let depth = block.lines.len() / VECTORS;
    assert!(groups.len() == N * depth && scales.len() == N, "a group of {N} tokens");
    let offsets: [__m512i; VECTORS] = std::array::from_fn(|vector| {
        // SAFETY: 16 integers are read from the 64 that the vectors share.
        unsafe { _mm512_loadu_si512(block.offsets.as_ptr().add(LANES * vector).cast()) }
    });
    let mut sums = [offsets; N];
    for (place, lines) in block.lines.chunks_exact(VECTORS).enumerate() {
        let weights: [__m512i; VECTORS] =
            // SAFETY: a line is 64 bytes, aligned to as many.
            std::array::from_fn(|vector| unsafe { _mm512_load_si512((&raw const lines[vector]).cast()) });
        for (token, sums) in sums.iter_mut().enumerate() {
            // SAFETY: `token` is below N and `place` below `depth`, and there are N · depth groups.
            let states = _mm512_set1_epi32(unsafe { *groups.get_unchecked(token * depth + place) });
            for (sum, &weights) in sums.iter_mut().zip(&weights) {
                *sum = _mm512_dpbusd_epi32(*sum, states, weights);
            }
        }
    }
    for (sums, &scale) in sums.iter().zip(scales) {
        for (most, &sum) in maxima.iter_mut().zip(sums) {
            *most =
                _mm512_max_ps(*most, _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(scale)));
        }
    }
}
