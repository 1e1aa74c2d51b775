//! The matrix product: the one kernel in which nearly all time is spent.
//!
//! A tile multiplies some rows by a panel of columns and keeps all sums in registers: a word of a
//! row is broadcast and multiplied by the lines of the panel's word. Each sum goes through the depth
//! in order, so that it has the same bits whatever rows share the tile.

use std::marker::PhantomData;

use spork_model::config::Activation;

use crate::format::{Float, Format, Multiply};
use crate::math::activate;
use crate::panels::Panels;
use crate::simd::{LANES, Line, Simd, Task};

/// Rows whose words stay in the second-level cache while all panels pass by.
const BLOCK: usize = 112;

/// Rows times a matrix, and what becomes of the sums.
pub(crate) struct Product<'p> {
    /// The rows, in the format of the matrix.
    pub(crate) rows: &'p [Line],
    /// Lines from a row to the next.
    pub(crate) stride: usize,
    /// How many rows.
    pub(crate) count: usize,
    pub(crate) panels: Panels<'p>,
    pub(crate) finish: Finish<'p>,
    pub(crate) out: &'p mut [Line],
    /// Lines from a row of `out` to the next.
    pub(crate) out_stride: usize,
}

/// From sums to outputs.
#[derive(Clone, Copy, Default)]
pub(crate) struct Finish<'p> {
    /// Added to each row, one float a column.
    pub(crate) bias: Option<&'p [Line]>,
    /// By row: what its sums are multiplied by.
    pub(crate) factors: Option<&'p [f32]>,
    pub(crate) activation: Option<Activation>,
    pub(crate) target: Target,
}

/// How outputs are stored.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Target {
    /// As floats.
    #[default]
    Floats,
    /// In the format of the matrix.
    Format,
    /// Added to the floats that are there.
    Residual,
}

/// [`Product`] as a task.
pub(crate) struct ProductIn<'p, F>(pub(crate) Product<'p>, pub(crate) PhantomData<F>);

impl<F: Format> Task for ProductIn<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        simd.product::<F>(self.0);
    }
}

/// The sums of `R` rows and the columns of a panel of `V` lines.
#[inline(always)]
pub(crate) fn tile<S: Simd, M: Multiply, const R: usize, const V: usize>(
    simd: S,
    rows: &[Line],
    stride: usize,
    panel: &[Line],
    start: [S::Lanes; V],
) -> [[S::Lanes; V]; R] {
    let mut sums = [start; R];
    for (line, words) in panel.chunks_exact(LANES * V).enumerate() {
        let mut at = [&rows[line]; R];
        for r in 0..R {
            at[r] = &rows[r * stride + line];
        }
        for lane in 0..LANES {
            let mut weights = start;
            for v in 0..V {
                weights[v] = simd.load(&words[lane * V + v]);
            }
            for r in 0..R {
                let word = simd.splat_word(at[r].0[lane]);
                for v in 0..V {
                    sums[r][v] = M::accumulate(simd, sums[r][v], word, weights[v]);
                }
            }
        }
    }
    sums
}

/// Rows of the next tile where `left` are left: nearly equal tiles of at most `most`.
#[inline(always)]
pub(crate) fn height(left: usize, most: usize) -> usize {
    left.div_ceil(left.div_ceil(most))
}

/// Products by tiles of a certain width and any of these heights, the last of which is the largest.
macro_rules! tiles {
    ($(#[$about:meta])* $name:ident, $wide:literal, [$($height:literal)+], $most:literal) => {
        $(#[$about])*
        #[inline(always)]
        pub(crate) fn $name<S: Simd, F: Format>(simd: S, product: Product<'_>) {
            let Product { rows, stride, count, panels, finish, out, out_stride } = product;
            let mut first = 0;
            while first < count {
                let end = count.min(first + BLOCK);
                for number in 0..panels.count() {
                    let panel = panels.panel(number);
                    let sixteens = number * $wide..panels.sixteens.min((number + 1) * $wide);
                    let mut row = first;
                    while row < end {
                        let height = height(end - row, $most);
                        let (from, to) = (&rows[row * stride..], &mut out[row * out_stride..]);
                        match height {
                            $($height => {
                                let zero = [simd.splat_word(0); $wide];
                                let sums =
                                    tile::<S, F, $height, $wide>(simd, from, stride, panel, zero);
                                for (r, sums) in sums.iter().enumerate() {
                                    let to = &mut to[r * out_stride..];
                                    for (sixteen, &sum) in sixteens.clone().zip(sums) {
                                        end_of::<S, F>(simd, finish, row + r, sixteen, sum, to);
                                    }
                                }
                            })+
                            _ => unreachable!("tiles have at most as many rows"),
                        }
                        row += height;
                    }
                }
                first = end;
            }
        }
    };
}

tiles!(
    /// Six rows by sixteen columns: twelve registers of AVX2.
    one_line, 1, [1 2 3 4 5 6], 6
);
tiles!(
    /// Twelve rows by 32 columns.
    two_lines, 2, [1 2 3 4 5 6 7 8 9 10 11 12], 12
);
tiles!(
    /// Eight rows by 48 columns.
    three_lines, 3, [1 2 3 4 5 6 7 8], 8
);

/// What becomes of sixteen sums of a row.
#[inline(always)]
fn end_of<S: Simd, F: Format>(
    simd: S,
    finish: Finish<'_>,
    row: usize,
    sixteen: usize,
    sum: S::Lanes,
    to: &mut [Line],
) {
    let mut numbers = sum;
    if let Some(bias) = finish.bias {
        numbers = simd.add(numbers, simd.load(&bias[sixteen]));
    }
    if let Some(factors) = finish.factors {
        numbers = simd.mul(numbers, simd.splat(factors[row]));
    }
    if let Some(activation) = finish.activation {
        numbers = activate(simd, activation, numbers);
    }
    match finish.target {
        Target::Floats => Float::store(simd, numbers, to, sixteen),
        Target::Format => F::store(simd, numbers, to, sixteen),
        Target::Residual => {
            let there = simd.load(&to[sixteen]);
            Float::store(simd, simd.add(numbers, there), to, sixteen);
        }
    }
}
