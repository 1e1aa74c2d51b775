//! Pooling: how the logits of a text's tokens become one weight a term.
//!
//! SPLADE (Formal et al. 2021) sums log(1 + relu(logit)) over the tokens; SPLADE v2 and its
//! successors take the largest.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a text's tokens become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// How the activations of a term over the text's tokens become one weight.
    pub strategy: PoolingStrategy,
    /// The function that turns a logit into an activation.
    pub saturation: Saturation,
}

/// The function over the tokens of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum PoolingStrategy {
    /// SPLADE v2, ++, v3: the largest activation of each term
    Max,
    /// The first SPLADE: the sum of its activations
    Sum,
}

/// The function of each logit. The keys are those of sentence-transformers' `activation_function`,
/// which names only the function before the logarithm that is always taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Saturation {
    /// log(1 + relu(x))
    #[default]
    #[serde(rename = "relu")]
    Log,
    /// log(1 + log(1 + relu(x))): the inference-free models of OpenSearch (arXiv 2504.14839).
    #[serde(rename = "log1p_relu")]
    LogLog,
}

impl From<PoolingStrategy> for Pooling {
    fn from(strategy: PoolingStrategy) -> Self {
        Self { strategy, saturation: Saturation::Log }
    }
}

impl FromStr for PoolingStrategy {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "max" => Ok(Self::Max),
            "sum" => Ok(Self::Sum),
            _ => Err(format!(
                "{text:?} is no pooling; expected max (SPLADE v2, ++, v3) or sum (first SPLADE)"
            )),
        }
    }
}

/// `max` or `sum`.
impl fmt::Display for PoolingStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Max => "max",
            Self::Sum => "sum",
        })
    }
}

/// `max`, `sum`, and with a second logarithm `max log1p_relu`.
impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.strategy.fmt(f)?;
        match self.saturation {
            Saturation::Log => Ok(()),
            Saturation::LogLog => f.write_str(" log1p_relu"),
        }
    }
}
