//! Penalties that make vectors sparse.

use serde::Deserialize;
use tch::{Kind, Tensor};

use crate::error::Result;

/// The penalty on weights.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Regularizer {
    /// Nothing.
    None,
    /// Σₜ meanᵢ |wᵢₜ|: the mean weight of a text.
    L1,
    /// Σₜ (meanᵢ |wᵢₜ|)²: a smooth stand-in for the expected FLOPS of a pair (Paria et al. 2020).
    Flops,
    /// FLOPS with each term's mean weighted by how many documents have the term (arXiv 2505.15070):
    /// Σₜ (a(dfₜ) · meanᵢ |wᵢₜ|)² with a(x) = 1 / (1 + (x^(log_α 2) − 1)^β), so that a(0) = 0, a(α)
    /// = ½, a(1) = 1.
    DfFlops {
        /// The share of documents at which a term counts half.
        #[serde(default = "default_alpha")]
        alpha: f64,
        /// How steep the weight rises there.
        #[serde(default = "default_beta")]
        beta: f64,
    },
}

fn default_alpha() -> f64 {
    0.1
}

fn default_beta() -> f64 {
    10.0
}

impl Regularizer {
    /// The penalty of `weights` [texts, vocabulary]. `document_frequency` \[vocabulary\] holds the
    /// share of documents that have each term; without it every term counts fully.
    ///
    /// # Errors
    /// libtorch fails: shapes that don't fit, or full memory.
    pub fn penalty(&self, weights: &Tensor, document_frequency: Option<&Tensor>) -> Result<Tensor> {
        let means = weights.f_abs()?.f_mean_dim(0, false, None::<Kind>)?;
        Ok(match *self {
            Self::None => Tensor::f_zeros([], (weights.kind(), weights.device()))?,
            Self::L1 => means.f_sum(None::<Kind>)?,
            Self::Flops => means.f_square()?.f_sum(None::<Kind>)?,
            Self::DfFlops { alpha, beta } => match document_frequency {
                Some(shares) => {
                    let counted = means.f_mul(&activation(shares, alpha, beta)?)?;
                    counted.f_square()?.f_sum(None::<Kind>)?
                }
                None => means.f_square()?.f_sum(None::<Kind>)?,
            },
        })
    }
}

/// a(x) of [`Regularizer::DfFlops`], for shares from 0 to 1.
fn activation(shares: &Tensor, alpha: f64, beta: f64) -> Result<Tensor> {
    let exponent = 2f64.ln() / alpha.ln();
    let distance = shares.f_pow_tensor_scalar(exponent)?.f_sub_scalar(1.0)?.f_clamp_min(0.0)?;
    Ok(distance.f_pow_tensor_scalar(beta)?.f_add_scalar(1.0)?.f_reciprocal()?)
}
