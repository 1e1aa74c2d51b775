//! Queries without a network, as SPLADE-doc has them: a learned weight for each token, trained
//! together with the documents.

use std::path::Path;

use rustc_hash::FxHashSet;
use spork_model::{TokenTable, TokenWeights};
use tch::{Device, Kind, Tensor};

use crate::error::Result;
use crate::tokens::Tokens;

/// The weight of a token that is in one document only, to begin with.
const LARGEST: f64 = 2.0;
/// A weight is its variable times this. AdamW moves every variable by about the learning rate,
/// which suits a network's parameters; these weights are a hundred times as large.
const STEP: f64 = 10.0;

/// What a token that never gets a weight has in place of one.
const NONE: f32 = -10.0;

/// The weight of each token: its idf in these documents, scaled.
pub(crate) fn idf(tokens: &Tokens<'_>, documents: &[&str], vocabulary: usize) -> Result<Vec<f32>> {
    let mut df = vec![0u32; vocabulary];
    for ids in tokens.documents(documents)? {
        for id in ids.into_iter().collect::<FxHashSet<u32>>() {
            if let Some(df) = df.get_mut(id as usize) {
                *df += 1;
            }
        }
    }
    let count = documents.len() as u64;
    let most = spork_core::idf(count, 1);
    let weight = |df: &u32| (LARGEST * spork_core::idf(count, *df.max(&1)) / most) as f32;
    Ok(without_special(tokens, df.iter().map(weight)))
}

/// The weight of each token from a file; those that it lacks have none, and learn none.
pub(crate) fn read(path: &Path, tokens: &Tokens<'_>, vocabulary: usize) -> Result<Vec<f32>> {
    let table = TokenTable::read(&TokenWeights::File(path.to_owned()), tokens.tokenizer)?;
    let weight = |id| table.as_ref().map_or(0.0, |table| table.weight(id));
    Ok(without_special(tokens, (0..vocabulary as u32).map(weight)))
}

fn without_special(tokens: &Tokens<'_>, weights: impl Iterator<Item = f32>) -> Vec<f32> {
    let allowed = |(id, weight)| if tokens.tokenizer.is_special(id) { NONE } else { weight };
    (0..).zip(weights).map(allowed).collect()
}

/// The variables [vocabulary] of weights: at or below zero they have no gradient.
pub(crate) fn variables(weights: &[f32], device: Device) -> Result<Tensor> {
    let variables = Tensor::f_from_slice(weights)?.f_div_scalar(STEP)?;
    Ok(variables.f_to_device(device)?.f_set_requires_grad(true)?)
}

/// The weights [queries, vocabulary] of queries, which are token ids: a token counts once.
pub(crate) fn vectors(variables: &Tensor, queries: &[Vec<u32>]) -> Result<Tensor> {
    let (count, vocabulary) = (queries.len() as i64, variables.size1()?);
    let (mut rows, mut columns) = (Vec::new(), Vec::new());
    for (row, ids) in queries.iter().enumerate() {
        for &id in ids {
            rows.push(row as i64);
            columns.push(i64::from(id));
        }
    }
    let device = variables.device();
    let index = |ids: &[i64]| -> Result<Option<Tensor>> {
        Ok(Some(Tensor::f_from_slice(ids)?.f_to_device(device)?))
    };
    let occur = Tensor::f_zeros([count, vocabulary], (Kind::Float, device))?;
    let one = Tensor::f_ones([], (Kind::Float, device))?;
    let occur = occur.f_index_put(&[index(&rows)?, index(&columns)?], &one, false)?;
    Ok(occur.f_mul(&variables.f_relu()?.f_mul_scalar(STEP)?)?)
}

/// The weight of each token, by id.
pub(crate) fn table(variables: &Tensor) -> Result<Vec<f32>> {
    let weights = variables.f_detach()?.f_to_device(Device::Cpu)?.f_relu()?.f_mul_scalar(STEP)?;
    Ok(Vec::<f32>::try_from(&weights)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_once_and_none_below_zero() {
        let variables = Tensor::from_slice(&[0.1f32, -0.3, 0.05]).set_requires_grad(true);
        let vectors = vectors(&variables, &[vec![0, 1, 0], vec![2]]).unwrap();
        assert_eq!(vectors.size(), [2, 3]);
        let values = Vec::<f32>::try_from(vectors.reshape([-1])).unwrap();
        assert_eq!(values, [1.0, 0.0, 0.0, 0.0, 0.0, 0.5]);
        vectors.sum(Kind::Float).backward();
        assert_eq!(Vec::<f32>::try_from(variables.grad()).unwrap(), [10.0, 0.0, 10.0]);
        assert_eq!(table(&variables).unwrap(), [1.0, 0.0, 0.5]);
    }
}
