//! `spork encode`: text to vectors.

mod done;
mod multi_device;
mod one_device;
mod texts;

use anyhow::Result;
use spork_encoder::Backend;
use spork_model::DeviceChoice;

use crate::args::EncodeArgs;
use crate::delegate::Program;
use crate::text_encoder::ModelSpec;

pub(crate) fn run(args: &EncodeArgs, program: Program<'_>) -> Result<()> {
    let model = ModelSpec::find(&args.model, args.kind, &args.encoder)?;
    // Delegated before standard input is touched.
    let backend = program.networks_for(&model)?;
    let cuda_devices =
        || backend.map_or(Err("no network is run".to_owned()), Backend::cuda_devices);
    match DeviceChoice::list(&args.encoder.device, cuda_devices)?.as_slice() {
        [device] => one_device::run(args, &model.on(*device), backend),
        devices => multi_device::run(args, &model, backend, devices),
    }
}
