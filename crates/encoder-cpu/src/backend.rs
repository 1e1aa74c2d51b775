//! This crate's networks behind the seam of `spork-encoder`.

use std::num::NonZeroUsize;

use spork_encoder::{Backend, DenseNetwork, NetworkSpec, Result, SpladeNetwork};
use spork_model::Pooling;

use crate::dense::Dense;
use crate::placement::{PROCESSORS_ONLY, choose};
use crate::splade::Splade;
use crate::tensors::Packer;

/// Computes networks on the processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    /// Threads; none for one a core that this process may use.
    pub threads: Option<NonZeroUsize>,
}

impl Cpu {
    /// With so many threads.
    pub fn with_threads(threads: NonZeroUsize) -> Self {
        Self { threads: Some(threads) }
    }
}

impl Backend for Cpu {
    fn cuda_devices(&self) -> std::result::Result<usize, String> {
        Err(PROCESSORS_ONLY.to_owned())
    }

    fn splade(
        &self,
        network: NetworkSpec<'_>,
        pooling: Pooling,
        screening: bool,
    ) -> Result<Box<dyn SpladeNetwork>> {
        let NetworkSpec { config, tensors, device, precision } = network;
        let (level, precision) = choose(device, precision)?;
        let mut packer = Packer::new(tensors, level, precision);
        let network = Splade::new(config, &mut packer, pooling, screening, self.threads)?;
        Ok(Box::new(network))
    }

    fn dense(&self, network: NetworkSpec<'_>) -> Result<Box<dyn DenseNetwork>> {
        let NetworkSpec { config, tensors, device, precision } = network;
        let (level, precision) = choose(device, precision)?;
        let mut packer = Packer::new(tensors, level, precision);
        Ok(Box::new(Dense::new(config, &mut packer, self.threads)?))
    }
}
