//! This crate's networks behind the seam of `spork-encoder`.

use std::num::NonZeroUsize;

use spork_encoder::{
    Backend, DenseNetwork, EncodeError, NetworkSpec, Placement, Result, SpladeNetwork,
};
use spork_model::{DeviceChoice, DeviceError, Pooling, Precision};

use crate::dense::Dense;
use crate::error::CpuError;
use crate::simd::Level;
use crate::splade::Splade;
use crate::tensors::Packer;

/// The backend's name.
const NAME: &str = "rust";
/// Tokens a batch: what the caches of a core still hold.
pub(crate) const BATCH_TOKENS: usize = 2_048;

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
        Err(format!("the backend {NAME} runs on processors only"))
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

/// The level of instructions and the number format.
fn choose(device: DeviceChoice, precision: Option<Precision>) -> Result<(Level, Precision)> {
    if let DeviceChoice::Cuda(_) = device {
        let reason = format!("the backend {NAME} runs on processors only");
        return Err(DeviceError::NoCuda { name: device.to_string(), reason }.into());
    }
    let level = Level::best().map_err(CpuError::from)?;
    let fastest = if level.has_bfloats() { Precision::BFloat16 } else { Precision::Float32 };
    match precision.unwrap_or(fastest) {
        Precision::Float16 => Err(EncodeError::Precision {
            backend: NAME,
            asked: Precision::Float16,
            offered: "fp32 and bf16; fp16 is for GPUs, with the backend torch",
        }),
        precision => Ok((level, precision)),
    }
}

/// How a network of so many workers runs.
pub(crate) fn placement(level: Level, precision: Precision, workers: usize) -> Placement {
    Placement {
        backend: NAME,
        device: format!("device: cpu, {workers} threads"),
        precision,
        level: level.bits(precision),
        batch_tokens: BATCH_TOKENS,
        pads: false,
    }
}

/// The texts of a batch in groups of few enough tokens, so that a large batch takes no more memory.
pub(crate) fn groups<'b, 't>(texts: &'b [&'t [u32]]) -> impl Iterator<Item = &'b [&'t [u32]]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut tokens = 0;
        let fits = |ids: &&&[u32]| {
            tokens += ids.len();
            tokens <= BATCH_TOKENS
        };
        let count = rest.iter().take_while(fits).count().max(1).min(rest.len());
        let (group, later) = rest.split_at(count);
        rest = later;
        (!group.is_empty()).then_some(group)
    })
}
