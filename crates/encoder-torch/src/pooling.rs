//! Pooling: from the logits of a text's tokens to one weight a term.
//!
//! The logarithm and relu are monotone, so the maximum can be taken first and both are then
//! computed once a term instead of once a token.

use spork_model::{Pooling, PoolingStrategy, Saturation};
use tch::{Device, Kind, Tensor};

use crate::error::Result;
use crate::head::Head;

/// Logits in memory at a time on a CPU: 16 MiB as float32, which the cache of a core still half
/// holds.
const LOGITS_AT_ONCE: i64 = 1 << 22;
/// The same on other devices, which want large matrix products: 512 MiB as bfloat16.
const LOGITS_AT_ONCE_ON_DEVICE: i64 = 1 << 28;
/// Fewer terms at a time would leave the matrix product too narrow to be fast.
const LEAST_TERMS_AT_ONCE: i64 = 64;

/// The weights [texts, vocabulary] of the terms, from `states` [texts, tokens, width] and `padding`
/// [texts, tokens], true where no token is.
///
/// # Errors
/// libtorch fails, usually because memory is full.
pub fn term_weights(
    pooling: Pooling,
    head: &Head,
    states: &Tensor,
    padding: Option<&Tensor>,
) -> Result<Tensor> {
    let mut transformed = head.transform(states)?;
    let mut padding = padding.map(|padding| padding.f_unsqueeze(-1)).transpose()?;
    // [texts, 1]: which texts have no token at all.
    let mut empty = None;
    if pooling.strategy == PoolingStrategy::Max
        && let Some(padding) = padding.take()
    {
        // A text's first token, said again, changes no maximum; so the logits, by far the largest
        // matrix, need no mask.
        transformed = transformed.f_narrow(1, 0, 1)?.f_where_self(&padding, &transformed)?;
        empty = Some(padding.f_select(1, 0)?);
    }
    let (texts, tokens, _) = transformed.size3()?;
    let vocabulary = head.vocabulary()?;
    let logits_at_once = match transformed.device() {
        Device::Cpu => LOGITS_AT_ONCE,
        _ => LOGITS_AT_ONCE_ON_DEVICE,
    };
    let terms_at_once = (logits_at_once / (texts * tokens).max(1)).max(LEAST_TERMS_AT_ONCE);
    let mut pooled = Vec::new();
    let mut start = 0;
    while start < vocabulary {
        let end = vocabulary.min(start + terms_at_once);
        let logits = head.logits(&transformed, start..end)?;
        pooled.push(pool(pooling, &logits, padding.as_ref())?);
        start = end;
    }
    let mut pooled = at_least_float(&Tensor::f_cat(&pooled, 1)?)?;
    if let Some(empty) = empty {
        pooled = pooled.f_masked_fill(&empty, 0.0)?;
    }
    match pooling.strategy {
        PoolingStrategy::Max => saturate(pooling.saturation, &pooled),
        PoolingStrategy::Sum => Ok(pooled),
    }
}

/// [texts, tokens, terms] → [texts, terms]. What `padding` covers counts as a logit of 0, which has
/// the weight 0 and adds nothing to a sum.
fn pool(pooling: Pooling, logits: &Tensor, padding: Option<&Tensor>) -> Result<Tensor> {
    let masked = padding.map(|padding| logits.f_masked_fill(padding, 0.0)).transpose()?;
    let logits = masked.as_ref().unwrap_or(logits);
    Ok(match pooling.strategy {
        PoolingStrategy::Max => logits.f_amax(1, false)?,
        PoolingStrategy::Sum => saturate(pooling.saturation, &at_least_float(logits)?)?
            .f_sum_dim_intlist(1, false, None)?,
    })
}

/// Half precision is too coarse for logarithms and sums.
fn at_least_float(tensor: &Tensor) -> Result<Tensor> {
    Ok(match tensor.kind() {
        Kind::BFloat16 | Kind::Half => tensor.f_to_kind(Kind::Float)?,
        _ => tensor.shallow_clone(),
    })
}

/// The weight of each logit.
///
/// # Errors
/// libtorch fails, usually because memory is full.
pub fn saturate(saturation: Saturation, logits: &Tensor) -> Result<Tensor> {
    let once = logits.f_relu()?.f_log1p()?;
    Ok(match saturation {
        Saturation::Log => once,
        Saturation::LogLog => once.f_log1p()?,
    })
}
