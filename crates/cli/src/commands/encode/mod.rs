//! `spork encode`: text to vectors.

mod done;
mod multi_device;
mod one_device;
mod statistics;
mod texts;

use anyhow::Result;
use spork_model::DeviceChoice;

use crate::args::EncodeArgs;
use crate::program::Program;
use crate::text_encoder::ModelSpec;

pub(crate) fn run(args: &EncodeArgs, program: Program<'_>) -> Result<()> {
    let model = ModelSpec::find(&args.model, args.kind, &args.encoder)?;
    // Delegated before standard input is touched.
    let networks = program.networks_for(&model, &args.encoder)?;
    let cuda_devices = || {
        let none = || Err("no network is run".to_owned());
        networks.map_or_else(none, |networks| networks.backend.cuda_devices())
    };
    match DeviceChoice::list(&args.encoder.device, cuda_devices)?.as_slice() {
        [device] => one_device::run(args, &model.on(*device), networks),
        devices => multi_device::run(args, &model, networks, devices),
    }
}
