//! Coordinates of which the first few hold most of the products of states and decoder rows.
//!
//! For any invertible R and P = R⁻ᵀ, x·w = (Rᵀx)·(Pᵀw). Of all such pairs balanced truncation
//! (B. C. Moore, Principal component analysis in linear systems, 1981) takes one in which both
//! sides have the same diagonal second moment; left out then is least where its entries are least.
//! With Cholesky's Cₓ = L·Lᵀ of the states, C of the rows, and the rotation J that makes the rows
//! of J·Lᵀ·C^½ orthogonal, of norms s:  Rᵀ = √s·J·L⁻¹ and Pᵀ = J·Lᵀ/√s.

use super::matrix::Matrix;
use super::projection::Projection;
use crate::panels::Parts;
use crate::simd::{Level, Simd, Task, floats};

/// This share of the mean second moment is added to each, so that neither R nor P is large.
const FLOOR: f64 = 1e-3;
/// Vectors of which second moments are summed at a time.
const VECTORS: usize = 1_024;
/// A larger residue than this means that something went wrong.
const LARGEST_RESIDUE: f32 = 1e-3;

/// R and P, a row a coordinate, the coordinate that holds most first.
pub(super) struct Axes {
    /// Rᵀ, [width, width]
    pub(super) states: Vec<f32>,
    /// Pᵀ, [width, width]
    pub(super) rows: Vec<f32>,
    /// ‖I − R·Pᵀ‖ or more.
    pub(super) residue: f32,
}

impl Axes {
    /// The axes of these states and rows, one after the other; none if they have none.
    pub(super) fn new(level: Level, states: &[f32], rows: &[f32], width: usize) -> Option<Self> {
        let [states, rows] = [states, rows].map(|vectors| second_moments(level, vectors, width));
        level.run(Balance { states, rows })
    }
}

/// The sum of x·xᵀ over the vectors, and the floor.
fn second_moments(level: Level, vectors: &[f32], width: usize) -> Matrix {
    let mut moments = Matrix::zero(width);
    for vectors in vectors.chunks(VECTORS * width) {
        let count = vectors.len() / width;
        let mut columns = vec![0.0; vectors.len()];
        for (i, vector) in vectors.chunks_exact(width).enumerate() {
            for (j, &number) in vector.iter().enumerate() {
                columns[j * count + i] = number;
            }
        }
        let by = Projection::new(level, &columns, Parts::whole(count), Parts::whole(width));
        let sums = by.of(&columns);
        for (moments, sums) in moments
            .numbers
            .chunks_exact_mut(width)
            .zip(floats(&sums).chunks_exact(by.outputs().total()))
        {
            for (moment, &sum) in moments.iter_mut().zip(sums) {
                *moment += f64::from(sum);
            }
        }
    }
    let trace: f64 = (0..width).map(|i| moments.row(i)[i]).sum();
    for i in 0..width {
        moments.numbers[i * width + i] += FLOOR * trace / width as f64;
    }
    moments
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
        let width = self.states.width;
        let (lower, of_rows) = (self.states.cholesky()?, self.rows.cholesky()?);
        let upper = lower.transposed();
        let (sizes, rotation) = upper.times(&of_rows).orthogonal_rows();
        let (states, rows) = (rotation.times(&lower.inverse_of_lower()), rotation.times(&upper));
        let mut order: Vec<usize> = (0..width).collect();
        order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]));
        let scaled = |axes: &Matrix, factor: &dyn Fn(f64) -> f64| -> Vec<f32> {
            let mut scaled = Vec::with_capacity(width * width);
            for &i in &order {
                let factor = factor(sizes[i]);
                scaled.extend(axes.row(i).iter().map(|x| (x * factor) as f32));
            }
            scaled
        };
        let states = scaled(&states, &f64::sqrt);
        let rows = scaled(&rows, &|size| 1.0 / size.sqrt());
        let [of_states, of_rows] = [&states, &rows]
            .map(|axes| Matrix { width, numbers: axes.iter().map(|&x| f64::from(x)).collect() });
        let residue = of_states.distance_from_inverse(&of_rows) as f32;
        (residue <= LARGEST_RESIDUE).then_some(Axes { states, rows, residue })
    }
}
