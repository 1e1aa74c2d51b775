//! The parts that transformer and head are built of.

use spork_model::config::Activation;
use tch::{Kind, Tensor};

use crate::error::{Result, TorchError};
use crate::parameters::Parameters;

/// x·Wᵀ + b.
#[derive(Debug)]
pub(crate) struct Dense {
    weight: Tensor,
    bias: Tensor,
}

impl Dense {
    pub(crate) fn new(parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            weight: parameter(parameters, &format!("{name}.weight"))?,
            bias: parameter(parameters, &format!("{name}.bias"))?,
        })
    }

    /// The precision in which it computes.
    pub(crate) fn kind(&self) -> Kind {
        self.weight.kind()
    }

    pub(crate) fn apply(&self, input: &Tensor) -> Result<Tensor> {
        Ok(input.f_linear(&self.weight, Some(&self.bias))?)
    }
}

/// Layer norm over the last dimension.
#[derive(Debug)]
pub(crate) struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    pub(crate) fn new(parameters: &Parameters, name: &str, epsilon: f64) -> Result<Self> {
        Ok(Self {
            weight: parameter(parameters, &format!("{name}.weight"))?,
            bias: parameter(parameters, &format!("{name}.bias"))?,
            epsilon,
        })
    }

    pub(crate) fn apply(&self, input: &Tensor) -> Result<Tensor> {
        let width = self.weight.size();
        Ok(input.f_layer_norm(width, Some(&self.weight), Some(&self.bias), self.epsilon, true)?)
    }
}

/// The activation of each value.
pub(crate) fn activate(activation: Activation, input: &Tensor) -> Result<Tensor> {
    Ok(match activation {
        Activation::Gelu => input.f_gelu("none")?,
        Activation::GeluTanh => input.f_gelu("tanh")?,
        Activation::Relu => input.f_relu()?,
    })
}

/// An embedding's table, [rows, width].
pub(crate) fn embedding_table(parameters: &Parameters, name: &str) -> Result<Tensor> {
    parameter(parameters, &format!("{name}.weight"))
}

/// A view of the parameter `name`: the same storage, and the same variable if a trainer made it
/// one.
pub(crate) fn parameter(parameters: &Parameters, name: &str) -> Result<Tensor> {
    parameters
        .get(name)
        .map(Tensor::shallow_clone)
        .ok_or_else(|| TorchError::Parameter(name.to_owned()))
}
