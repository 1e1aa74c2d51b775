//! A worker encodes batches: one copy of the network on one thread. Copies share their weights.

use std::cell::Cell;
use std::sync::Arc;

use spork_core::TermId;
use spork_encoder::TermWeights;
use spork_encoder_cpu::Screen;
use spork_model::{NetworkConfig, Pooling, PoolingStrategy};
use tch::{Device, Kind, Tensor};

use crate::batch::Batch;
use crate::error::Result;
use crate::head::token_rows;
use crate::network::Network;
use crate::parameters::Parameters;
use crate::pooling::saturate;

/// A network and how its logits become weights.
pub(crate) struct Worker {
    network: Network,
    pooling: Pooling,
    device: Device,
    /// The screen before the decoder; none where the whole decoder is computed.
    screen: Option<Arc<Screen>>,
    vocabulary: usize,
    /// Places of a batch, texts times tokens, that memory held at most; known once it has not held
    /// some.
    places: Cell<usize>,
}

impl Worker {
    /// A worker on `parameters`, which it shares.
    pub(crate) fn new(
        config: &NetworkConfig,
        parameters: &Parameters,
        pooling: Pooling,
        device: Device,
        screen: Option<Arc<Screen>>,
    ) -> Result<Self> {
        let network = Network::new(config, parameters)?;
        Ok(Self {
            network,
            pooling,
            device,
            screen,
            vocabulary: config.vocabulary as usize,
            places: Cell::new(usize::MAX),
        })
    }

    /// The weights of each text, given as at least one token id. Where memory does not suffice for
    /// all together, halves are tried, and from then on no batch is as large.
    pub(crate) fn encode(&self, texts: &[&[u32]]) -> Result<Vec<TermWeights>> {
        let places = texts.len() * texts.iter().map(|ids| ids.len()).max().unwrap_or(0);
        if places > self.places.get() && texts.len() > 1 {
            return self.encode_halves(texts);
        }
        match self.encode_together(texts) {
            Err(error) if error.is_out_of_memory() && texts.len() > 1 => {
                tracing::warn!("out of memory with a batch of {places} tokens; halving it");
                self.places.set(places / 2);
                self.encode_halves(texts)
            }
            outcome => outcome,
        }
    }

    fn encode_halves(&self, texts: &[&[u32]]) -> Result<Vec<TermWeights>> {
        let (first, second) = texts.split_at(texts.len() / 2);
        let mut weights = self.encode(first)?;
        weights.extend(self.encode(second)?);
        Ok(weights)
    }

    fn encode_together(&self, texts: &[&[u32]]) -> Result<Vec<TermWeights>> {
        let _guard = tch::no_grad_guard();
        let batch = Batch::new(texts, self.device)?;
        match &self.screen {
            Some(screen) => self.screened(screen, &batch, texts),
            None => sparse(
                &self.network.term_weights(&batch, self.pooling)?,
                texts.len(),
                self.vocabulary,
            ),
        }
    }

    /// The decoder for those terms only that may have a weight.
    fn screened(
        &self,
        screen: &Screen,
        batch: &Batch,
        texts: &[&[u32]],
    ) -> Result<Vec<TermWeights>> {
        let head = self.network.head();
        let transformed =
            head.transform(&self.network.transformer().states(batch)?)?.f_to_kind(Kind::Float)?;
        let width = transformed.size3()?.2 as usize;
        let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
        let rows = token_rows(&transformed, &lengths)?;
        let mut all = Vec::with_capacity(texts.len());
        for (text, terms) in screen.candidates(&rows, width, &lengths).into_iter().enumerate() {
            let states = transformed.f_get(text as i64)?.f_narrow(0, 0, lengths[text] as i64)?;
            all.push(self.weights_of(&states, &terms)?);
        }
        Ok(all)
    }

    /// The weights of some terms, from a text's decoder inputs [tokens, width].
    fn weights_of(&self, states: &Tensor, terms: &[u32]) -> Result<TermWeights> {
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<i64> = terms.iter().map(|&term| i64::from(term)).collect();
        let logits = self.network.head().logits_of(states, &Tensor::f_from_slice(&places)?)?;
        let weights = saturate(self.pooling.saturation, &logits.f_amax(0, false)?)?;
        let mut values = vec![0.0f32; terms.len()];
        weights.f_copy_data(&mut values, terms.len())?;
        Ok(terms
            .iter()
            .map(|&term| TermId(term))
            .zip(values)
            .filter(|&(_, weight)| weight != 0.0)
            .collect())
    }
}

/// Whether screening gives the same as the whole decoder, and faster.
///
/// # Errors
/// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
pub fn can_screen(pooling: Pooling, device: Device) -> Result<bool> {
    Ok(pooling.strategy == PoolingStrategy::Max && device == Device::Cpu && Screen::pays()?)
}

/// The weights other than zero in `weights` [texts, terms]. They are found on the device, so that
/// no zero is copied from there. NaN is unlike zero too.
fn sparse(weights: &Tensor, texts: usize, vocabulary: usize) -> Result<Vec<TermWeights>> {
    let flat = weights.f_reshape([-1])?;
    let places = flat.f_nonzero()?.f_reshape([-1])?;
    let count = places.size1()? as usize;
    let values = flat.f_index_select(0, &places)?.f_to_device(Device::Cpu)?;
    let places = places.f_to_device(Device::Cpu)?;
    let (mut at, mut found) = (vec![0i64; count], vec![0.0f32; count]);
    places.f_copy_data(&mut at, count)?;
    values.f_copy_data(&mut found, count)?;
    let mut all = vec![TermWeights::new(); texts];
    for (place, weight) in at.into_iter().zip(found) {
        let place = place as usize;
        all[place / vocabulary].push((TermId((place % vocabulary) as u32), weight));
    }
    Ok(all)
}
