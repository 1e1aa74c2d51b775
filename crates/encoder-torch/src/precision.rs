//! The number formats in which a network computes, as kinds of libtorch's tensors.

use spork_model::{NetworkConfig, Precision};
use tch::{Device, Kind};

use crate::error::Result;
use crate::layers::embedding_table;
use crate::parameters::Parameters;

/// The fastest precision that keeps effectiveness on `device`: bfloat16 on CUDA and on processors
/// with instructions for it, else 32-bit floats. `SPORK_MAX_SIMD` does not change the choice: it
/// caps this program's own instructions, not those of libtorch.
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

/// `parameters` with the layers in `precision`. Embeddings and the parameters named in `float` stay
/// 32-bit floats: looking rows up costs nothing, and under training the gradients of an embedding
/// are sums of many small parts.
///
/// # Errors
/// libtorch fails, usually because memory is full.
pub fn cast_layers(
    precision: Precision,
    parameters: &Parameters,
    float: &[&str],
) -> Result<Parameters> {
    let mut cast = Parameters::default();
    for (name, tensor) in parameters.iter() {
        let keeps = name.contains("embeddings") || float.contains(&name);
        let kind = if keeps { Kind::Float } else { kind(precision) };
        cast.insert(name, tensor.f_to_kind(kind)?);
    }
    Ok(cast)
}

/// [`cast_layers`] of a network with a head. A decoder that is the word embedding is cast once,
/// apart from it. With `screening` it keeps its 32 bits: it then computes few logits only.
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
    if screening {
        return cast_layers(precision, &parameters, &[names.decoder_weight, names.decoder_bias]);
    }
    let mut cast = cast_layers(precision, &parameters, &[])?;
    if cast.get(names.decoder_weight).is_none() {
        let decoder = embedding_table(&parameters, names.words)?;
        cast.insert(names.decoder_weight, decoder.f_to_kind(kind(precision))?);
    }
    Ok(cast)
}
