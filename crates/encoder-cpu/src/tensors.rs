//! A network's tensors while it is built: each is let go of once it is packed.

use std::collections::BTreeMap;

use spork_model::{FloatTensor, Precision, Tensors};

use crate::error::{CpuError, Result};
use crate::format::{Format, InFormat, in_format};
use crate::norm::Norm;
use crate::panels::{Dense, Parts};
use crate::simd::Level;

/// Tensors by name, and how they are to be packed.
pub(crate) struct Packer {
    tensors: BTreeMap<String, FloatTensor>,
    pub(crate) level: Level,
    pub(crate) precision: Precision,
}

impl Packer {
    pub(crate) fn new(tensors: Tensors, level: Level, precision: Precision) -> Self {
        Self { tensors: tensors.into_iter().collect(), level, precision }
    }

    /// The tensor of this name, which is then gone; none if it is absent.
    pub(crate) fn take_if_there(&mut self, name: &str) -> Option<Vec<f32>> {
        self.tensors.remove(name).map(|tensor| tensor.values)
    }

    /// The tensor of this name, which is then gone.
    pub(crate) fn take(&mut self, name: &str) -> Result<Vec<f32>> {
        self.take_if_there(name).ok_or_else(|| CpuError::Tensor(name.to_owned()))
    }

    /// Weights and biases of these names, below one another.
    pub(crate) fn dense(&mut self, names: &[&str], inputs: Parts, outputs: Parts) -> Result<Dense> {
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            let more = self.take(&format!("{name}.weight"))?;
            if weights.is_empty() {
                weights = more;
            } else {
                weights.extend_from_slice(&more);
            }
            bias.extend(self.take(&format!("{name}.bias"))?);
        }
        let narrow = self.level.is_narrow();
        Ok(in_format(self.precision, Pack { weights, bias, inputs, outputs, narrow }))
    }

    /// The layer norm of this name, of rows in so many sixteens.
    pub(crate) fn norm(&mut self, name: &str, row: Parts, epsilon: f64) -> Result<Norm> {
        let weights = self.take(&format!("{name}.weight"))?;
        let bias = self.take(&format!("{name}.bias"))?;
        Ok(Norm::new(&weights, &bias, row.sixteens(), epsilon))
    }
}

struct Pack {
    weights: Vec<f32>,
    bias: Vec<f32>,
    inputs: Parts,
    outputs: Parts,
    narrow: bool,
}

impl InFormat for Pack {
    type Output = Dense;

    fn run<F: Format>(self) -> Dense {
        Dense::new::<F>(&self.weights, &self.bias, self.inputs, self.outputs, self.narrow)
    }
}
