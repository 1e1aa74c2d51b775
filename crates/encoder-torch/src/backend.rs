//! libtorch behind the seam of `spork-encoder`.

use spork_core::SimdLevel;
use spork_encoder::{
    Backend, Batch, DenseNetwork, NetworkSpec, Placement, SpladeNetwork, TermWeights,
};
use spork_model::{DeviceChoice, Pooling, Precision};
use tch::Device;

use crate::dense::DenseTransformer;
use crate::device::{cuda_devices, select};
use crate::error::Result;
use crate::parameters::Parameters;
use crate::precision;
use crate::transformer::Transformer;
use crate::worker::can_screen;
use crate::workers::Workers;

/// Tokens a batch on a CPU: what its caches still hold.
const BATCH_TOKENS: usize = 2_048;
/// Tokens a batch on other devices: enough for all of their units.
const BATCH_TOKENS_ON_DEVICE: usize = 32_768;

/// Computes networks with libtorch, on the CPU or on CUDA devices.
#[derive(Clone, Copy, Debug, Default)]
pub struct Torch;

impl Backend for Torch {
    fn cuda_devices(&self) -> std::result::Result<usize, String> {
        cuda_devices()
    }

    fn splade(
        &self,
        network: NetworkSpec<'_>,
        pooling: Pooling,
        screening: bool,
    ) -> spork_encoder::Result<Box<dyn SpladeNetwork>> {
        Ok(Box::new(Splade::new(network, pooling, screening)?))
    }

    fn dense(&self, network: NetworkSpec<'_>) -> spork_encoder::Result<Box<dyn DenseNetwork>> {
        Ok(Box::new(dense(network)?))
    }
}

/// Workers that share one SPLADE network.
struct Splade {
    workers: Workers,
    placement: Placement,
}

impl Splade {
    fn new(network: NetworkSpec<'_>, pooling: Pooling, screening: bool) -> Result<Self> {
        let NetworkSpec { config, tensors, device, precision } = network;
        let (device, placement) = place(device, precision)?;
        let screening = screening && can_screen(pooling, device)?;
        let parameters = Parameters::from_tensors(tensors)?.to_device(device)?;
        let parameters =
            precision::cast_network(placement.precision, config, parameters, screening)?;
        Ok(Self {
            workers: Workers::new(config, &parameters, pooling, device, screening)?,
            placement,
        })
    }
}

impl SpladeNetwork for Splade {
    fn placement(&self) -> &Placement {
        &self.placement
    }

    fn encode(
        &self,
        batches: &[Batch<'_>],
        take: &mut dyn FnMut(usize, Vec<TermWeights>) -> spork_encoder::Result<()>,
    ) -> spork_encoder::Result<()> {
        self.workers.encode(batches, take)
    }
}

fn dense(network: NetworkSpec<'_>) -> Result<DenseTransformer> {
    let NetworkSpec { config, tensors, device, precision } = network;
    let (device, placement) = place(device, precision)?;
    let parameters = Parameters::from_tensors(tensors)?.to_device(device)?;
    let parameters = precision::cast_layers(placement.precision, &parameters, &[])?;
    let transformer = Transformer::new(config, &parameters)?;
    Ok(DenseTransformer { transformer, device, width: config.width as usize, placement })
}

/// The device to run on, and how.
fn place(choice: DeviceChoice, precision: Option<Precision>) -> Result<(Device, Placement)> {
    let selected = select(choice)?;
    let precision = precision.unwrap_or_else(|| precision::fastest(selected.device));
    let on_cpu = selected.device == Device::Cpu;
    let batch_tokens = if on_cpu { BATCH_TOKENS } else { BATCH_TOKENS_ON_DEVICE };
    // libtorch chooses its instructions by itself, whatever caps those of this program.
    let level = if on_cpu { SimdLevel::of_machine().name() } else { "cuda" };
    let placement = Placement {
        backend: "torch",
        device: selected.to_string(),
        precision,
        level: Some(level),
        batch_tokens,
        pads: true,
    };
    Ok((selected.device, placement))
}
