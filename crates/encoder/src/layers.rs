//! The parts that transformer and head are built of.

use tch::{Kind, Tensor};

use crate::config::Activation;
use crate::error::{EncodeError, Result, TensorMismatch};
use crate::weights::Parameters;

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

impl Activation {
    pub(crate) fn apply(self, input: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Gelu => input.f_gelu("none")?,
            Self::GeluTanh => input.f_gelu("tanh")?,
            Self::Relu => input.f_relu()?,
        })
    }
}

/// An embedding's table, [rows, width].
pub(crate) fn embedding_table(parameters: &Parameters, name: &str) -> Result<Tensor> {
    parameter(parameters, &format!("{name}.weight"))
}

/// A view of the parameter `name`: the same storage, and the same variable if a trainer made it one.
pub(crate) fn parameter(parameters: &Parameters, name: &str) -> Result<Tensor> {
    parameters.get(name).map(Tensor::shallow_clone).ok_or_else(|| {
        EncodeError::Tensors(Box::new(TensorMismatch {
            path: "(parameters in memory)".into(),
            missing: vec![name.to_owned()],
            shapes: Vec::new(),
            kinds: Vec::new(),
        }))
    })
}
