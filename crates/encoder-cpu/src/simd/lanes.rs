//! What vectors of sixteen lanes can do.

use super::line::{LANES, Line};

/// Rows of bfloat16 to multiply by tiles.
#[derive(Clone, Copy)]
pub(crate) struct TileRows<'r> {
    pub(crate) lines: &'r [Line],
    /// Lines from a row to the next.
    pub(crate) stride: usize,
    /// How many rows: 1 to [`TILED_ROWS`].
    pub(crate) count: usize,
    /// Lines of a row that are multiplied.
    pub(crate) depth: usize,
}

/// The most rows that are multiplied by tiles at a time.
pub(crate) const TILED_ROWS: usize = 32;

/// A level of instructions: a value exists only where the processor has them.
pub(crate) trait Simd: Copy {
    /// Sixteen lanes of 32 bits: floats, integers, pairs of bfloat16 or groups of four bytes.
    type Lanes: Copy;
    /// Whether registers hold the sums of few columns only: tiles are then sixteen columns wide.
    const NARROW: bool;
    /// Whether it multiplies bfloat16 by tiles.
    const TILES: bool = false;
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
    /// The sums of rows and the columns of a panel of two or three lines a word: as many lines a
    /// row. A level with [tiles](Self::TILES) has an instruction for it.
    #[inline(always)]
    fn tiled_sums(self, rows: TileRows<'_>, panel: &[Line], wide: usize, sums: &mut [Line]) {
        let TileRows { lines, stride, count, depth } = rows;
        for (row, sums) in sums.chunks_exact_mut(wide).take(count).enumerate() {
            for (place, to) in sums.iter_mut().enumerate() {
                let mut sum = self.splat(0.0);
                for word in 0..depth * LANES {
                    let number = lines[row * stride + word / LANES].0[word % LANES];
                    let weights = self.load(&panel[word * wide + place]);
                    sum = self.dot_bfloats(sum, self.splat_word(number), weights);
                }
                self.store(sum, to);
            }
        }
    }
    /// `sum` and the products of each lane's four bytes, in integers: those of `a` without sign, up
    /// to twice [`Self::LARGEST_STATE`] plus one, those of `b` from −127 to 127.
    fn dot_bytes(self, sum: Self::Lanes, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// The nearest bfloat16 of each lane, halves to even, in the order of memory.
    fn bfloats(self, lanes: Self::Lanes) -> [u32; LANES / 2];
    /// Lane j of row i becomes lane i of row j.
    fn transpose(self, rows: [Self::Lanes; LANES]) -> [Self::Lanes; LANES];

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

/// What can be computed at any level.
pub(crate) trait Task {
    /// What comes out.
    type Output;

    /// Computes it. Implementations are `inline(always)`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}
