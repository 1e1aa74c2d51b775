//! One step of ranking: a batch of queries with their documents, the mixture of losses, the
//! penalties, and the gradients back to the model.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::budget::Controller;
use crate::config::{BatchConfig, InBatch, LossConfig, PenaltyConfig, SpladeConfig};
use crate::error::Result;
use crate::grad_cache::Forward;
use crate::log::StepRecord;
use crate::loss;
use crate::regularizer::Regularizer;
use crate::schedule::quadratic_warmup;
use crate::student::Student;
use crate::target_vectors::TargetVectors;
use crate::token_queries;

/// Token ids of a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RankingBatch {
    /// One a query: those with documents of their own, then others.
    pub(crate) queries: Vec<Vec<u32>>,
    /// How many queries have documents of their own.
    pub(crate) own: usize,
    /// Positive and own negatives of the first query, then of the second, and so on.
    pub(crate) documents: Vec<Vec<u32>>,
    /// The number of each document's text: equal texts have equal numbers.
    pub(crate) identities: Vec<u32>,
    /// The teacher's scores.
    pub(crate) teacher: TeacherScores,
    /// Vectors of sparse teachers, of queries and then documents, where they are targets.
    pub(crate) vectors: Vec<TargetVectors>,
}

/// What is known of a teacher's scores of a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TeacherScores {
    /// None.
    Unknown,
    /// Of each query's own documents, in their order.
    Own(Vec<f32>),
    /// Of all queries and documents, [queries × documents].
    All(Vec<f32>),
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
        let mut forward = Forward::new(student, &texts, self.batch.tokens, seed)?;
        let weights = forward.weights(self.batch.cached)?;
        let queries = weights.f_narrow(0, 0, batch.queries.len() as i64)?;
        let documents =
            weights.f_narrow(0, batch.queries.len() as i64, batch.documents.len() as i64)?;
        self.count_documents(&documents)?;
        let (document_lambda, query_lambda) = self.lambdas(step);
        let parts = Parts {
            ranking: self.ranking_loss(&queries, &documents, batch)?,
            documents: self.penalty(self.config.documents, &documents)?,
            queries: self.penalty(self.config.queries, &queries)?,
        };
        let tokens = self.token_ranking(student, &documents, batch)?;
        let penalties = parts.documents.f_mul_scalar(document_lambda)?;
        let penalties = penalties.f_add(&parts.queries.f_mul_scalar(query_lambda)?)?;
        let mut loss = parts.ranking.f_add(&penalties)?;
        if let Some((ranking, weight)) = &tokens {
            loss = loss.f_add(&ranking.f_mul_scalar(*weight)?)?;
        }
        let vectors = self.vector_loss(&weights, &batch.vectors)?;
        if let Some(distance) = &vectors {
            loss = loss.f_add(&distance.f_mul_scalar(self.config.loss.vectors)?)?;
        }
        loss.f_backward()?;
        let mut record = measure(&queries, &documents)?;
        record.loss = value(&loss)?;
        record.ranking = Some(value(&parts.ranking)?);
        record.token_ranking = tokens.map(|(ranking, _)| value(&ranking)).transpose()?;
        record.vectors = vectors.map(|distance| value(&distance)).transpose()?;
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

    /// The mixture of losses of queries without a network, and its factor, where they are trained.
    fn token_ranking(
        &self,
        student: &Student,
        documents: &Tensor,
        batch: &RankingBatch,
    ) -> Result<Option<(Tensor, f64)>> {
        match (&student.query_weights, &self.config.token_queries) {
            (Some(weights), Some(config)) => {
                let queries = token_queries::vectors(weights, &batch.queries)?;
                Ok(Some((self.ranking_loss(&queries, documents, batch)?, config.weight)))
            }
            _ => Ok(None),
        }
    }

    /// The distance of all vectors from those of the teachers, as a sum over the teachers.
    fn vector_loss(&self, weights: &Tensor, teachers: &[TargetVectors]) -> Result<Option<Tensor>> {
        let mut sum: Option<Tensor> = None;
        for vectors in teachers {
            let distance = vectors.distance(weights)?;
            sum = Some(match sum {
                Some(sum) => sum.f_add(&distance)?,
                None => distance,
            });
        }
        Ok(sum)
    }

    /// The penalty of one side's weights [texts, vocabulary].
    fn penalty(&self, config: PenaltyConfig, weights: &Tensor) -> Result<Tensor> {
        let counted = match config.longer_than {
            0 => weights.shallow_clone(),
            most => weights.f_mul(&longer_than(weights, most)?)?,
        };
        config.penalty.penalty(&counted, self.document_frequency.as_ref())
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
        let count = batch.own;
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
            let compared = compared(&batch.teacher, start..start + size, each, count)?;
            let loss = self.group_loss(&scores, identities, compared, each)?;
            total = total.f_add(&loss.f_mul_scalar(size as f64 / count as f64)?)?;
        }
        match self.extra_loss(queries, documents, batch)? {
            Some(loss) => Ok(total.f_add(&loss)?),
            None => Ok(total),
        }
    }

    /// The divergence of the queries that have no documents of their own from the teachers, on all
    /// documents of the step.
    fn extra_loss(
        &self,
        queries: &Tensor,
        documents: &Tensor,
        batch: &RankingBatch,
    ) -> Result<Option<Tensor>> {
        let count = batch.queries.len() - batch.own;
        let TeacherScores::All(teacher) = &batch.teacher else { return Ok(None) };
        let teacher = teacher.get(batch.own * batch.documents.len()..).unwrap_or_default();
        if count == 0 || self.config.loss.kl == 0.0 {
            return Ok(None);
        }
        let LossConfig { kl, teacher_scale, temperature, .. } = self.config.loss;
        let queries = queries.f_narrow(0, batch.own as i64, count as i64)?;
        let scores = queries.f_matmul(&documents.f_transpose(0, 1)?)?.f_div_scalar(temperature)?;
        let teacher = Tensor::f_from_slice(teacher)?.f_reshape(scores.size())?;
        let teacher = teacher.f_to_device(scores.device())?.f_mul_scalar(teacher_scale)?;
        Ok(Some(loss::kl_divergence(&scores, &teacher)?.f_mul_scalar(kl)?))
    }

    /// `scores` is [queries, documents] of a group; `each` documents belong to a query, its
    /// positive first.
    fn group_loss(
        &self,
        scores: &Tensor,
        identities: &[u32],
        compared: Option<Compared>,
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
        if let Some(Compared { columns, teacher }) = compared.filter(|_| config.distils()) {
            let columns = columns.f_to_device(device)?;
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

/// The documents of a group that student and teacher are compared on, of each query.
struct Compared {
    /// [queries, compared]: their columns in the group's scores, the positive's first.
    columns: Tensor,
    /// [queries, compared]: the teacher's scores of them.
    teacher: Tensor,
}

/// What a teacher says of the documents of a group of queries, each of which has `each` documents
/// of its own; none without a teacher. The step has `count` queries.
fn compared(
    scores: &TeacherScores,
    group: Range<usize>,
    each: usize,
    count: usize,
) -> Result<Option<Compared>> {
    let size = group.len();
    let own = group.start * each..group.end * each;
    let (columns, teacher): (Vec<i64>, Vec<f32>) = match scores {
        TeacherScores::Unknown => return Ok(None),
        TeacherScores::Own(scores) => {
            ((0..own.len() as i64).collect(), scores.get(own).unwrap_or_default().to_vec())
        }
        TeacherScores::All(scores) => group
            .clone()
            .flat_map(|query| {
                let row = query * count * each + own.start;
                let positive = (query - group.start) * each;
                let others = (0..own.len()).filter(move |&column| column != positive);
                std::iter::once(positive).chain(others).map(move |column| {
                    (column as i64, scores.get(row + column).copied().unwrap_or(0.0))
                })
            })
            .unzip(),
    };
    let shape = [size as i64, (columns.len() / size.max(1)) as i64];
    Ok(Some(Compared {
        columns: Tensor::f_from_slice(&columns)?.f_reshape(shape)?,
        teacher: Tensor::f_from_slice(&teacher)?.f_reshape(shape)?,
    }))
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

/// 1 for the texts with more than `most` terms, else 0: [texts, 1].
fn longer_than(weights: &Tensor, most: usize) -> Result<Tensor> {
    let terms = weights.f_detach()?.f_gt(0.0)?.f_sum_dim_intlist(-1, true, Kind::Int64)?;
    Ok(terms.f_gt(most as i64)?.f_to_kind(Kind::Float)?)
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
    fn student_and_teacher_are_compared_on_own_documents_or_on_all_of_a_group() {
        let list = |tensor: &Tensor| Vec::<f64>::try_from(tensor.reshape([-1])).unwrap();
        let of = |scores, group| {
            let compared = compared(&scores, group, 2, 3).unwrap().unwrap();
            assert_eq!(compared.columns.size(), compared.teacher.size());
            (list(&compared.columns), list(&compared.teacher))
        };
        let own = TeacherScores::Own((0..6u8).map(f32::from).collect());
        assert_eq!(of(own, 1..3), (vec![0.0, 1.0, 2.0, 3.0], vec![2.0, 3.0, 4.0, 5.0]));
        // Three queries of two documents each: query q and document d score 10·q + d.
        let all = (0..18u8).map(|at| f32::from(at / 6 * 10 + at % 6)).collect();
        let (columns, teacher) = of(TeacherScores::All(all), 1..3);
        assert_eq!(columns, [0.0, 1.0, 2.0, 3.0, 2.0, 0.0, 1.0, 3.0]);
        assert_eq!(teacher, [12.0, 13.0, 14.0, 15.0, 24.0, 22.0, 23.0, 25.0]);
        assert!(compared(&TeacherScores::Unknown, 0..3, 2, 3).unwrap().is_none());
    }

    #[test]
    fn short_texts_are_free() {
        let weights = Tensor::from_slice(&[1f32, 0.0, 2.0, 0.0, 3.0, 0.0]).reshape([2, 3]);
        let marks = longer_than(&weights, 1).unwrap();
        assert_eq!(marks.size(), [2, 1]);
        assert_eq!(Vec::<f32>::try_from(marks.reshape([-1])).unwrap(), [1.0, 0.0]);
    }

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
