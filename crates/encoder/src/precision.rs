//! In what numbers a network computes.

use tch::Kind;

use crate::config::NetworkConfig;
use crate::error::Result;
use crate::layers::embedding_table;
use crate::weights::Parameters;

/// The numbers of the layers. Embeddings, means and maxima are always 32-bit floats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats throughout.
    #[default]
    Float32,
    /// Layers in bfloat16, which has 8 significant bits. Processors with instructions for it are about twice as fast.
    BFloat16,
}

impl Precision {
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
            let kind = if name.contains("embeddings") { Kind::Float } else { Kind::BFloat16 };
            cast.insert(name, tensor.f_to_kind(kind)?);
        }
        Ok(cast)
    }

    /// [`Self::cast`] of a network with a head. A decoder that is the word embedding is cast once, apart from it.
    pub(crate) fn cast_network(self, config: &NetworkConfig, parameters: Parameters) -> Result<Parameters> {
        let names = config.architecture.names();
        let decoder = match parameters.get(names.decoder_weight) {
            Some(own) => own.shallow_clone(),
            None => embedding_table(&parameters, names.words)?,
        };
        let mut cast = self.cast(parameters)?;
        if self != Self::Float32 {
            cast.insert(names.decoder_weight, decoder.f_to_kind(Kind::BFloat16)?);
        }
        Ok(cast)
    }
}
