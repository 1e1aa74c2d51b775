//! The masked-language-model head: dense → activation → layer norm, then the decoder, from a text's
//! states to its term weights.

use std::marker::PhantomData;
use std::sync::Arc;

use spork_encoder::TermWeights;
use spork_model::{NetworkConfig, Pooling};

use crate::error::Result;
use crate::format::Float;
use crate::logits::{Decoder, LogitScratch, Logits};
use crate::norm::{Norm, NormRows};
use crate::panels::{Dense, Parts};
use crate::screening::staged::StagedScreen;
use crate::simd::Level;
use crate::tensors::Packer;
use crate::transformer::{Scratch, Transformer};

/// From token states to term weights.
pub(crate) struct Head {
    level: Level,
    row: Parts,
    dense: Dense,
    norm: Norm,
    decoder: Decoder,
    pooling: Pooling,
    /// None where the whole decoder is computed.
    screen: Option<StagedScreen>,
}

impl Head {
    /// Builds the head. Without a decoder of its own it takes the word embedding, `words`.
    pub(crate) fn new(
        config: &NetworkConfig,
        packer: &mut Packer,
        words: &Arc<Vec<f32>>,
        pooling: Pooling,
        screening: bool,
    ) -> Result<Self> {
        let names = config.architecture.names();
        let row = Parts::whole(config.width as usize);
        let weights = match packer.take_if_there(names.decoder_weight) {
            Some(own) => Arc::new(own),
            None => Arc::clone(words),
        };
        let decoder = Decoder { weights, bias: packer.take(names.decoder_bias)?, row };
        let screen = screening
            .then(|| StagedScreen::new(packer.level, &decoder.weights, &decoder.bias))
            .flatten();
        Ok(Self {
            level: packer.level,
            row,
            dense: packer.dense(&[names.head_dense], row, row)?,
            norm: packer.norm(names.head_norm, row, config.norm_epsilon)?,
            decoder,
            pooling,
            screen,
        })
    }

    /// The weights of texts whose states `transformer` has left in `scratch`.
    pub(crate) fn weights(
        &self,
        transformer: &Transformer,
        texts: &[&[u32]],
        scratch: &mut Scratch,
        logits: &mut LogitScratch,
    ) -> Vec<TermWeights> {
        let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
        let count: usize = lengths.iter().sum();
        let sixteens = self.row.sixteens();
        transformer.transform(&self.dense, count, scratch);
        let rows = &mut scratch.states[..count * sixteens];
        let format = PhantomData::<Float>;
        self.level.run(NormRows { norm: &self.norm, rows: &mut *rows, copy: None, format });
        let candidates = match &self.screen {
            Some(screen) => screen.candidates(rows, &lengths),
            None => vec![(0..self.decoder.bias.len() as u32).collect(); texts.len()],
        };
        let mut first = 0;
        let weights = lengths.iter().zip(candidates).map(|(&tokens, terms)| {
            let states = &rows[first * sixteens..(first + tokens) * sixteens];
            first += tokens;
            let logits = Logits {
                decoder: &self.decoder,
                terms: &terms,
                states,
                pooling: self.pooling,
                scratch: logits,
            };
            logits.weights(self.level)
        });
        weights.collect()
    }
}
