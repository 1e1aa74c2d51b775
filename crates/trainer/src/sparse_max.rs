//! Max pooling for training: gradients for the tokens that have the maxima, and none kept for the
//! rest.
//!
//! Max pooling passes one logit a term on of a text's [tokens, vocabulary] logits, and relu only
//! those above zero: a few hundred of millions. So the terms that have a weight are first found
//! without gradients, by a screen or as an encoder finds them; then the token that each has its
//! weight from, among the logits of the text's own terms; and then the logits of these winners
//! alone are computed again with gradients. While vectors are still dense, at the start of
//! training, that would be the longer way, and the logits are kept after all.

use std::iter::repeat_n;

use rayon::prelude::*;
use spork_encoder_cpu::Screen;
use spork_encoder_torch::head::{Head, token_rows};
use spork_encoder_torch::pooling::{saturate, term_weights};
use spork_model::{Pooling, PoolingStrategy, Saturation};
use tch::{Kind, Tensor};

use crate::error::Result;

/// Texts that a core screens at a time.
const GROUP: usize = 8;

/// What max pooling needs of a batch of texts beside their states.
pub(crate) struct BatchTexts<'t> {
    /// [texts, tokens], true where no token is.
    pub(crate) padding: Option<&'t Tensor>,
    /// The tokens of each.
    pub(crate) lengths: &'t [usize],
    /// The screen of the head's decoder, on a processor.
    pub(crate) screen: Option<&'t Screen>,
}

/// The weights [texts, vocabulary], float32, from `states` [texts, tokens, width].
///
/// # Errors
/// libtorch fails, usually because memory is full.
pub(crate) fn sparse_max(
    head: &Head,
    states: &Tensor,
    of: &BatchTexts<'_>,
    saturation: Saturation,
) -> Result<Tensor> {
    let transformed = head.transform(states)?;
    let (texts, tokens, width) = transformed.size3()?;
    let vocabulary = head.vocabulary()?;
    let found = tch::no_grad(|| match of.screen {
        Some(screen) => screened(screen, &transformed, of.lengths),
        None => {
            let pooling = Pooling { strategy: PoolingStrategy::Max, saturation };
            weighty(&term_weights(pooling, head, states, of.padding)?)
        }
    })?;
    // Three float32 copies of a winner's state and term, against a logit in the precision of the
    // states.
    if found.terms.size1()? * width * 6 > texts * tokens * vocabulary {
        return dense(head, &transformed, of.padding, saturation);
    }
    let Winners { rows, terms, positions } =
        tch::no_grad(|| winners(head, &transformed, of.padding, &found))?;
    let states = transformed.f_reshape([texts * tokens, width])?;
    let states = states.f_index_select(0, &(&rows * tokens + positions))?.f_to_kind(Kind::Float)?;
    let decoder = head.decoder().f_to_kind(Kind::Float)?.f_index_select(0, &terms)?;
    let bias = head.bias().f_to_kind(Kind::Float)?.f_index_select(0, &terms)?;
    let logits =
        states.f_mul(&decoder)?.f_sum_dim_intlist(-1, false, None::<Kind>)?.f_add(&bias)?;
    let zeros = Tensor::f_zeros([texts * vocabulary], (Kind::Float, transformed.device()))?;
    let weights =
        zeros.f_index_copy(0, &(&rows * vocabulary + &terms), &saturate(saturation, &logits)?)?;
    Ok(weights.f_reshape([texts, vocabulary])?)
}

/// Terms that may have a weight, text by text.
struct Found {
    /// How many each text has.
    counts: Vec<i64>,
    /// All of them, on the device of the states.
    terms: Tensor,
}

/// The terms above zero in `weights` [texts, vocabulary].
fn weighty(weights: &Tensor) -> Result<Found> {
    let places = weights.f_gt(0.0)?.f_nonzero()?;
    let texts = weights.size2()?.0;
    let counts = places.f_select(1, 0)?.f_bincount::<Tensor>(None, texts)?;
    Ok(Found { counts: Vec::<i64>::try_from(&counts)?, terms: places.f_select(1, 1)? })
}

/// The terms that pass the screen, from the decoder's input [texts, tokens, width].
fn screened(screen: &Screen, transformed: &Tensor, lengths: &[usize]) -> Result<Found> {
    let rows = token_rows(transformed, lengths)?;
    let width = transformed.size3()?.2 as usize;
    let mut left = rows.as_slice();
    let groups: Vec<(&[f32], &[usize])> = lengths
        .chunks(GROUP)
        .map(|lengths| {
            let (rows, rest) = left.split_at(lengths.iter().sum::<usize>() * width);
            left = rest;
            (rows, lengths)
        })
        .collect();
    let candidates: Vec<Vec<u32>> = groups
        .into_par_iter()
        .flat_map_iter(|(rows, lengths)| screen.candidates(rows, width, lengths))
        .collect();
    let counts = candidates.iter().map(|terms| terms.len() as i64).collect();
    let terms: Vec<i64> = candidates.concat().into_iter().map(i64::from).collect();
    Ok(Found { counts, terms: Tensor::f_from_slice(&terms)? })
}

/// The terms that have a weight: by text in ascending order, each with the token that it is from.
struct Winners {
    rows: Tensor,
    terms: Tensor,
    positions: Tensor,
}

/// The token with the largest logit of each term that was found, where that is above zero.
fn winners(
    head: &Head,
    transformed: &Tensor,
    padding: Option<&Tensor>,
    found: &Found,
) -> Result<Winners> {
    let kind = transformed.kind();
    let (mut largest, mut positions, mut start) = (Vec::new(), Vec::new(), 0);
    for (text, &count) in (0..).zip(&found.counts) {
        let terms = found.terms.f_narrow(0, start, count)?;
        let decoder = head.decoder().f_index_select(0, &terms)?.f_to_kind(kind)?;
        let states = transformed.f_select(0, text)?;
        let mut logits = decoder.f_matmul(&states.f_transpose(0, 1)?)?;
        if let Some(padding) = padding {
            logits = logits.f_masked_fill(&padding.f_select(0, text)?, f64::NEG_INFINITY)?;
        }
        // A bias adds the same to the logits of all tokens.
        let (most, position) = logits.f_max_dim(-1, false)?;
        let bias = head.bias().f_index_select(0, &terms)?.f_to_kind(kind)?;
        largest.push(most.f_add(&bias)?);
        positions.push(position);
        start += count;
    }
    let rows = (0..).zip(&found.counts).flat_map(|(row, &count)| repeat_n(row, count as usize));
    let rows = Tensor::f_from_slice(&rows.collect::<Vec<i64>>())?;
    let kept = Tensor::f_cat(&largest, 0)?.f_gt(0.0)?.f_nonzero()?.f_reshape([-1])?;
    let keep = |tensor: &Tensor| -> Result<Tensor> { Ok(tensor.f_index_select(0, &kept)?) };
    Ok(Winners {
        rows: keep(&rows.f_to_device(transformed.device())?)?,
        terms: keep(&found.terms)?,
        positions: keep(&Tensor::f_cat(&positions, 0)?)?,
    })
}

/// All logits, kept for the gradient.
fn dense(
    head: &Head,
    transformed: &Tensor,
    padding: Option<&Tensor>,
    saturation: Saturation,
) -> Result<Tensor> {
    let mut logits = head.logits(transformed, 0..head.vocabulary()?)?;
    if let Some(padding) = padding {
        logits = logits.f_masked_fill(&padding.f_unsqueeze(-1)?, 0.0)?;
    }
    let (most, _) = logits.f_max_dim(1, false)?;
    Ok(saturate(saturation, &most.f_to_kind(Kind::Float)?)?)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use spork_encoder_torch::Parameters;
    use spork_encoder_torch::batch::Batch;
    use spork_encoder_torch::network::Network;
    use spork_model::{Checkpoint, NetworkConfig};
    use tch::Device;

    use super::*;

    /// Weights and the gradient of the embeddings, by both ways through the head.
    #[test]
    fn weights_and_gradients_equal_plain_pooling() {
        let model = Path::new("../model/tests/golden/bert-tied");
        let config = NetworkConfig::read(model).unwrap();
        let checkpoint = Checkpoint::open(model).unwrap();
        let checkpoint = checkpoint.renamed(|name| config.architecture.current_name(name));
        let tensors = checkpoint.load(&config.expected_tensors()).unwrap();
        let parameters = Parameters::from_tensors(tensors).unwrap();
        let words = parameters.get("bert.embeddings.word_embeddings.weight").unwrap();
        let words = words.set_requires_grad(true);
        let pooling = Pooling::from(PoolingStrategy::Max);
        let batch = Batch::new(&[&[5, 20, 40, 60, 6], &[5, 33, 6]], Device::Cpu).unwrap();
        let padding = batch.padding.as_ref();
        // A bias that leaves few terms above zero takes the winners' way, one that leaves most the
        // dense way.
        for shift in [-2.0, 0.0] {
            let mut shifted = Parameters::default();
            for (name, tensor) in parameters.iter() {
                let moved = if name == "cls.predictions.bias" {
                    tensor + shift
                } else {
                    tensor.shallow_clone()
                };
                shifted.insert(name, moved);
            }
            let network = Network::new(&config, &shifted).unwrap();
            let states = network.transformer().states(&batch).unwrap();
            let mut results = Vec::new();
            let screen = network.head().screen().unwrap().unwrap();
            let of = |screen| BatchTexts { padding, lengths: &[5, 3], screen };
            for weights in [
                term_weights(pooling, network.head(), &states, padding).unwrap(),
                sparse_max(network.head(), &states, &of(None), pooling.saturation).unwrap(),
                sparse_max(network.head(), &states, &of(Some(&screen)), pooling.saturation)
                    .unwrap(),
                dense(
                    network.head(),
                    &network.head().transform(&states).unwrap(),
                    padding,
                    pooling.saturation,
                )
                .unwrap(),
            ] {
                let squares = (&weights * &weights).sum(Kind::Float);
                let gradient = Tensor::run_backward(&[squares], &[&words], true, false).remove(0);
                results.push((weights, gradient));
            }
            let (reference, gradient) = &results[0];
            assert!(reference.gt(0.0).any().int64_value(&[]) == 1);
            for (weights, other) in &results[1..] {
                assert!(weights.allclose(reference, 1e-5, 1e-6, false), "{shift}");
                assert!(other.allclose(gradient, 1e-4, 1e-6, false), "{shift}");
            }
        }
    }
}
