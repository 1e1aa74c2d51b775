//! Max pooling for training: gradients for the tokens that have the maxima, and none kept for the
//! rest.
//!
//! Max pooling passes one logit a term on of a text's [tokens, vocabulary] logits, and relu only
//! those above zero: a few hundred of millions. So the weights are first found without gradients,
//! as an encoder finds them; then the token that each term has its weight from, among the logits of
//! the text's own terms; and then the logits of these winners alone are computed again with
//! gradients. While vectors are still dense, at the start of training, that would be the longer
//! way, and the logits are kept after all.

use spork_encoder_torch::head::Head;
use spork_encoder_torch::pooling::{saturate, term_weights};
use spork_model::{Pooling, PoolingStrategy, Saturation};
use tch::{Kind, Tensor};

use crate::error::Result;

/// The weights [texts, vocabulary], float32, from `states` [texts, tokens, width] and `padding`
/// [texts, tokens].
///
/// # Errors
/// libtorch fails, usually because memory is full.
pub(crate) fn sparse_max(
    head: &Head,
    states: &Tensor,
    padding: Option<&Tensor>,
    saturation: Saturation,
) -> Result<Tensor> {
    let transformed = head.transform(states)?;
    let (texts, tokens, width) = transformed.size3()?;
    let vocabulary = head.vocabulary()?;
    let pooling = Pooling { strategy: PoolingStrategy::Max, saturation };
    let weights = tch::no_grad(|| term_weights(pooling, head, states, padding))?;
    let won = weights.f_gt(0.0)?.f_nonzero()?;
    let (rows, terms) = (won.f_select(1, 0)?, won.f_select(1, 1)?);
    let count = won.size2()?.0;
    // Three float32 copies of a winner's state and term, against a logit in the precision of the
    // states.
    if count * width * 6 > texts * tokens * vocabulary {
        return dense(head, &transformed, padding, saturation);
    }
    let positions = tch::no_grad(|| positions(head, &transformed, padding, &rows, &terms))?;
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

/// The token with the largest logit of each winner. Winners are given by `rows`, their texts in
/// ascending order, and `terms`.
fn positions(
    head: &Head,
    transformed: &Tensor,
    padding: Option<&Tensor>,
    rows: &Tensor,
    terms: &Tensor,
) -> Result<Tensor> {
    let texts = transformed.size3()?.0;
    let counts = Vec::<i64>::try_from(&rows.f_bincount::<Tensor>(None, texts)?)?;
    let (mut positions, mut start) = (Vec::new(), 0);
    for (text, count) in counts.into_iter().enumerate() {
        let text = text as i64;
        let decoder = head.decoder().f_index_select(0, &terms.f_narrow(0, start, count)?)?;
        let states = transformed.f_select(0, text)?;
        // A bias adds the same to the logits of all tokens.
        let mut logits = decoder.f_to_kind(states.kind())?.f_matmul(&states.f_transpose(0, 1)?)?;
        if let Some(padding) = padding {
            logits = logits.f_masked_fill(&padding.f_select(0, text)?, f64::NEG_INFINITY)?;
        }
        positions.push(logits.f_argmax(-1, false)?);
        start += count;
    }
    Ok(Tensor::f_cat(&positions, 0)?)
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
            for weights in [
                term_weights(pooling, network.head(), &states, padding).unwrap(),
                sparse_max(network.head(), &states, padding, pooling.saturation).unwrap(),
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
