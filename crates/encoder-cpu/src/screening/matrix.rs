//! Square matrices of 64-bit floats: what finding [axes](super::axes) takes.

/// Numbers that are summed side by side.
const LANES: usize = 8;
/// Rows whose cosine is below this count as orthogonal: what is left costs little of the use of
/// axes and none of their exactness.
const ORTHOGONAL: f64 = 3e-2;
/// Rounds of rotations over all pairs of rows, at most.
const SWEEPS: usize = 5;

/// A matrix, row after row.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    width: usize,
    numbers: Vec<f64>,
}

#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// a + factor · b, into a.
#[inline(always)]
fn add_scaled(a: &mut [f64], factor: f64, b: &[f64]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += factor * b;
    }
}

impl Matrix {
    pub(super) fn zero(width: usize) -> Self {
        Self { width, numbers: vec![0.0; width * width] }
    }

    /// A square matrix of these numbers.
    pub(super) fn from_floats(numbers: &[f32]) -> Self {
        let width = numbers.len().isqrt();
        Self { width, numbers: numbers.iter().map(|&number| f64::from(number)).collect() }
    }

    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f64]> {
        self.numbers.chunks_exact_mut(self.width)
    }

    pub(super) fn trace(&self) -> f64 {
        self.numbers.iter().step_by(self.width + 1).sum()
    }

    pub(super) fn add_to_diagonal(&mut self, number: f64) {
        for diagonal in self.numbers.iter_mut().step_by(self.width + 1) {
            *diagonal += number;
        }
    }

    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.numbers[row * self.width..][..self.width]
    }

    #[inline(always)]
    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.numbers[row * self.width..][..self.width]
    }

    pub(super) fn transposed(&self) -> Self {
        let mut transposed = Self::zero(self.width);
        for (i, row) in self.numbers.chunks_exact(self.width).enumerate() {
            for (j, &number) in row.iter().enumerate() {
                transposed.numbers[j * self.width + i] = number;
            }
        }
        transposed
    }

    /// The product with another.
    #[inline(always)]
    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = Self::zero(self.width);
        for i in 0..self.width {
            for (j, &factor) in self.row(i).iter().enumerate() {
                // Half of a triangle.
                if factor != 0.0 {
                    add_scaled(product.row_mut(i), factor, other.row(j));
                }
            }
        }
        product
    }

    /// ‖I − AᵀB‖, by the sum of squares.
    #[inline(always)]
    pub(super) fn distance_from_inverse(&self, other: &Self) -> f64 {
        let mut residue = Self::zero(self.width);
        residue.add_to_diagonal(1.0);
        for k in 0..self.width {
            for (i, &factor) in self.row(k).iter().enumerate() {
                add_scaled(residue.row_mut(i), -factor, other.row(k));
            }
        }
        dot(&residue.numbers, &residue.numbers).sqrt()
    }

    /// The lower triangle L with L·Lᵀ = A, of a symmetric A; none if A is not positive definite.
    #[inline(always)]
    pub(super) fn cholesky(&self) -> Option<Self> {
        let mut lower = Self::zero(self.width);
        for i in 0..self.width {
            for j in 0..=i {
                let rest = self.row(i)[j] - dot(&lower.row(i)[..j], &lower.row(j)[..j]);
                let number = if i == j { rest.sqrt() } else { rest / lower.row(j)[j] };
                if !number.is_finite() || i == j && number == 0.0 {
                    return None;
                }
                lower.row_mut(i)[j] = number;
            }
        }
        Some(lower)
    }

    /// The inverse of a lower triangle.
    #[inline(always)]
    pub(super) fn inverse_of_lower(&self) -> Self {
        let mut inverse = Self::zero(self.width);
        for i in 0..self.width {
            let (above, row) = inverse.numbers.split_at_mut(i * self.width);
            let row = &mut row[..self.width];
            row[i] = 1.0;
            for (&factor, above) in self.row(i).iter().zip(above.chunks_exact(self.width)) {
                add_scaled(row, -factor, above);
            }
            for number in row {
                *number /= self.row(i)[i];
            }
        }
        inverse
    }

    /// Rotates rows until any two of them are nearly orthogonal (Jacobi's method, one-sided), and
    /// returns the norms of the rows and the rotation J, so that J·A is what comes out.
    #[inline(always)]
    pub(super) fn orthogonal_rows(&self) -> (Vec<f64>, Self) {
        let width = self.width;
        // A row of A and then one of J.
        let mut rows = vec![0.0; 2 * width * width];
        for (i, row) in rows.chunks_exact_mut(2 * width).enumerate() {
            row[..width].copy_from_slice(self.row(i));
            row[width + i] = 1.0;
        }
        let mut squares = vec![0.0; width];
        for _ in 0..SWEEPS {
            squares_of(&rows, width, &mut squares);
            if !sweep(&mut rows, width, &mut squares) {
                break;
            }
        }
        squares_of(&rows, width, &mut squares);
        let mut rotation = Self::zero(width);
        for (to, from) in rotation.numbers.chunks_exact_mut(width).zip(rows.chunks_exact(2 * width))
        {
            to.copy_from_slice(&from[width..]);
        }
        (squares.into_iter().map(f64::sqrt).collect(), rotation)
    }
}

#[inline(always)]
fn squares_of(rows: &[f64], width: usize, squares: &mut [f64]) {
    for (square, row) in squares.iter_mut().zip(rows.chunks_exact(2 * width)) {
        *square = dot(&row[..width], &row[..width]);
    }
}

/// Rotates each pair of rows so that it is orthogonal; whether there was one that was not.
#[inline(always)]
fn sweep(rows: &mut [f64], width: usize, squares: &mut [f64]) -> bool {
    let mut rotated = false;
    for i in 0..width {
        let (above, below) = rows.split_at_mut((i + 1) * 2 * width);
        let a = &mut above[i * 2 * width..];
        for (j, b) in (i + 1..width).zip(below.chunks_exact_mut(2 * width)) {
            let product = dot(&a[..width], &b[..width]);
            if product.abs() <= ORTHOGONAL * (squares[i] * squares[j]).sqrt() {
                continue;
            }
            rotated = true;
            let zeta = (squares[j] - squares[i]) / (2.0 * product);
            let tangent = 1.0f64.copysign(zeta) / (zeta.abs() + (zeta * zeta + 1.0).sqrt());
            let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
            let sine = cosine * tangent;
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
            }
            squares[i] -= tangent * product;
            squares[j] += tangent * product;
        }
    }
    rotated
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix whose numbers look random.
    fn matrix(width: usize) -> Matrix {
        let number = |place: usize| ((place * place * 31 + place * 17) % 101) as f64 / 50.0 - 1.0;
        Matrix { width, numbers: (0..width * width).map(number).collect() }
    }

    /// A·Aᵀ and a little more: positive definite.
    fn square(matrix: &Matrix) -> Matrix {
        let mut square = matrix.times(&matrix.transposed());
        square.add_to_diagonal(0.1);
        square
    }

    fn assert_near(a: &Matrix, b: &Matrix) {
        for (a, b) in a.numbers.iter().zip(&b.numbers) {
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
    }

    #[test]
    fn a_cholesky_factor_squared_is_the_matrix() {
        for width in [1, 2, 7, 40] {
            let square = square(&matrix(width));
            let lower = square.cholesky().unwrap();
            assert_near(&lower.times(&lower.transposed()), &square);
            let inverse = lower.inverse_of_lower();
            let mut one = Matrix::zero(width);
            one.add_to_diagonal(1.0);
            assert_near(&lower.times(&inverse), &one);
            assert!(lower.transposed().distance_from_inverse(&inverse) < 1e-9);
        }
        assert!(Matrix::zero(3).cholesky().is_none());
        let mut negative = Matrix::zero(2);
        negative.add_to_diagonal(-1.0);
        assert!(negative.cholesky().is_none());
    }

    #[test]
    fn rotated_rows_are_nearly_orthogonal_and_the_rotation_is_one() {
        for width in [1, 2, 7, 40] {
            let matrix = matrix(width);
            let (norms, rotation) = matrix.orthogonal_rows();
            let rotated = rotation.times(&matrix);
            for i in 0..width {
                assert!((dot(rotated.row(i), rotated.row(i)).sqrt() - norms[i]).abs() < 1e-9);
                for j in 0..i {
                    let cosine = dot(rotated.row(i), rotated.row(j)) / (norms[i] * norms[j]);
                    assert!(norms[i] * norms[j] < 1e-9 || cosine.abs() < 0.1, "{cosine}");
                }
            }
            let transposed = rotation.transposed();
            assert!(transposed.distance_from_inverse(&transposed) < 1e-9);
        }
    }
}
