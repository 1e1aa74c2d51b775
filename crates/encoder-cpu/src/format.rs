//! The number formats of states and weights.

use spork_model::Precision;

use crate::simd::{LANES, Line, Simd, bfloat};

/// How the numbers of a word are multiplied.
pub(crate) trait Multiply: Copy {
    /// `sum` and the products of the numbers in each lane.
    fn accumulate<S: Simd>(simd: S, sum: S::Lanes, a: S::Lanes, b: S::Lanes) -> S::Lanes;
}

/// How the numbers of a network lie in words of 32 bits.
pub(crate) trait Format: Multiply {
    /// Numbers a word.
    const PER_WORD: usize;
    /// Whether levels with [tiles](Simd::TILES) multiply it by them.
    const TILED: bool;

    /// Lines that hold `sixteens` times sixteen numbers.
    #[inline(always)]
    fn lines(sixteens: usize) -> usize {
        sixteens.div_ceil(Self::PER_WORD)
    }

    /// A word of consecutive numbers of a row.
    fn word(numbers: &[f32]) -> u32;

    /// Stores floats as the numbers from 16 · `sixteen` on of a row.
    fn store<S: Simd>(simd: S, floats: S::Lanes, row: &mut [Line], sixteen: usize);

    /// The numbers from 16 · `sixteen` on of rows that are multiplied by the same word, one number
    /// of each row in a lane.
    fn interleave(rows: [Option<&[Line]>; 2], sixteen: usize) -> Line;
}

/// 32-bit floats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Float;

impl Multiply for Float {
    #[inline(always)]
    fn accumulate<S: Simd>(simd: S, sum: S::Lanes, a: S::Lanes, b: S::Lanes) -> S::Lanes {
        simd.fma(a, b, sum)
    }
}

impl Format for Float {
    const PER_WORD: usize = 1;
    const TILED: bool = false;

    fn word(numbers: &[f32]) -> u32 {
        numbers.first().map_or(0, |number| number.to_bits())
    }

    #[inline(always)]
    fn store<S: Simd>(simd: S, floats: S::Lanes, row: &mut [Line], sixteen: usize) {
        simd.store(floats, &mut row[sixteen]);
    }

    #[inline(always)]
    fn interleave(rows: [Option<&[Line]>; 2], sixteen: usize) -> Line {
        rows[0].map_or(Line::ZERO, |row| row[sixteen])
    }
}

/// Bfloat16, two a word, whose products are summed as floats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BFloat;

impl Multiply for BFloat {
    #[inline(always)]
    fn accumulate<S: Simd>(simd: S, sum: S::Lanes, a: S::Lanes, b: S::Lanes) -> S::Lanes {
        simd.dot_bfloats(sum, a, b)
    }
}

impl Format for BFloat {
    const PER_WORD: usize = 2;
    const TILED: bool = true;

    fn word(numbers: &[f32]) -> u32 {
        let number = |place: usize| numbers.get(place).map_or(0, |&number| bfloat(number));
        number(0) | number(1) << 16
    }

    #[inline(always)]
    fn store<S: Simd>(simd: S, floats: S::Lanes, row: &mut [Line], sixteen: usize) {
        let half = sixteen % 2 * (LANES / 2);
        row[sixteen / 2].0[half..half + LANES / 2].copy_from_slice(&simd.bfloats(floats));
    }

    #[inline(always)]
    fn interleave(rows: [Option<&[Line]>; 2], sixteen: usize) -> Line {
        const HALF: usize = LANES / 2;
        let words = |row: Option<&[Line]>| -> [u32; HALF] {
            let mut words = [0; HALF];
            if let Some(row) = row {
                let half = sixteen % 2 * HALF;
                words.copy_from_slice(&row[sixteen / 2].0[half..half + HALF]);
            }
            words
        };
        let (first, second) = (words(rows[0]), words(rows[1]));
        let mut line = Line::ZERO;
        for (lanes, (first, second)) in
            line.0.as_chunks_mut::<2>().0.iter_mut().zip(first.into_iter().zip(second))
        {
            lanes[0] = first & 0xffff | second << 16;
            lanes[1] = first >> 16 | second & 0xffff_0000;
        }
        line
    }
}

/// Bytes, four a word, whose products are summed as integers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes;

impl Multiply for Bytes {
    #[inline(always)]
    fn accumulate<S: Simd>(simd: S, sum: S::Lanes, a: S::Lanes, b: S::Lanes) -> S::Lanes {
        simd.dot_bytes(sum, a, b)
    }
}

/// Does something in the format of a precision.
pub(crate) trait InFormat {
    /// What comes out.
    type Output;

    /// Does it.
    fn run<F: Format>(self) -> Self::Output;
}

/// Runs `what` in the format of `precision`: float16 is none of this crate's.
pub(crate) fn in_format<W: InFormat>(precision: Precision, what: W) -> W::Output {
    match precision {
        Precision::BFloat16 => what.run::<BFloat>(),
        Precision::Float32 | Precision::Float16 => what.run::<Float>(),
    }
}
