//! The network of a SPLADE encoder: transformer, head and pooling, from a batch of token ids to
//! term weights.
//!
//! Nothing here switches gradients off: a trainer can run the same code with variables in the
//! [`Parameters`].

use spork_model::{NetworkConfig, Pooling};
use tch::Tensor;

use crate::batch::Batch;
use crate::error::Result;
use crate::head::Head;
use crate::parameters::Parameters;
use crate::pooling;
use crate::transformer::Transformer;

/// Transformer and head; the pooling is told with each call.
#[derive(Debug)]
pub struct Network {
    transformer: Transformer,
    head: Head,
}

impl Network {
    /// Builds the network on `parameters`, which it shares.
    ///
    /// # Errors
    /// A parameter that is not there.
    pub fn new(config: &NetworkConfig, parameters: &Parameters) -> Result<Self> {
        Ok(Self {
            transformer: Transformer::new(config, parameters)?,
            head: Head::new(config, parameters)?,
        })
    }

    /// The transformer alone.
    pub fn transformer(&self) -> &Transformer {
        &self.transformer
    }

    /// The head alone.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Term weights [texts, vocabulary], zero and above.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn term_weights(&self, batch: &Batch, pooling: Pooling) -> Result<Tensor> {
        let states = self.transformer.states(batch)?;
        pooling::term_weights(pooling, &self.head, &states, batch.padding.as_ref())
    }
}
