//! Vector instructions behind one trait: sixteen lanes of 32 bits, whatever the processor.
//!
//! [`Simd`] is written three times: for AVX-512, for AVX2 with FMA, and in plain Rust. Everything
//! else in this crate is written once over it. Its operations on floats are IEEE's, each rounded
//! once, so that code over it gives the same bits at every level; only sums of bfloat16 products
//! may differ, since the instruction for them rounds in its own way.
//!
//! A [`Task`] is run by [`Level::run`], in which the instructions of its level are switched on. What
//! a task calls has to be inlined into it to be compiled with them: hence `inline(always)`
//! throughout.
//!
//! All of `std::arch` is in here, and all `unsafe` of this crate. With `--cfg spork_portable`, and
//! on other processors, plain Rust remains.

#[cfg(all(target_arch = "x86_64", not(spork_portable)))]
mod avx2;
#[cfg(all(target_arch = "x86_64", not(spork_portable)))]
mod avx512;
mod level;
mod line;
mod portable;

pub(crate) use portable::bfloat as portable_bfloat;

pub(crate) use level::{Level, Task};
pub(crate) use line::{LANES, Line, floats};

use crate::format::Format;
use crate::product::Product;

/// A level of instructions: a value exists only where the processor has them.
pub(crate) trait Simd: Copy {
    /// Sixteen lanes of 32 bits: floats, integers, pairs of bfloat16 or groups of four bytes.
    type Lanes: Copy;
    /// Lines a panel at most; see [`crate::panels`].
    const WIDEST: usize;
    /// The largest rounded state in logit screening, which this level multiplies as a byte.
    const LARGEST_STATE: i32;

    /// The lanes of `line`.
    fn load(self, line: &Line) -> Self::Lanes;
    /// Puts the lanes into `line`.
    fn store(self, lanes: Self::Lanes, line: &mut Line);
    /// The same word in all lanes.
    fn splat_word(self, word: u32) -> Self::Lanes;

    /// The same float in all lanes.
    #[inline(always)]
    fn splat(self, number: f32) -> Self::Lanes {
        self.splat_word(number.to_bits())
    }

    /// a + b
    fn add(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// a − b
    fn sub(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// a · b
    fn mul(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// a / b
    fn div(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// a · b + c, rounded once.
    fn fma(self, a: Self::Lanes, b: Self::Lanes, c: Self::Lanes) -> Self::Lanes;
    /// a where it is larger, else b: b, too, where one of them is NaN.
    fn max(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// a where it is smaller, else b: b, too, where one of them is NaN.
    fn min(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// The absolute value.
    fn abs(self, a: Self::Lanes) -> Self::Lanes;
    /// The nearest 32-bit integers, halves to even, of floats that have one.
    fn round_to_words(self, a: Self::Lanes) -> Self::Lanes;
    /// Integers as floats.
    fn floats_of_words(self, a: Self::Lanes) -> Self::Lanes;
    /// 2ⁿ for integers n from −126 to 127.
    fn power_of_two(self, n: Self::Lanes) -> Self::Lanes;
    /// A bit for each lane in which a is not at most b: one, too, where one of them is NaN.
    fn above(self, a: Self::Lanes, b: Self::Lanes) -> u16;

    /// `sum` and the products of each lane's two bfloat16.
    fn dot_bfloats(self, sum: Self::Lanes, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// `sum` and the products of each lane's four bytes, in integers: those of `a` without sign, up
    /// to twice [`Self::LARGEST_STATE`] plus one, those of `b` from −127 to 127.
    fn dot_bytes(self, sum: Self::Lanes, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// The nearest bfloat16 of each lane, halves to even, in the order of memory.
    fn bfloats(self, lanes: Self::Lanes) -> [u32; LANES / 2];
    /// Lane j of row i becomes lane i of row j.
    fn transpose(self, rows: [Self::Lanes; LANES]) -> [Self::Lanes; LANES];

    /// A matrix product, by tiles of the shapes that suit the registers.
    fn product<F: Format>(self, product: Product<'_>);

    /// The sum of the lanes: halves are added until one lane is left.
    #[inline(always)]
    fn sum(self, lanes: Self::Lanes) -> f32 {
        let mut numbers = self.numbers(lanes);
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                numbers[lane] += numbers[lane + half];
            }
            half /= 2;
        }
        numbers[0]
    }

    /// The largest lane.
    #[inline(always)]
    fn largest(self, lanes: Self::Lanes) -> f32 {
        let mut numbers = self.numbers(lanes);
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                let other = numbers[lane + half];
                numbers[lane] = if numbers[lane] > other { numbers[lane] } else { other };
            }
            half /= 2;
        }
        numbers[0]
    }

    /// The lanes as floats.
    #[inline(always)]
    fn numbers(self, lanes: Self::Lanes) -> [f32; LANES] {
        let mut line = Line::ZERO;
        self.store(lanes, &mut line);
        line.floats()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Transpose([Line; LANES]);

    impl Task for Transpose {
        type Output = [Line; LANES];

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> [Line; LANES] {
            let mut lanes = [simd.splat(0.0); LANES];
            for (lanes, line) in lanes.iter_mut().zip(&self.0) {
                *lanes = simd.load(line);
            }
            let mut lines = self.0;
            for (line, lanes) in lines.iter_mut().zip(simd.transpose(lanes)) {
                simd.store(lanes, line);
            }
            lines
        }
    }

    #[test]
    fn every_level_transposes() {
        let mut rows = [Line::ZERO; LANES];
        let mut columns = rows;
        for (i, row) in rows.iter_mut().enumerate() {
            for (j, (number, column)) in row.0.iter_mut().zip(&mut columns).enumerate() {
                *number = (100 * i + j) as u32;
                column.0[i] = *number;
            }
        }
        for level in Level::permitted().unwrap() {
            assert_eq!(level.run(Transpose(rows)), columns, "{level:?}");
        }
    }
}
