//! A dense encoder: a transformer, the mean of its tokens' states, length 1.

use std::num::NonZeroUsize;
use std::slice;

use spork_encoder::{Batch, DenseNetwork, Placement, Result};
use spork_model::NetworkConfig;

use crate::error;
use crate::placement::placement;
use crate::simd::floats;
use crate::tensors::Packer;
use crate::transformer::{Scratch, Transformer};
use crate::workers::{Workers, groups};

/// The network and the memory of its workers.
pub(crate) struct Dense {
    transformer: Transformer,
    workers: Workers<Scratch>,
    placement: Placement,
}

impl Dense {
    pub(crate) fn new(
        config: &NetworkConfig,
        packer: &mut Packer,
        threads: Option<NonZeroUsize>,
    ) -> error::Result<Self> {
        let transformer = Transformer::new(config, packer)?;
        let workers = Workers::new(threads);
        let placement = placement(packer.level, packer.precision, workers.count());
        Ok(Self { transformer, workers, placement })
    }

    fn embeddings(&self, texts: &[&[u32]], scratch: &mut Scratch) -> Vec<Vec<f32>> {
        let row = self.transformer.row();
        let mut embeddings = Vec::with_capacity(texts.len());
        for texts in groups(texts) {
            self.transformer.run(texts, scratch);
            let mut states = floats(&scratch.states).chunks(row.total());
            for ids in texts {
                let states = states.by_ref().take(ids.len());
                embeddings.push(embedding(states.map(|state| &state[..row.width]), row.width));
            }
        }
        embeddings
    }
}

/// The mean of states, scaled to length 1: the sum is as good, as length goes.
fn embedding<'s>(states: impl Iterator<Item = &'s [f32]>, width: usize) -> Vec<f32> {
    let mut sum = vec![0.0f32; width];
    let mut count = 0;
    for state in states {
        for (sum, number) in sum.iter_mut().zip(state) {
            *sum += number;
        }
        count += 1;
    }
    sum.iter_mut().for_each(|number| *number /= count.max(1) as f32);
    let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt().max(1e-12);
    sum.iter_mut().for_each(|number| *number /= length);
    sum
}

impl DenseNetwork for Dense {
    fn placement(&self) -> &Placement {
        &self.placement
    }

    fn embed(&self, batch: &Batch<'_>) -> Result<Vec<Vec<f32>>> {
        let mut embeddings = Vec::new();
        let compute = |texts: &[&[u32]], scratch: &mut Scratch| self.embeddings(texts, scratch);
        self.workers.encode(slice::from_ref(batch), compute, &mut |_, all| {
            embeddings = all;
            Ok(())
        })?;
        Ok(embeddings)
    }
}
