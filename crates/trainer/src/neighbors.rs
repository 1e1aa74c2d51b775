//! Which queries are near each other: k-means over their embeddings.

use tch::{Kind, Tensor};

use crate::error::Result;
use crate::random::{Purpose, choose, stream};

/// Passes over all vectors.
const ROUNDS: usize = 8;
/// Vectors that are compared with the centers at a time: bounds the memory of their scores.
const BLOCK: usize = 8192;

/// The cluster of each vector, by spherical k-means: as many clusters as have about `size` members
/// each. `vectors` holds one of `width` numbers after the other.
///
/// # Errors
/// libtorch fails: full memory.
pub(crate) fn cluster(vectors: &[f32], width: usize, size: usize, seed: u64) -> Result<Vec<usize>> {
    let _guard = tch::no_grad_guard();
    let count = vectors.len() / width.max(1);
    let clusters = count.div_ceil(size.max(1)).max(1);
    let vectors = Tensor::f_from_slice(vectors)?.f_reshape([count as i64, width as i64])?;
    let first = choose(&mut stream(seed, Purpose::Topics, 0), clusters, count);
    let first: Vec<i64> = first.into_iter().map(|number| number as i64).collect();
    let mut centers = vectors.f_index_select(0, &Tensor::f_from_slice(&first)?)?;
    let mut nearest = assign(&vectors, &centers)?;
    for _ in 0..ROUNDS {
        // A cluster that lost all its members stays at zero, below every cosine above it.
        let sums = centers.f_zeros_like()?.f_index_add(0, &nearest, &vectors)?;
        let norms = sums.f_norm_scalaropt_dim(2.0, [1i64], true)?.f_clamp_min(1e-6)?;
        centers = sums.f_div(&norms)?;
        nearest = assign(&vectors, &centers)?;
    }
    let nearest = Vec::<i64>::try_from(&nearest)?;
    Ok(nearest.into_iter().map(|cluster| cluster as usize).collect())
}

/// The center of the largest product with each vector.
fn assign(vectors: &Tensor, centers: &Tensor) -> Result<Tensor> {
    let transposed = centers.f_transpose(0, 1)?;
    let nearest = vectors
        .f_split(BLOCK as i64, 0)?
        .iter()
        .map(|block| Ok(block.f_matmul(&transposed)?.f_argmax(1, false)?.f_to_kind(Kind::Int64)?))
        .collect::<Result<Vec<_>>>()?;
    Ok(Tensor::f_cat(&nearest, 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_vectors_are_in_one_cluster() {
        // Three directions, four vectors around each, taken in turn.
        let mut vectors = Vec::new();
        for number in 0..12u8 {
            let mut vector = [0.0f32; 3];
            vector[usize::from(number % 3)] = 1.0;
            vector[usize::from((number + 1) % 3)] = f32::from(number / 3) * 0.05;
            vectors.extend(vector);
        }
        let found = (0..20u64).map(|seed| cluster(&vectors, 3, 4, seed).unwrap()).any(|of| {
            let same = (3..12).all(|number| of[number] == of[number % 3]);
            same && of[0] != of[1] && of[1] != of[2] && of[0] != of[2]
        });
        assert!(found);
        assert_eq!(cluster(&vectors, 3, 4, 1).unwrap(), cluster(&vectors, 3, 4, 1).unwrap());
        assert_eq!(cluster(&vectors, 3, 100, 1).unwrap(), [0; 12]);
    }
}
