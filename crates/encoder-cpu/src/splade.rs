//! A SPLADE encoder: transformer and head, on a worker a core.

use std::num::NonZeroUsize;

use spork_encoder::{Batch, Placement, Result, SpladeNetwork, TermWeights};
use spork_model::{NetworkConfig, Pooling};

use crate::error;
use crate::head::Head;
use crate::logits::LogitScratch;
use crate::placement::placement;
use crate::tensors::Packer;
use crate::transformer::{Scratch, Transformer};
use crate::workers::{Workers, groups};

/// The network and the memory of its workers.
pub(crate) struct Splade {
    transformer: Transformer,
    head: Head,
    workers: Workers<(Scratch, LogitScratch)>,
    placement: Placement,
}

impl Splade {
    pub(crate) fn new(
        config: &NetworkConfig,
        packer: &mut Packer,
        pooling: Pooling,
        screening: bool,
        threads: Option<NonZeroUsize>,
    ) -> error::Result<Self> {
        let transformer = Transformer::new(config, packer)?;
        let head = Head::new(config, packer, transformer.words(), pooling, screening)?;
        let workers = Workers::new(threads);
        let placement = placement(packer.level, packer.precision, workers.count());
        Ok(Self { transformer, head, workers, placement })
    }

    fn weights(
        &self,
        texts: &[&[u32]],
        (scratch, logits): &mut (Scratch, LogitScratch),
    ) -> Vec<TermWeights> {
        let mut weights = Vec::with_capacity(texts.len());
        for texts in groups(texts) {
            self.transformer.run(texts, scratch);
            weights.extend(self.head.weights(&self.transformer, texts, scratch, logits));
        }
        weights
    }
}

impl SpladeNetwork for Splade {
    fn placement(&self) -> &Placement {
        &self.placement
    }

    fn encode(
        &self,
        batches: &[Batch<'_>],
        take: &mut dyn FnMut(usize, Vec<TermWeights>) -> Result<()>,
    ) -> Result<()> {
        self.workers.encode(batches, |texts, memory| self.weights(texts, memory), take)
    }
}
