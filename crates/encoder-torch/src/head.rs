//! The masked-language-model head: dense → activation → layer norm → decoder over the vocabulary.
//!
//! [tokens, vocabulary] logits of a batch are larger than everything else together. So the head
//! comes in two steps: [`Head::transform`] once, then [`Head::logits`] for as many terms at a time
//! as the caller has room for.

use std::ops::Range;

use spork_encoder_cpu::Screen;
use spork_model::NetworkConfig;
use spork_model::config::Activation;
use tch::{Kind, Tensor};

use crate::error::Result;
use crate::layers::{Dense, Norm, activate, embedding_table, parameter};
use crate::parameters::Parameters;

/// From token states to logits.
#[derive(Debug)]
pub struct Head {
    dense: Dense,
    activation: Activation,
    norm: Norm,
    /// [vocabulary, width]: its own, or the word embedding itself.
    decoder: Tensor,
    /// [vocabulary]
    bias: Tensor,
}

impl Head {
    /// Builds the head on `parameters`, which it shares. Where they hold no decoder it is the word
    /// embedding.
    ///
    /// # Errors
    /// A parameter that is not there.
    pub fn new(config: &NetworkConfig, parameters: &Parameters) -> Result<Self> {
        let names = config.architecture.names();
        let decoder = match parameters.get(names.decoder_weight) {
            Some(own) => own.shallow_clone(),
            None => embedding_table(parameters, names.words)?,
        };
        Ok(Self {
            dense: Dense::new(parameters, names.head_dense)?,
            activation: config.activation,
            norm: Norm::new(parameters, names.head_norm, config.norm_epsilon)?,
            decoder,
            bias: parameter(parameters, names.decoder_bias)?,
        })
    }

    /// The decoder's rows, [vocabulary, width]: one a term.
    pub fn decoder(&self) -> &Tensor {
        &self.decoder
    }

    /// The bias of each term's logits, \[vocabulary\].
    pub fn bias(&self) -> &Tensor {
        &self.bias
    }

    /// Width of the logits.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn vocabulary(&self) -> Result<i64> {
        Ok(self.bias.size1()?)
    }

    /// A screen of the decoder as it is now; none if a weight is not finite.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn screen(&self) -> Result<Option<Screen>> {
        let values = |tensor: &Tensor| -> Result<Vec<f32>> {
            let tensor = tensor.f_detach()?.f_to_kind(Kind::Float)?.f_contiguous()?;
            let mut values = vec![0.0; tensor.numel()];
            tensor.f_copy_data(&mut values, tensor.numel())?;
            Ok(values)
        };
        Ok(Screen::new(&values(&self.decoder)?, &values(&self.bias)?)?)
    }

    /// The input of the decoder, of the same shape as `states`: [texts, tokens, width].
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn transform(&self, states: &Tensor) -> Result<Tensor> {
        self.norm.apply(&activate(self.activation, &self.dense.apply(states)?)?)
    }

    /// The logits of the terms in `terms`: [texts, tokens, width] → [texts, tokens, terms].
    ///
    /// # Errors
    /// libtorch fails: memory is full, or the range leaves the vocabulary.
    pub fn logits(&self, transformed: &Tensor, terms: Range<i64>) -> Result<Tensor> {
        let length = terms.end - terms.start;
        let kind = transformed.kind();
        let decoder = self.decoder.f_narrow(0, terms.start, length)?.f_to_kind(kind)?;
        let bias = self.bias.f_narrow(0, terms.start, length)?.f_to_kind(kind)?;
        Ok(transformed.f_linear(&decoder, Some(&bias))?)
    }

    /// The logits of the terms that `terms` [terms] lists: [tokens, width] → [tokens, terms].
    ///
    /// # Errors
    /// libtorch fails: memory is full, or a term is not in the vocabulary.
    pub(crate) fn logits_of(&self, transformed: &Tensor, terms: &Tensor) -> Result<Tensor> {
        let kind = transformed.kind();
        let decoder = self.decoder.f_index_select(0, terms)?.f_to_kind(kind)?;
        let bias = self.bias.f_index_select(0, terms)?.f_to_kind(kind)?;
        Ok(transformed.f_linear(&decoder, Some(&bias))?)
    }
}

/// The rows of `transformed` [texts, tokens, width] that are tokens, one text's after the other's,
/// without padding: what a [`Screen`] takes. `lengths` are the texts' tokens.
///
/// # Errors
/// libtorch fails, usually because memory is full.
pub fn token_rows(transformed: &Tensor, lengths: &[usize]) -> Result<Vec<f32>> {
    let (_, tokens, width) = transformed.size3()?;
    let (place, width) = ((tokens * width) as usize, width as usize);
    let mut states = vec![0.0f32; lengths.len() * place];
    let transformed = transformed.f_to_kind(Kind::Float)?.f_contiguous()?;
    transformed.f_copy_data(&mut states, lengths.len() * place)?;
    let texts = states.chunks(place.max(1)).zip(lengths);
    Ok(texts.flat_map(|(states, tokens)| &states[..tokens * width]).copied().collect())
}
