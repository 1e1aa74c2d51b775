//! Ranking losses over scores: contrastive, and distillation from a teacher's scores.
//!
//! Scores are dot products of query and document weights. Every loss is a mean over the queries.

use tch::{Kind, Reduction, Tensor};

use crate::error::Result;

/// InfoNCE with in-batch negatives (SPLADE, Formal et al. 2021, eq. 4):
/// −log(exp s(q, d⁺) / Σ exp s(q, d)) over the candidates d of q.
///
/// `scores` is [queries, documents]; `positives` \[queries\], 64-bit, the column of each query's
/// positive; `candidates` [queries, documents], false where a document plays no part for a query;
/// never the positive.
///
/// # Errors
/// libtorch fails: shapes that don't fit, or full memory.
pub fn info_nce(
    scores: &Tensor,
    positives: &Tensor,
    candidates: Option<&Tensor>,
) -> Result<Tensor> {
    let masked = candidates
        .map(|mask| scores.f_masked_fill(&mask.f_logical_not()?, f64::NEG_INFINITY))
        .transpose()?;
    let logits = masked.as_ref().unwrap_or(scores);
    Ok(logits.f_cross_entropy_loss::<Tensor>(positives, None, Reduction::Mean, -100, 0.0)?)
}

/// Margin-MSE (Hofstätter et al. 2020): the mean over queries and negatives of
/// ((s⁺ − s⁻) − (t⁺ − t⁻))². Both arguments are [queries, 1 + negatives], the positive first.
///
/// # Errors
/// libtorch fails: shapes that don't fit, or full memory.
pub fn margin_mse(student: &Tensor, teacher: &Tensor) -> Result<Tensor> {
    let margins = |scores: &Tensor| -> Result<Tensor> {
        let negatives = scores.size2()?.1 - 1;
        Ok(scores.f_narrow(1, 0, 1)?.f_sub(&scores.f_narrow(1, 1, negatives)?)?)
    };
    Ok(margins(student)?.f_mse_loss(&margins(teacher)?, Reduction::Mean)?)
}

/// KL(softmax teacher ‖ softmax student) over each query's own candidates. Both arguments are
/// [queries, candidates].
///
/// # Errors
/// libtorch fails: shapes that don't fit, or full memory.
pub fn kl_divergence(student: &Tensor, teacher: &Tensor) -> Result<Tensor> {
    let student = student.f_log_softmax(-1, None::<Kind>)?;
    let teacher = teacher.f_log_softmax(-1, None::<Kind>)?;
    let divergence = teacher.f_exp()?.f_mul(&teacher.f_sub(&student)?)?;
    Ok(divergence.f_sum_dim_intlist(-1, false, None::<Kind>)?.f_mean(None::<Kind>)?)
}
