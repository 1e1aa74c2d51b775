//! In what numbers a network computes, as libtorch's tensors have them.

use spork_model::{NetworkConfig, Precision};
use tch::{Device, Kind};

use crate::error::Result;
use crate::layers::{embedding_table, parameter};
use crate::parameters::Parameters;

/// The fastest that keeps effectiveness on `device`: bfloat16 on CUDA and on processors with
/// instructions for it, else 32-bit floats.
pub(crate) fn fastest(device: Device) -> Precision {
    match device {
        Device::Cuda(_) => Precision::BFloat16,
        #[cfg(target_arch = "x86_64")]
        Device::Cpu if is_x86_feature_detected!("avx512bf16") => Precision::BFloat16,
        _ => Precision::Float32,
    }
}

fn kind(precision: Precision) -> Kind {
    match precision {
        Precision::Float32 => Kind::Float,
        Precision::BFloat16 => Kind::BFloat16,
        Precision::Float16 => Kind::Half,
    }
}

/// `parameters` in these numbers.
pub(crate) fn cast(precision: Precision, parameters: Parameters) -> Result<Parameters> {
    if precision == Precision::Float32 {
        return Ok(parameters);
    }
    let mut cast = Parameters::default();
    for (name, tensor) in parameters.iter() {
        let kind = if name.contains("embeddings") { Kind::Float } else { kind(precision) };
        cast.insert(name, tensor.f_to_kind(kind)?);
    }
    Ok(cast)
}

/// [`cast`] of a network with a head. A decoder that is the word embedding is cast once, apart from
/// it. With `screening` it keeps its 32 bits: it then computes few logits only.
pub(crate) fn cast_network(
    precision: Precision,
    config: &NetworkConfig,
    parameters: Parameters,
    screening: bool,
) -> Result<Parameters> {
    if precision == Precision::Float32 {
        return Ok(parameters);
    }
    let names = config.architecture.names();
    let decoder = match parameters.get(names.decoder_weight) {
        Some(own) => own.shallow_clone(),
        None => embedding_table(&parameters, names.words)?,
    };
    let bias = parameter(&parameters, names.decoder_bias)?;
    let mut cast = cast(precision, parameters)?;
    let kind = if screening { Kind::Float } else { kind(precision) };
    cast.insert(names.decoder_weight, decoder.f_to_kind(kind)?);
    cast.insert(names.decoder_bias, bias.f_to_kind(kind)?);
    Ok(cast)
}
