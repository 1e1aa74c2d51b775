//! Layer norm.

use std::marker::PhantomData;

use crate::format::Format;
use crate::simd::{LANES, Line, Simd, Task};

/// (x − mean)/√(variance + ε)·w + b.
pub(crate) struct Norm {
    weights: Vec<Line>,
    bias: Vec<Line>,
    width: usize,
    epsilon: f32,
}

impl Norm {
    /// The norm of rows of this width, which lie in `sixteens` lines.
    pub(crate) fn new(weights: &[f32], bias: &[f32], sixteens: usize, epsilon: f64) -> Self {
        let width = weights.len();
        let lines = |values: &[f32]| {
            let mut lines: Vec<Line> = values.chunks(LANES).map(Line::from_floats).collect();
            lines.resize(sixteens, Line::ZERO);
            lines
        };
        Self { weights: lines(weights), bias: lines(bias), width, epsilon: epsilon as f32 }
    }

    /// 1 in the lanes of this line that hold numbers, 0 in those that pad the row.
    #[inline(always)]
    fn mask(&self, sixteen: usize) -> Line {
        let mut mask = Line::ZERO;
        for (lane, word) in mask.0.iter_mut().enumerate() {
            *word = if sixteen * LANES + lane < self.width { 1.0f32.to_bits() } else { 0 };
        }
        mask
    }
}

/// Normalizes rows of floats in place, and stores a copy of each in the format `F` if there is
/// room given.
pub(crate) struct NormRows<'n, F> {
    pub(crate) norm: &'n Norm,
    pub(crate) rows: &'n mut [Line],
    /// Rows of the format's lines.
    pub(crate) copy: Option<&'n mut [Line]>,
    pub(crate) format: PhantomData<F>,
}

impl<F: Format> Task for NormRows<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let sixteens = self.norm.weights.len();
        let mut copies = self.copy.map(|copy| copy.chunks_exact_mut(F::lines(sixteens)));
        for row in self.rows.chunks_exact_mut(sixteens) {
            let copy = match &mut copies {
                Some(copies) => copies.next(),
                None => None,
            };
            norm_row::<S, F>(simd, self.norm, row, copy);
        }
    }
}

#[inline(always)]
fn norm_row<S: Simd, F: Format>(
    simd: S,
    norm: &Norm,
    row: &mut [Line],
    mut copy: Option<&mut [Line]>,
) {
    let mean = simd.splat(sum_of::<S, false>(simd, row) / norm.width as f32);
    // What pads the row must stay zero, and out of the variance.
    for (sixteen, line) in row.iter_mut().enumerate() {
        let mut centered = simd.sub(simd.load(line), mean);
        if (sixteen + 1) * LANES > norm.width {
            centered = simd.mul(centered, simd.load(&norm.mask(sixteen)));
        }
        simd.store(centered, line);
    }
    let variance = sum_of::<S, true>(simd, row) / norm.width as f32;
    let scale = simd.splat(1.0 / (variance + norm.epsilon).sqrt());
    for (sixteen, line) in row.iter_mut().enumerate() {
        let scaled = simd.mul(simd.load(line), scale);
        let weight = simd.load(&norm.weights[sixteen]);
        let number = simd.fma(scaled, weight, simd.load(&norm.bias[sixteen]));
        simd.store(number, line);
        if let Some(copy) = &mut copy {
            F::store(simd, number, copy, sixteen);
        }
    }
}

/// The sum over a row, or that of the squares: four sums of each fourth line, then of those, then
/// of their lanes.
#[inline(always)]
fn sum_of<S: Simd, const SQUARES: bool>(simd: S, row: &[Line]) -> f32 {
    let mut sums = [simd.splat(0.0); 4];
    for (sixteen, line) in row.iter().enumerate() {
        let numbers = simd.load(line);
        let sum = &mut sums[sixteen % 4];
        *sum = if SQUARES { simd.fma(numbers, numbers, *sum) } else { simd.add(numbers, *sum) };
    }
    simd.sum(simd.add(simd.add(sums[0], sums[1]), simd.add(sums[2], sums[3])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::BFloat;
    use crate::panels::Parts;
    use crate::simd::{Level, bfloat, floats};

    proptest! {
        #[test]
        fn rows_are_normalized_alike_at_every_level(
            (width, rows) in (2usize..70)
                .prop_flat_map(|width| (
                    Just(width),
                    prop::collection::vec(prop::collection::vec(-9.0f32..9.0, width), 1..4),
                )),
        ) {
            let row = Parts::whole(width);
            let weights: Vec<f32> = (0..width).map(|place| 1.0 + place as f32 / 50.0).collect();
            let bias: Vec<f32> = (0..width).map(|place| place as f32 / 30.0 - 1.0).collect();
            let norm = Norm::new(&weights, &bias, row.sixteens(), 1e-5);
            let mut same = None;
            for level in Level::permitted().unwrap() {
                let mut padded = vec![0.0; rows.len() * row.total()];
                for (row_of, padded) in rows.iter().zip(padded.chunks_mut(row.total())) {
                    row.spread(row_of, padded);
                }
                let mut lines: Vec<Line> = padded.chunks(LANES).map(Line::from_floats).collect();
                let mut copy = vec![Line::ZERO; lines.len() / 2];
                level.run(NormRows::<BFloat> {
                    norm: &norm,
                    rows: &mut lines,
                    copy: Some(&mut copy),
                    format: PhantomData,
                });
                for (got, numbers) in floats(&lines).chunks(row.total()).zip(&rows) {
                    let count = width as f64;
                    let mean = numbers.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
                    let squares = numbers.iter().map(|&x| (f64::from(x) - mean).powi(2));
                    let deviation = (squares.sum::<f64>() / count + 1e-5).sqrt();
                    for (place, &x) in numbers.iter().enumerate() {
                        let expected = (f64::from(x) - mean) / deviation
                            * f64::from(weights[place])
                            + f64::from(bias[place]);
                        prop_assert!((f64::from(got[place]) - expected).abs() < 1e-4);
                    }
                    prop_assert!(got[width..].iter().all(|&padding| padding == 0.0));
                }
                for (place, &number) in floats(&lines).iter().enumerate() {
                    let word = copy[place / 32].0[place % 32 / 2];
                    let half = word >> (16 * (place % 2)) & 0xffff;
                    prop_assert_eq!(half, bfloat(number));
                }
                prop_assert_eq!(same.get_or_insert_with(|| lines.clone()), &lines, "{:?}", level);
            }
        }
    }
}
