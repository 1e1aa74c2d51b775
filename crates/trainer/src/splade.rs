//! One step of ranking: a batch of queries with their documents, the mixture of losses, the
//! penalties, and the gradients back to the model.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::budget::Controller;
use crate::config::{BatchConfig, InBatch, PenaltyConfig, SpladeConfig};
use crate::error::Result;
use crate::grad_cache::Forward;
use crate::log::StepRecord;
use crate::loss;
use crate::regularizer::Regularizer;
use crate::schedule::quadratic_warmup;
use crate::student::Student;

/// Token ids of a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RankingBatch {
    /// One a query.
    pub(crate) queries: Vec<Vec<u32>>,
    /// Positive and own negatives of the first query, then of the second, and so on.
    pub(crate) documents: Vec<Vec<u32>>,
    /// The number of each document's text: equal texts have equal numbers.
    pub(crate) identities: Vec<u32>,
    /// The teacher's scores, in the order of the documents; empty without a teacher.
    pub(crate) scores: Vec<f32>,
}

/// The state of ranking between steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RankingState {
    documents: Option<Controller>,
    queries: Option<Controller>,
    /// Smoothed share of documents that have each term, for DF-FLOPS.
    document_frequency: Vec<f32>,
}

/// How much of the document frequency stays each step.
const MEMORY: f64 = 0.99;

/// The objective of ranking.
#[derive(Debug)]
pub(crate) struct Ranking {
    config: SpladeConfig,
    batch: BatchConfig,
    documents: Option<Controller>,
    queries: Option<Controller>,
    document_frequency: Option<Tensor>,
}

/// Losses and penalties of a step, as tensors of one value.
struct Parts {
    ranking: Tensor,
    documents: Tensor,
    queries: Tensor,
}

impl Ranking {
    pub(crate) fn new(config: &SpladeConfig, batch: BatchConfig) -> Self {
        let budget = config.budget;
        let controller = |target: Option<f64>, part: PenaltyConfig| {
            target.map(|target| Controller::new(target, part.lambda, part.warmup))
        };
        Self {
            documents: controller(budget.document_terms.or(budget.flops), config.documents),
            queries: controller(budget.query_terms.or(budget.flops), config.queries),
            config: config.clone(),
            batch,
            document_frequency: None,
        }
    }

    pub(crate) fn state(&self) -> Result<RankingState> {
        let document_frequency = match &self.document_frequency {
            Some(shares) => Vec::<f32>::try_from(&shares.f_to_device(Device::Cpu)?)?,
            None => Vec::new(),
        };
        Ok(RankingState {
            documents: self.documents.clone(),
            queries: self.queries.clone(),
            document_frequency,
        })
    }

    pub(crate) fn restore(&mut self, state: RankingState, device: Device) -> Result<()> {
        self.documents = state.documents;
        self.queries = state.queries;
        if !state.document_frequency.is_empty() {
            self.document_frequency =
                Some(Tensor::f_from_slice(&state.document_frequency)?.f_to_device(device)?);
        }
        Ok(())
    }

    /// Adds the gradients of a step to the student's variables, and returns its record.
    pub(crate) fn step(
        &mut self,
        student: &Student,
        batch: &RankingBatch,
        step: u64,
        seed: u64,
    ) -> Result<StepRecord> {
        let texts: Vec<Vec<u32>> = batch.queries.iter().chain(&batch.documents).cloned().collect();
        let mut forward = Forward::new(student, &texts, self.batch.tokens, seed);
        let weights = forward.weights(self.batch.cached)?;
        let queries = weights.f_narrow(0, 0, batch.queries.len() as i64)?;
        let documents =
            weights.f_narrow(0, batch.queries.len() as i64, batch.documents.len() as i64)?;
        self.count_documents(&documents)?;
        let (document_lambda, query_lambda) = self.lambdas(step);
        let parts = Parts {
            ranking: self.ranking_loss(&queries, &documents, batch)?,
            documents: self
                .config
                .documents
                .penalty
                .penalty(&documents, self.document_frequency.as_ref())?,
            queries: self
                .config
                .queries
                .penalty
                .penalty(&queries, self.document_frequency.as_ref())?,
        };
        let penalties = parts.documents.f_mul_scalar(document_lambda)?;
        let penalties = penalties.f_add(&parts.queries.f_mul_scalar(query_lambda)?)?;
        let loss = parts.ranking.f_add(&penalties)?;
        loss.f_backward()?;
        let mut record = measure(&queries, &documents)?;
        record.loss = value(&loss)?;
        record.ranking = Some(value(&parts.ranking)?);
        record.document_penalty = Some(value(&parts.documents)?);
        record.query_penalty = Some(value(&parts.queries)?);
        record.document_lambda = Some(document_lambda);
        record.query_lambda = Some(query_lambda);
        record.texts = batch.queries.len() + batch.documents.len();
        if record.loss.is_finite() {
            forward.backward(&weights.grad())?;
        }
        self.observe(&record);
        Ok(record)
    }

    fn lambdas(&self, step: u64) -> (f64, f64) {
        let lambda = |controller: &Option<Controller>, part: &PenaltyConfig| match controller {
            Some(controller) => controller.lambda(),
            None => quadratic_warmup(part.lambda, step, part.warmup),
        };
        (
            lambda(&self.documents, &self.config.documents),
            lambda(&self.queries, &self.config.queries),
        )
    }

    /// Tells the controllers the figures that their λs led to.
    fn observe(&mut self, record: &StepRecord) {
        let budget = self.config.budget;
        let measured =
            |length: Option<f64>| if budget.flops.is_some() { record.flops } else { length };
        let both = [
            (&mut self.documents, measured(record.document_terms)),
            (&mut self.queries, measured(record.query_terms)),
        ];
        for (controller, measured) in both {
            if let (Some(controller), Some(measured)) = (controller, measured) {
                controller.observe(measured);
            }
        }
    }

    fn count_documents(&mut self, documents: &Tensor) -> Result<()> {
        let wanted = |penalty: Regularizer| matches!(penalty, Regularizer::DfFlops { .. });
        if !wanted(self.config.documents.penalty) && !wanted(self.config.queries.penalty) {
            return Ok(());
        }
        let shares = documents.f_detach()?.f_gt(0.0)?.f_to_kind(Kind::Float)?.f_mean_dim(
            0,
            false,
            None::<Kind>,
        )?;
        self.document_frequency = Some(match &self.document_frequency {
            Some(before) => {
                before.f_mul_scalar(MEMORY)?.f_add(&shares.f_mul_scalar(1.0 - MEMORY)?)?
            }
            None => shares,
        });
        Ok(())
    }

    /// The mixture, as the mean over the groups of queries that see each other's documents.
    fn ranking_loss(
        &self,
        queries: &Tensor,
        documents: &Tensor,
        batch: &RankingBatch,
    ) -> Result<Tensor> {
        let count = batch.queries.len();
        let each = batch.documents.len() / count;
        let group = self.batch.contrast.unwrap_or(count).min(count);
        let mut total = Tensor::f_zeros([], (Kind::Float, queries.device()))?;
        for start in (0..count).step_by(group) {
            let size = group.min(count - start);
            let own = start * each..(start + size) * each;
            let scores = queries.f_narrow(0, start as i64, size as i64)?.f_matmul(
                &documents.f_narrow(0, own.start as i64, own.len() as i64)?.f_transpose(0, 1)?,
            )?;
            let identities = &batch.identities[own.clone()];
            let teacher = batch.scores.get(own).unwrap_or_default();
            let loss = self.group_loss(&scores, identities, teacher, each)?;
            total = total.f_add(&loss.f_mul_scalar(size as f64 / count as f64)?)?;
        }
        Ok(total)
    }

    /// `scores` is [queries, documents] of a group; `each` documents belong to a query, its
    /// positive first.
    fn group_loss(
        &self,
        scores: &Tensor,
        identities: &[u32],
        teacher: &[f32],
        each: usize,
    ) -> Result<Tensor> {
        let config = &self.config.loss;
        let queries = identities.len() / each;
        let device = scores.device();
        let mut total = Tensor::f_zeros([], (Kind::Float, device))?;
        let soft = scores.f_div_scalar(config.temperature)?;
        if config.info_nce > 0.0 {
            let positives: Vec<i64> = (0..queries).map(|query| (query * each) as i64).collect();
            let positives = Tensor::f_from_slice(&positives)?.f_to_device(device)?;
            let candidates = candidates(identities, each, config.in_batch);
            let candidates = Tensor::f_from_slice(&candidates)?
                .f_reshape([queries as i64, identities.len() as i64])?
                .f_to_device(device)?;
            let loss = loss::info_nce(&soft, &positives, Some(&candidates))?;
            total = total.f_add(&loss.f_mul_scalar(config.info_nce)?)?;
        }
        if config.distils() {
            let columns: Vec<i64> = (0..identities.len()).map(|document| document as i64).collect();
            let columns =
                Tensor::f_from_slice(&columns)?.f_reshape([queries as i64, each as i64])?;
            let columns = columns.f_to_device(device)?;
            let teacher =
                Tensor::f_from_slice(teacher)?.f_reshape([queries as i64, each as i64])?;
            let teacher = teacher.f_to_device(device)?.f_mul_scalar(config.teacher_scale)?;
            if config.kl > 0.0 {
                let loss = loss::kl_divergence(&soft.f_gather(1, &columns, false)?, &teacher)?;
                total = total.f_add(&loss.f_mul_scalar(config.kl)?)?;
            }
            if config.margin_mse > 0.0 {
                let loss = loss::margin_mse(&scores.f_gather(1, &columns, false)?, &teacher)?;
                total = total.f_add(&loss.f_mul_scalar(config.margin_mse)?)?;
            }
        }
        Ok(total)
    }
}

/// Which documents count for which query, [queries × documents]: its own, and those of others that
/// `in_batch` says, but for a text that is the query's own positive.
fn candidates(identities: &[u32], each: usize, in_batch: InBatch) -> Vec<bool> {
    let queries = identities.len() / each;
    let counts = |query: usize, document: usize| {
        let positive = query * each;
        let offered = match in_batch {
            _ if document / each == query => true,
            InBatch::Positives => document.is_multiple_of(each),
            InBatch::All => true,
            InBatch::None => false,
        };
        offered && (document == positive || identities[document] != identities[positive])
    };
    (0..queries)
        .flat_map(|query| (0..identities.len()).map(move |document| counts(query, document)))
        .collect()
}

/// Lengths and FLOPS of a step's vectors.
fn measure(queries: &Tensor, documents: &Tensor) -> Result<StepRecord> {
    let _guard = tch::no_grad_guard();
    let active =
        |weights: &Tensor| -> Result<Tensor> { Ok(weights.f_gt(0.0)?.f_to_kind(Kind::Float)?) };
    let (queries, documents) = (active(queries)?, active(documents)?);
    let shares =
        |active: &Tensor| -> Result<Tensor> { Ok(active.f_mean_dim(0, false, None::<Kind>)?) };
    let flops = shares(&queries)?.f_mul(&shares(&documents)?)?.f_sum(None::<Kind>)?;
    let lengths = |active: &Tensor| -> Result<Tensor> {
        Ok(active.f_sum_dim_intlist(-1, false, None::<Kind>)?)
    };
    let all = Tensor::f_cat(&[lengths(&queries)?, lengths(&documents)?], 0)?;
    Ok(StepRecord {
        document_terms: Some(value(&lengths(&documents)?.f_mean(None::<Kind>)?)?),
        query_terms: Some(value(&lengths(&queries)?.f_mean(None::<Kind>)?)?),
        flops: Some(value(&flops)?),
        empty_share: value(&all.f_eq(0.0)?.f_to_kind(Kind::Float)?.f_mean(None::<Kind>)?)?,
        ..StepRecord::default()
    })
}

/// The one value of a tensor.
pub(crate) fn value(tensor: &Tensor) -> Result<f64> {
    Ok(f64::try_from(&tensor.f_detach()?.f_to_kind(Kind::Double)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_positives_are_never_negatives() {
        // Two queries with positive and one negative each; the second query's negative is the first
        // one's positive.
        let identities = [7, 8, 9, 7];
        let marks = |in_batch| candidates(&identities, 2, in_batch);
        assert_eq!(marks(InBatch::None), [true, true, false, false, false, false, true, true]);
        assert_eq!(marks(InBatch::Positives), [true, true, true, false, true, false, true, true]);
        assert_eq!(marks(InBatch::All), [true, true, true, false, true, true, true, true]);
    }
}
