//! In what numbers a network computes.

use std::fmt;

use tch::{Device, Kind};

use crate::config::NetworkConfig;
use crate::error::Result;
use crate::layers::{embedding_table, parameter};
use crate::weights::Parameters;

/// The numbers of the layers. Embeddings, means and maxima are always 32-bit floats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats throughout.
    #[default]
    Float32,
    /// Layers in bfloat16, which has 8 significant bits. Processors with instructions for it are about twice as fast.
    BFloat16,
    /// Layers in float16, which has 11 significant bits and overflows above 65,504. For devices without bfloat16.
    Float16,
}

impl Precision {
    /// The fastest that keeps effectiveness on `device`: bfloat16 on CUDA and on processors with instructions for it,
    /// else 32-bit floats.
    pub fn fastest(device: Device) -> Self {
        match device {
            Device::Cuda(_) => Self::BFloat16,
            #[cfg(target_arch = "x86_64")]
            Device::Cpu if is_x86_feature_detected!("avx512bf16") => Self::BFloat16,
            _ => Self::Float32,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Float32 => Kind::Float,
            Self::BFloat16 => Kind::BFloat16,
            Self::Float16 => Kind::Half,
        }
    }

    /// `parameters` in these numbers.
    ///
    /// # Errors
    /// What libtorch says, usually that memory is full.
    pub fn cast(self, parameters: Parameters) -> Result<Parameters> {
        if self == Self::Float32 {
            return Ok(parameters);
        }
        let mut cast = Parameters::default();
        for (name, tensor) in parameters.iter() {
            let kind = if name.contains("embeddings") { Kind::Float } else { self.kind() };
            cast.insert(name, tensor.f_to_kind(kind)?);
        }
        Ok(cast)
    }

    /// [`Self::cast`] of a network with a head. A decoder that is the word embedding is cast once, apart from it. With
    /// `screen` it keeps its 32 bits: it then computes few logits only.
    pub(crate) fn cast_network(
        self,
        config: &NetworkConfig,
        parameters: Parameters,
        screen: bool,
    ) -> Result<Parameters> {
        if self == Self::Float32 {
            return Ok(parameters);
        }
        let names = config.architecture.names();
        let decoder = match parameters.get(names.decoder_weight) {
            Some(own) => own.shallow_clone(),
            None => embedding_table(&parameters, names.words)?,
        };
        let bias = parameter(&parameters, names.decoder_bias)?;
        let mut cast = self.cast(parameters)?;
        let kind = if screen { Kind::Float } else { self.kind() };
        cast.insert(names.decoder_weight, decoder.f_to_kind(kind)?);
        cast.insert(names.decoder_bias, bias.f_to_kind(kind)?);
        Ok(cast)
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float32 => "fp32",
            Self::BFloat16 => "bf16",
            Self::Float16 => "fp16",
        })
    }
}
