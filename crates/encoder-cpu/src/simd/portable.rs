//! Lanes in plain Rust, which the compiler may turn into whatever vectors its target has.

use super::lanes::Simd;
use super::line::{LANES, Line};

/// No instructions in particular.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Portable;

#[inline(always)]
fn by_lane(a: [f32; LANES], b: [f32; LANES], operation: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    let mut lanes = a;
    for (lane, &b) in lanes.iter_mut().zip(&b) {
        *lane = operation(*lane, b);
    }
    lanes
}

/// The two bfloat16 of each lane, as floats.
#[inline(always)]
fn halves(lanes: [f32; LANES]) -> [[f32; LANES]; 2] {
    let mut halves = [[0.0; LANES]; 2];
    for (lane, number) in lanes.iter().enumerate() {
        halves[0][lane] = f32::from_bits(number.to_bits() << 16);
        halves[1][lane] = f32::from_bits(number.to_bits() & 0xffff_0000);
    }
    halves
}

impl Simd for Portable {
    type Lanes = [f32; LANES];
    const NARROW: bool = true;
    const LARGEST_STATE: i32 = 127;

    #[inline(always)]
    fn load(self, line: &Line) -> Self::Lanes {
        line.floats()
    }

    #[inline(always)]
    fn store(self, lanes: Self::Lanes, line: &mut Line) {
        for (word, number) in line.0.iter_mut().zip(lanes) {
            *word = number.to_bits();
        }
    }

    #[inline(always)]
    fn splat_word(self, word: u32) -> Self::Lanes {
        [f32::from_bits(word); LANES]
    }

    #[inline(always)]
    fn add(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        by_lane(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        by_lane(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        by_lane(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        by_lane(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn fma(self, a: Self::Lanes, b: Self::Lanes, c: Self::Lanes) -> Self::Lanes {
        let mut lanes = c;
        for (lane, (a, b)) in lanes.iter_mut().zip(a.into_iter().zip(b)) {
            *lane = a.mul_add(b, *lane);
        }
        lanes
    }

    #[inline(always)]
    fn max(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        by_lane(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        by_lane(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn abs(self, a: Self::Lanes) -> Self::Lanes {
        by_lane(a, a, |a, _| a.abs())
    }

    #[inline(always)]
    fn round_to_words(self, a: Self::Lanes) -> Self::Lanes {
        by_lane(a, a, |a, _| f32::from_bits((a.round_ties_even() as i32) as u32))
    }

    #[inline(always)]
    fn floats_of_words(self, a: Self::Lanes) -> Self::Lanes {
        by_lane(a, a, |a, _| (a.to_bits() as i32) as f32)
    }

    #[inline(always)]
    fn power_of_two(self, n: Self::Lanes) -> Self::Lanes {
        by_lane(n, n, |n, _| f32::from_bits(n.to_bits().wrapping_add(127) << 23))
    }

    #[inline(always)]
    fn above(self, a: Self::Lanes, b: Self::Lanes) -> u16 {
        let mut mask = 0;
        for (lane, (a, b)) in a.into_iter().zip(b).enumerate() {
            let at_most = a <= b;
            mask |= u16::from(!at_most) << lane;
        }
        mask
    }

    #[inline(always)]
    fn dot_bfloats(self, sum: Self::Lanes, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        let ([a, c], [b, d]) = (halves(a), halves(b));
        self.fma(c, d, self.fma(a, b, sum))
    }

    #[inline(always)]
    fn dot_bytes(self, sum: Self::Lanes, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        let mut lanes = sum;
        for (lane, (a, b)) in lanes.iter_mut().zip(a.into_iter().zip(b)) {
            let (a, b) = (a.to_bits().to_le_bytes(), b.to_bits().to_le_bytes());
            let mut sum = lane.to_bits() as i32;
            for (a, b) in a.into_iter().zip(b) {
                sum += i32::from(a) * i32::from(b as i8);
            }
            *lane = f32::from_bits(sum as u32);
        }
        lanes
    }

    #[inline(always)]
    fn bfloats(self, lanes: Self::Lanes) -> [u32; LANES / 2] {
        let mut words = [0; LANES / 2];
        for (word, pair) in words.iter_mut().zip(lanes.as_chunks::<2>().0) {
            *word = bfloat(pair[0]) | bfloat(pair[1]) << 16;
        }
        words
    }

    #[inline(always)]
    fn transpose(self, rows: [Self::Lanes; LANES]) -> [Self::Lanes; LANES] {
        let mut columns = rows;
        for (i, row) in rows.iter().enumerate() {
            for (column, &number) in columns.iter_mut().zip(row) {
                column[i] = number;
            }
        }
        columns
    }
}

/// The bits of the nearest bfloat16, halves to even.
#[inline(always)]
pub(crate) fn bfloat(number: f32) -> u32 {
    let bits = number.to_bits();
    // Rounding could carry the bits of a NaN into those of an infinity.
    let quiet = if number.is_nan() { 0x40_0000 } else { 0 };
    let even = (bits >> 16) & 1;
    if quiet != 0 { (bits | quiet) >> 16 } else { (bits + 0x7fff + even) >> 16 }
}
