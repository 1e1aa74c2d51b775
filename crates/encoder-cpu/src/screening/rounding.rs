//! Rounding a row of floats to integers of 8 bits or less.

use crate::simd::{LANES, Line, Simd};

/// A row of floats as integers times a scale, and what that loses.
pub(super) struct Rounded {
    pub(super) scale: f32,
    /// ‖x‖
    pub(super) norm: f32,
    /// ‖x̂‖
    pub(super) rounded_norm: f32,
    /// ‖x − x̂‖
    pub(super) loss: f32,
    /// The sum of the integers.
    pub(super) sum: i32,
}

/// Rounds `row` to integers from −`largest` to `largest`, and puts them, with `zero` added, as
/// bytes into `words`, four a word.
#[inline(always)]
pub(super) fn round<S: Simd>(
    simd: S,
    row: &[f32],
    largest: i32,
    zero: i32,
    words: &mut [Line],
) -> Rounded {
    let mut most = simd.splat(0.0);
    for numbers in row.chunks(LANES) {
        most = simd.max(most, simd.abs(simd.load(&Line::from_floats(numbers))));
    }
    // The largest number is `largest` of these; above zero.
    let scale = (simd.largest(most) / largest as f32).max(f32::MIN_POSITIVE);
    let (by, inverse) = (simd.splat(scale), simd.splat(1.0 / scale));
    let zeros = simd.splat(0.0);
    let (mut norms, mut rounded_norms, mut losses, mut sums) = (zeros, zeros, zeros, zeros);
    for (sixteen, numbers) in row.chunks(LANES).enumerate() {
        let numbers = simd.load(&Line::from_floats(numbers));
        let integers = simd.round_to_words(simd.mul(numbers, inverse));
        let floats = simd.floats_of_words(integers);
        let rounded = simd.mul(floats, by);
        let loss = simd.sub(numbers, rounded);
        norms = simd.fma(numbers, numbers, norms);
        rounded_norms = simd.fma(rounded, rounded, rounded_norms);
        losses = simd.fma(loss, loss, losses);
        // Sums of floats that are whole numbers below 2²⁴ are exact.
        sums = simd.add(sums, floats);
        let mut line = Line::ZERO;
        simd.store(integers, &mut line);
        let mut bytes = [0u8; LANES];
        for (byte, word) in bytes.iter_mut().zip(line.0) {
            *byte = (word as i32 + zero) as u8;
        }
        let place = sixteen % 4 * 4;
        for (word, bytes) in
            words[sixteen / 4].0[place..place + 4].iter_mut().zip(bytes.as_chunks().0)
        {
            *word = u32::from_le_bytes(*bytes);
        }
    }
    Rounded {
        scale,
        norm: simd.sum(norms).sqrt(),
        rounded_norm: simd.sum(rounded_norms).sqrt(),
        loss: simd.sum(losses).sqrt(),
        sum: simd.sum(sums) as i32,
    }
}

/// Lines that the bytes of a row take.
pub(super) fn lines_of(width: usize) -> usize {
    width.div_ceil(4 * LANES)
}
