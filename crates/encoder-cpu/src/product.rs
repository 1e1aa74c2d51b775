//! The matrix product: the one kernel in which nearly all time is spent.
//!
//! A tile multiplies some rows by a panel of columns and keeps all sums in registers: a word of a
//! row is broadcast and multiplied by the lines of the panel's word. Each sum goes through the
//! depth in order, so that it has the same bits whatever rows share the tile.

use std::marker::PhantomData;

use spork_model::config::Activation;

use crate::format::{Float, Format, Multiply};
use crate::math::activate;
use crate::panels::{Panels, WIDEST};
use crate::simd::{LANES, Line, Simd, TILED_ROWS, Task, TileRows};

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
        product::<S, F>(simd, self.0);
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
        fn $name<S: Simd, F: Format>(
            simd: S,
            product: Product<'_>,
        ) {
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
    /// Eight rows by 32 columns.
    two_lines, 2, [1 2 3 4 5 6 7 8], 8
);
tiles!(
    /// Eight rows by 48 columns.
    three_lines, 3, [1 2 3 4 5 6 7 8], 8
);

/// A product by the processor's own tiles.
#[inline(always)]
fn by_instruction<S: Simd, F: Format>(simd: S, product: Product<'_>) {
    let Product { rows, stride, count, panels, finish, out, out_stride } = product;
    let (wide, depth) = (panels.wide, panels.depth);
    let mut sums = [Line::ZERO; TILED_ROWS * WIDEST];
    for first in (0..count).step_by(BLOCK) {
        let end = count.min(first + BLOCK);
        for number in 0..panels.count() {
            let panel = panels.panel(number);
            let sixteens = number * wide..panels.sixteens.min((number + 1) * wide);
            for from in (first..end).step_by(TILED_ROWS) {
                let height = TILED_ROWS.min(end - from);
                let lines = &rows[from * stride..];
                let tile = TileRows { lines, stride, count: height, depth };
                simd.tiled_sums(tile, panel, wide, &mut sums);
                for (row, sums) in (from..from + height).zip(sums.chunks_exact(wide)) {
                    let to = &mut out[row * out_stride..];
                    for (sixteen, sum) in sixteens.clone().zip(sums) {
                        end_of::<S, F>(simd, finish, row, sixteen, simd.load(sum), to);
                    }
                }
            }
        }
    }
}

/// Computes a product by tiles of the shape that its panels have.
#[inline(always)]
fn product<S: Simd, F: Format>(simd: S, product: Product<'_>) {
    if S::TILES && F::TILED {
        by_instruction::<S, F>(simd, product);
    } else if S::NARROW {
        one_line::<S, F>(simd, product);
    } else if product.panels.wide == 3 {
        three_lines::<S, F>(simd, product);
    } else {
        two_lines::<S, F>(simd, product);
    }
}
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::BFloat;
    use crate::panels::{Dense, Parts};
    use crate::simd::{Level, bfloat, floats};

    /// A matrix product to compute.
    #[derive(Clone, Debug)]
    struct Case {
        inputs: Parts,
        outputs: Parts,
        rows: Vec<Vec<f32>>,
        weights: Vec<f32>,
        bias: Vec<f32>,
    }

    fn numbers(count: usize) -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(prop_oneof![8 => -1.0f32..1.0, 1 => -30.0f32..30.0], count)
    }

    fn parts() -> impl Strategy<Value = Parts> {
        (1usize..4, 1usize..40).prop_map(|(count, width)| Parts::new(count, width))
    }

    fn case() -> impl Strategy<Value = Case> {
        (1usize..40, parts(), parts()).prop_flat_map(|(count, inputs, outputs)| {
            let (width, height) = (inputs.count * inputs.width, outputs.count * outputs.width);
            let rows = prop::collection::vec(numbers(width), count);
            (rows, numbers(width * height), numbers(height)).prop_map(
                move |(rows, weights, bias)| Case { inputs, outputs, rows, weights, bias },
            )
        })
    }

    impl Case {
        /// The product at a level, padding left out.
        fn at<F: Format>(&self, level: Level) -> Vec<Vec<f32>> {
            let Self { inputs, outputs, rows, weights, bias } = self;
            let dense = Dense::new::<F>(weights, bias, *inputs, *outputs, level.is_narrow());
            let stride = dense.panels().depth;
            let mut lines = vec![Line::ZERO; rows.len() * stride];
            for (row, lines) in rows.iter().zip(lines.chunks_exact_mut(stride)) {
                let mut padded = vec![0.0; inputs.total()];
                inputs.spread(row, &mut padded);
                for (place, numbers) in padded.chunks(F::PER_WORD).enumerate() {
                    lines[place / LANES].0[place % LANES] = F::word(numbers);
                }
            }
            let mut out = vec![Line::ZERO; rows.len() * outputs.sixteens()];
            let product = Product {
                rows: &lines,
                stride,
                count: rows.len(),
                panels: dense.panels(),
                finish: Finish { bias: Some(dense.bias()), ..Finish::default() },
                out: &mut out,
                out_stride: outputs.sixteens(),
            };
            level.run(ProductIn::<F>(product, PhantomData));
            let of_row = |row: &[f32]| {
                let parts = row.chunks(outputs.padded);
                parts.flat_map(|part| part[..outputs.width].to_vec()).collect()
            };
            floats(&out).chunks(outputs.total()).map(of_row).collect()
        }

        /// The product by its definition: a chain of fused operations a number.
        fn expected(&self, round: impl Fn(f32) -> f32) -> Vec<Vec<f32>> {
            let width = self.inputs.count * self.inputs.width;
            let sum = |row: &[f32], weights: &[f32]| {
                let pairs = row.iter().zip(weights);
                pairs.fold(0.0f32, |sum, (&a, &b)| round(a).mul_add(round(b), sum))
            };
            let of_row = |row: &Vec<f32>| {
                let columns = self.weights.chunks(width).zip(&self.bias);
                columns.map(|(weights, bias)| sum(row, weights) + bias).collect()
            };
            self.rows.iter().map(of_row).collect()
        }
    }

    /// Whether numbers at a level are those of the definition, but for a share of `sizes`: the
    /// sums of what is added, without signs.
    fn close(got: &[Vec<f32>], expected: &[Vec<f32>], sizes: &[Vec<f32>]) -> bool {
        // At most 120 roundings to 24 bits, on either side.
        const SHARE: f32 = 1e-5;
        let numbers = expected.iter().flatten().zip(sizes.iter().flatten());
        got.iter().flatten().zip(numbers).all(|(got, (expected, size))| {
            (got - expected).abs() <= SHARE * size + f32::MIN_POSITIVE
        })
    }

    fn bits(rows: &[Vec<f32>]) -> Vec<u32> {
        // A sum of padding may turn −0 into 0.
        rows.iter().flatten().map(|number| (number + 0.0).to_bits()).collect()
    }

    proptest! {
        #[test]
        fn floats_are_a_chain_of_fused_operations_at_every_level(case in case()) {
            let expected = bits(&case.expected(|number| number));
            for level in Level::permitted().unwrap() {
                prop_assert_eq!(bits(&case.at::<Float>(level)), expected.clone(), "{:?}", level);
            }
        }

        #[test]
        fn bfloats_are_rounded_numbers_multiplied_as_floats(case in case()) {
            let rounded = |number| f32::from_bits(bfloat(number) << 16);
            let expected = case.expected(rounded);
            let bias = case.bias.iter().map(|number| number.abs()).collect();
            let sizes = Case { bias, ..case.clone() }.expected(|number| rounded(number).abs());
            for level in Level::permitted().unwrap() {
                let got = case.at::<BFloat>(level);
                if level.has_bfloats() {
                    prop_assert!(close(&got, &expected, &sizes), "{level:?} {got:?} {expected:?}");
                } else {
                    prop_assert_eq!(bits(&got), bits(&expected), "{:?}", level);
                }
            }
        }
    }

    #[test]
    fn tiles_are_nearly_equal() {
        for most in [6, 8] {
            for count in 1..100 {
                let (mut left, mut tiles) = (count, Vec::new());
                while left > 0 {
                    tiles.push(height(left, most));
                    left -= height(left, most);
                }
                let (least, largest) = (tiles.iter().min(), tiles.iter().max());
                assert!(largest.unwrap() - least.unwrap() <= 1 && *largest.unwrap() <= most);
            }
        }
    }
}
