//! How a network runs on this processor.

use spork_encoder::{EncodeError, Placement, Result};
use spork_model::{DeviceChoice, DeviceError, Precision};

use crate::error::CpuError;
use crate::simd::Level;
use crate::workers::GROUP_TOKENS;

/// The backend's name.
const NAME: &str = "rust";
/// Why it takes no other device.
pub(crate) const PROCESSORS_ONLY: &str = "the backend rust runs on processors only";

/// The level of instructions and the number format.
pub(crate) fn choose(
    device: DeviceChoice,
    precision: Option<Precision>,
) -> Result<(Level, Precision)> {
    if let DeviceChoice::Cuda(_) = device {
        let reason = PROCESSORS_ONLY.to_owned();
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
        batch_tokens: GROUP_TOKENS,
        pads: false,
    }
}
