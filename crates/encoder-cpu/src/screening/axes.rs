//! Axes along which the first few numbers hold most of the products of states and decoder rows.
//!
//! For any invertible R and P = R⁻ᵀ, x·w = (Rᵀx)·(Pᵀw). Of all such pairs, balanced truncation
//! (B. C. Moore, Principal component analysis in linear systems, IEEE Transactions on Automatic
//! Control 26, 1981) takes one by which states and rows have the same diagonal second moment, and
//! leaves out the axes where that is least. With the Cholesky factors L of the states' moment and
//! K of the rows', and the rotation J for which the rows of J·Lᵀ·K are orthogonal, of norms s:
//! Rᵀ = √s·J·L⁻¹ and Pᵀ = J·Lᵀ/√s.

use super::matrix::Matrix;
use super::projection::{Projection, padded};
use crate::simd::{Level, Simd, Task, floats};

/// This share of the mean moment is added along every axis, so that neither R nor P is large.
const FLOOR: f64 = 1e-3;
/// Vectors of which moments are summed at a time.
const VECTORS: usize = 1_024;
/// A larger residue than this would be of no use.
const LARGEST_RESIDUE: f32 = 1e-3;

/// R and P, a row an axis, that which holds most first.
pub(super) struct Axes {
    /// Rᵀ, [width, width]
    pub(super) states: Vec<f32>,
    /// Pᵀ, [width, width]
    pub(super) rows: Vec<f32>,
    /// ‖I − R·Pᵀ‖ at most: what rounding R and P has done.
    pub(super) residue: f32,
}

impl Axes {
    /// The axes of some states and rows of this width, all finite; none if rounding spoils them.
    pub(super) fn new(
        level: Level,
        states: &[&[f32]],
        rows: &[&[f32]],
        width: usize,
    ) -> Option<Self> {
        let [states, rows] = [states, rows].map(|vectors| second_moment(level, vectors, width));
        level.run(Balance { states, rows })
    }
}

/// Σ x·xᵀ, and the floor.
fn second_moment(level: Level, vectors: &[&[f32]], width: usize) -> Matrix {
    let mut moment = Matrix::zero(width);
    for vectors in vectors.chunks(VECTORS) {
        let count = vectors.len();
        let mut columns = vec![0.0; count * width];
        for (i, vector) in vectors.iter().enumerate() {
            for (j, &number) in vector.iter().enumerate() {
                columns[j * count + i] = number;
            }
        }
        let by = Projection::new(level, &columns, count, width);
        let mut sums = Vec::new();
        let sums = by.of(&padded(columns.chunks_exact(count), count), &mut sums);
        let rows = moment.rows_mut().zip(floats(sums).chunks_exact(by.total()));
        for (number, &sum) in rows.flat_map(|(row, sums)| row.iter_mut().zip(sums)) {
            *number += f64::from(sum);
        }
    }
    let floor = FLOOR * moment.trace() / width as f64;
    moment.add_to_diagonal(floor);
    moment
}

/// From second moments to axes.
struct Balance {
    states: Matrix,
    rows: Matrix,
}

impl Task for Balance {
    type Output = Option<Axes>;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> Option<Axes> {
        let (of_states, of_rows) = (self.states.cholesky()?, self.rows.cholesky()?);
        let upper = of_states.transposed();
        let (norms, rotation) = upper.times(&of_rows).orthogonal_rows();
        let (states, rows) =
            (rotation.times(&of_states.inverse_of_lower()), rotation.times(&upper));
        let mut order: Vec<usize> = (0..norms.len()).collect();
        order.sort_by(|&a, &b| norms[b].total_cmp(&norms[a]));
        let roots: Vec<f64> = norms.iter().map(|norm| norm.sqrt()).collect();
        let inverses: Vec<f64> = roots.iter().map(|root| 1.0 / root).collect();
        let (states, rows) =
            (scaled_rows(&states, &roots, &order), scaled_rows(&rows, &inverses, &order));
        let residue =
            Matrix::from_floats(&states).distance_from_inverse(&Matrix::from_floats(&rows));
        let residue = residue as f32;
        (residue <= LARGEST_RESIDUE).then_some(Axes { states, rows, residue })
    }
}

/// The rows in another order, each times its factor.
fn scaled_rows(matrix: &Matrix, factors: &[f64], order: &[usize]) -> Vec<f32> {
    let row = |&i: &usize| matrix.row(i).iter().map(move |&number| (number, factors[i]));
    order.iter().flat_map(row).map(|(number, factor)| (number * factor) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from −1 to 1 that look random.
    fn numbers(count: usize, mut seed: u32) -> Vec<f32> {
        let next = |_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(next).collect()
    }

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    }

    #[test]
    fn products_are_the_same_along_axes_and_the_first_hold_most() {
        for level in Level::permitted().unwrap() {
            for width in [5, 48, 100] {
                // Numbers of states grow with the place, those of rows fall twice as fast.
                let size =
                    |place: usize, by: f32| (by * (place % width) as f32 / width as f32).exp();
                let (mut states, mut rows) = (numbers(width * 300, 1), numbers(width * 400, 2));
                (0..states.len()).for_each(|i| states[i] *= size(i, 3.0));
                (0..rows.len()).for_each(|i| rows[i] *= size(i, -9.0));
                let (states, rows): (Vec<_>, Vec<_>) =
                    (states.chunks(width).collect(), rows.chunks(width).collect());
                let axes = Axes::new(level, &states, &rows, width).unwrap();
                assert!(axes.residue < 1e-4, "{}", axes.residue);
                let along = |axes: &[f32], x: &[f32]| -> Vec<f32> {
                    axes.chunks(width).map(|axis| dot(axis, x) as f32).collect()
                };
                let (mut first, mut last) = (0.0, 0.0);
                for (&x, &w) in states.iter().zip(&rows) {
                    let (x_axes, w_axes) = (along(&axes.states, x), along(&axes.rows, w));
                    assert!((dot(x, w) - dot(&x_axes, &w_axes)).abs() < 1e-3);
                    let third = width / 3;
                    first += dot(&x_axes[..third], &w_axes[..third]).abs();
                    last += dot(&x_axes[2 * third..], &w_axes[2 * third..]).abs();
                }
                assert!(first > 4.0 * last, "{level:?}, {width}: {first} {last}");
            }
        }
    }

    #[test]
    fn nothing_has_no_axes() {
        for level in Level::permitted().unwrap() {
            assert!(Axes::new(level, &[], &[&[1.0, 2.0]], 2).is_none());
            assert!(Axes::new(level, &[&[0.0, 0.0]], &[&[1.0, 2.0]], 2).is_none());
        }
    }
}
