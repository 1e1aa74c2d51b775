//! The settings of a training run: `train.toml`.
//!
//! Paths in it are relative to the folder of the file. docs/training.md explains every key.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use spork_model::PoolingStrategy;

use crate::error::{Result, TrainError};
use crate::optimizer::AdamWOptions;
use crate::regularizer::Regularizer;

/// A whole run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// The same seed gives the same run, bit for bit on a CPU.
    #[serde(default)]
    pub seed: u64,
    /// Optimizer steps.
    pub steps: u64,
    /// The model that is trained.
    pub model: ModelConfig,
    /// The objective and its texts.
    pub objective: Objective,
    /// Batch sizes.
    #[serde(default)]
    pub batch: BatchConfig,
    /// The optimizer and its schedule.
    #[serde(default)]
    pub optimizer: OptimizerConfig,
    /// Validation while it trains.
    pub validation: Option<ValidationConfig>,
    /// Checkpoints.
    #[serde(default)]
    pub checkpoint: CheckpointConfig,
}

/// The model to start from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// A BERT or DistilBERT directory. Without an MLM head in it one is made.
    pub initial: PathBuf,
    /// How documents and queries are pooled.
    #[serde(default = "default_pooling")]
    pub pooling: PoolingStrategy,
    /// Tokens of a document at most.
    #[serde(default = "default_document_length")]
    pub document_length: usize,
    /// Tokens of a query at most.
    #[serde(default = "default_query_length")]
    pub query_length: usize,
    /// Tokens at which the written model cuts a text; the length of documents unless given.
    pub max_length: Option<usize>,
    /// Shifts the decoder's bias before the first step so that a document starts with about this
    /// many terms. A softmax does not feel such a shift, so an MLM head leaves it open.
    pub start_terms: Option<usize>,
    /// Whether special tokens may be terms. Every text has them: a model that may use them learns
    /// terms that all documents share, whose posting lists no index can make cheap.
    #[serde(default)]
    pub special_terms: bool,
    /// Dropout of states.
    #[serde(default = "default_dropout")]
    pub dropout: f64,
    /// Dropout of attention weights; slow on a CPU.
    #[serde(default)]
    pub attention_dropout: f64,
    /// The precision of the layers; weights are kept, and moved, in float32.
    #[serde(default)]
    pub precision: LayerPrecision,
}

/// The precision that layers compute in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerPrecision {
    /// 32-bit floats.
    #[default]
    Fp32,
    /// bfloat16.
    Bf16,
}

/// The objective.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Objective {
    /// To rank, with sparse vectors.
    Splade(Box<SpladeConfig>),
    /// To fill in masked words: warms up a head.
    Mlm(MlmConfig),
}

/// Ranking.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpladeConfig {
    /// JSONL of {"query", "positive", "negatives"?, "scores"?}.
    #[serde(default)]
    pub pairs: Vec<PathBuf>,
    /// Examples by id, in place of pairs.
    pub triples: Option<TriplesConfig>,
    /// Own negatives of each query.
    #[serde(default)]
    pub negatives: usize,
    /// The weights of the losses.
    #[serde(default)]
    pub loss: LossConfig,
    /// Teachers that score each query against all documents of its batch. With one, scores in the
    /// files of pairs are not used.
    #[serde(default)]
    pub teachers: Vec<TeacherConfig>,
    /// The penalty on documents.
    #[serde(default)]
    pub documents: PenaltyConfig,
    /// The penalty on queries.
    #[serde(default)]
    pub queries: PenaltyConfig,
    /// Trains weights of query tokens too, for searches without a network.
    pub token_queries: Option<TokenQueriesConfig>,
    /// Targets that set the λs, in place of fixed ones.
    #[serde(default)]
    pub budget: BudgetConfig,
}

/// Queries as their tokens, each with a learned weight.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenQueriesConfig {
    /// The weights to begin with: a `query_weights.json`. Without it, each token's idf.
    pub initial: Option<PathBuf>,
    /// The factor of their ranking loss, which is added to that of the network's queries.
    pub weight: f64,
}

/// A teacher of whole batches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeacherConfig {
    /// What its scores are.
    pub kind: TeacherKind,
    /// The folder of its model; BM25 has none.
    pub model: Option<PathBuf>,
    /// The pooling of a sparse model whose folder does not say it.
    pub pooling: Option<PoolingStrategy>,
    /// The factor of its scores in the sum of all teachers.
    #[serde(default = "one")]
    pub weight: f32,
    /// Whether its scores of a query's documents become z-scores: mean 0, deviation 1.
    #[serde(default = "yes")]
    pub standardize: bool,
}

/// What a teacher's scores are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TeacherKind {
    /// Cosines of the embeddings of a sentence-transformers model.
    Dense,
    /// Products of a SPLADE model's vectors.
    Sparse,
    /// BM25 over the documents of the run.
    Bm25,
}

/// MS MARCO's files by id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriplesConfig {
    /// `qid pid⁺ pid⁻ …` a line.
    pub triples: PathBuf,
    /// `pid<TAB>text`, or BEIR JSONL.
    pub collection: PathBuf,
    /// `qid<TAB>text`, or BEIR JSONL.
    pub queries: PathBuf,
    /// A teacher's `qid pid score` a line.
    pub scores: Option<PathBuf>,
}

/// A mixture of losses: each is multiplied with its weight.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LossConfig {
    /// InfoNCE with in-batch negatives.
    pub info_nce: f64,
    /// Margin-MSE against the teacher.
    pub margin_mse: f64,
    /// KL divergence from the teacher.
    pub kl: f64,
    /// Distance of the vectors of all texts from those of sparse teachers: 1 − cos.
    pub vectors: f64,
    /// Which documents of the batch are negatives of a query beside its own.
    pub in_batch: InBatch,
    /// The factor of the teacher's scores.
    pub teacher_scale: f64,
    /// The divisor of the student's scores in InfoNCE and KL.
    pub temperature: f64,
}

/// In-batch negatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InBatch {
    /// The other queries' positives (Formal et al. 2021).
    #[default]
    Positives,
    /// All documents of the batch.
    All,
    /// None but the query's own.
    None,
}

impl Default for LossConfig {
    fn default() -> Self {
        Self {
            info_nce: 1.0,
            margin_mse: 0.0,
            kl: 0.0,
            vectors: 0.0,
            in_batch: InBatch::Positives,
            teacher_scale: 1.0,
            temperature: 1.0,
        }
    }
}

impl LossConfig {
    /// Whether a teacher's scores are needed.
    pub fn distils(&self) -> bool {
        self.margin_mse != 0.0 || self.kl != 0.0
    }
}

/// A penalty and its weight.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PenaltyConfig {
    /// The kind of penalty.
    pub penalty: Regularizer,
    /// Texts of at most so many terms are free.
    pub longer_than: usize,
    /// λ after the warm-up.
    pub lambda: f64,
    /// Steps over which λ grows, as a square, or over which a budget is approached.
    pub warmup: u64,
}

impl Default for PenaltyConfig {
    fn default() -> Self {
        Self { penalty: Regularizer::Flops, longer_than: 0, lambda: 0.0, warmup: 0 }
    }
}

/// The cost that vectors may have. At most `flops` or the two lengths can be set.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetConfig {
    /// Mean terms of a document.
    pub document_terms: Option<f64>,
    /// Mean terms of a query.
    pub query_terms: Option<f64>,
    /// Expected FLOPS of a pair: Σₜ p_q(t)·p_d(t).
    pub flops: Option<f64>,
}

/// Masked-language-model training.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlmConfig {
    /// Files of one text a line.
    pub texts: Vec<PathBuf>,
    /// The share of tokens to be predicted.
    #[serde(default = "default_mask")]
    pub mask: f64,
}

/// Batch sizes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchConfig {
    /// Queries (or texts, for MLM) a step.
    pub size: usize,
    /// Queries that see each other's documents; by default all of the step. Smaller groups are what
    /// others call gradient accumulation.
    pub contrast: Option<usize>,
    /// So many queries of a batch are near each other, by the embeddings of the first dense
    /// teacher; below 2, all are drawn at random.
    pub neighbors: usize,
    /// For each query so many others of its topic, without documents of their own: they learn from
    /// the teachers what the documents of the step are to them.
    pub extra_queries: usize,
    /// Tokens through the network at a time, padding counted.
    pub tokens: usize,
    /// Run the network twice, first without gradients (GradCache, Gao et al. 2021), so that memory
    /// is bound by `tokens` and not by the step. Off, it runs once and holds the whole step.
    pub cached: bool,
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self {
            size: 32,
            contrast: None,
            neighbors: 0,
            extra_queries: 0,
            tokens: 4096,
            cached: true,
        }
    }
}

/// AdamW and its schedule.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OptimizerConfig {
    /// The largest learning rate.
    pub learning_rate: f64,
    /// Steps of warm-up.
    pub warmup: u64,
    /// AdamW's weight decay.
    pub weight_decay: f64,
    /// The largest joint norm of gradients.
    pub clip: f64,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self {
            learning_rate: 2e-5,
            warmup: 0,
            weight_decay: AdamWOptions::default().weight_decay,
            clip: 1.0,
        }
    }
}

/// Validation while a model trains.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationConfig {
    /// Pairs whose queries are searched among all the file's documents.
    pub pairs: PathBuf,
    /// Steps between two validations.
    pub every: u64,
}

/// Checkpoints.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckpointConfig {
    /// Steps between two checkpoints.
    pub every: u64,
    /// How many of the latest are kept.
    pub keep: usize,
}

impl Default for CheckpointConfig {
    fn default() -> Self {
        Self { every: 500, keep: 2 }
    }
}

fn default_pooling() -> PoolingStrategy {
    PoolingStrategy::Max
}
fn default_document_length() -> usize {
    256
}
fn default_query_length() -> usize {
    64
}
fn default_dropout() -> f64 {
    0.1
}
fn default_mask() -> f64 {
    0.15
}
fn one() -> f32 {
    1.0
}
fn yes() -> bool {
    true
}

impl TrainConfig {
    /// Reads a file of settings.
    ///
    /// # Errors
    /// No such file, bad TOML, a key that does not exist, or a value that can't be.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| TrainError::io(path, source))?;
        let wrong = |what: String| TrainError::Config { path: path.to_owned(), what };
        let mut config: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        config.check().map_err(wrong)?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Makes the file's paths relative to the current folder.
    fn resolve(&mut self, folder: &Path) {
        self.paths().into_iter().for_each(|path| *path = folder.join(&*path));
    }

    /// Everything that a run reads.
    pub(crate) fn inputs(&self) -> Vec<PathBuf> {
        self.clone().paths().into_iter().map(|path| path.clone()).collect()
    }

    /// The paths of all inputs.
    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![&mut self.model.initial];
        match &mut self.objective {
            Objective::Splade(splade) => {
                paths.extend(&mut splade.pairs);
                let models = splade.teachers.iter_mut().map(|teacher| &mut teacher.model);
                paths.extend(models.flatten());
                let tokens = splade.token_queries.as_mut();
                paths.extend(tokens.and_then(|queries| queries.initial.as_mut()));
                if let Some(triples) = &mut splade.triples {
                    let TriplesConfig { triples, collection, queries, scores } = triples;
                    paths.extend([triples, collection, queries]);
                    paths.extend(scores);
                }
            }
            Objective::Mlm(mlm) => paths.extend(&mut mlm.texts),
        }
        paths.extend(self.validation.as_mut().map(|validation| &mut validation.pairs));
        paths
    }

    fn check(&self) -> std::result::Result<(), String> {
        let within = |name: &str, value: f64, range: std::ops::RangeInclusive<f64>| {
            let (from, to) = (range.start(), range.end());
            range
                .contains(&value)
                .then_some(())
                .ok_or(format!("{name} = {value}: expected {from} to {to}"))
        };
        let some = |name: &str, value: u64| {
            (value > 0).then_some(()).ok_or(format!("{name} = 0: expected at least 1"))
        };
        some("steps", self.steps)?;
        some("batch.size", self.batch.size as u64)?;
        some("batch.tokens", self.batch.tokens as u64)?;
        some("batch.contrast", self.batch.contrast.unwrap_or(1) as u64)?;
        some("checkpoint.every", self.checkpoint.every)?;
        some(
            "validation.every",
            self.validation.as_ref().map_or(1, |validation| validation.every),
        )?;
        within("model.dropout", self.model.dropout, 0.0..=0.9)?;
        within("model.attention_dropout", self.model.attention_dropout, 0.0..=0.9)?;
        within("optimizer.learning_rate", self.optimizer.learning_rate, 0.0..=1.0)?;
        within("optimizer.weight_decay", self.optimizer.weight_decay, 0.0..=1.0)?;
        within("optimizer.clip", self.optimizer.clip, f64::MIN_POSITIVE..=f64::MAX)?;
        let dense = |teacher: &TeacherConfig| teacher.kind == TeacherKind::Dense;
        let embedded = matches!(&self.objective, Objective::Splade(splade)
            if splade.teachers.iter().any(dense));
        if self.batch.neighbors > 1 && !embedded {
            return Err("batch.neighbors: needs a teacher of kind \"dense\"".to_owned());
        }
        if self.batch.extra_queries > 0 && self.batch.neighbors < 2 {
            return Err("batch.extra_queries: needs batch.neighbors, of which they are".to_owned());
        }
        match &self.objective {
            Objective::Splade(splade) => splade.check(),
            Objective::Mlm(mlm) => within("objective.mask", mlm.mask, 0.01..=0.9),
        }
    }
}

impl TeacherConfig {
    fn check(&self) -> std::result::Result<(), String> {
        match (self.kind, &self.model) {
            (TeacherKind::Bm25, Some(_)) => {
                Err("objective.teachers: bm25 has no model; leave it out".to_owned())
            }
            (TeacherKind::Dense | TeacherKind::Sparse, None) => {
                Err("objective.teachers: a dense or sparse teacher needs a model".to_owned())
            }
            _ if !self.weight.is_finite() => {
                Err(format!("objective.teachers.weight = {}: expected a number", self.weight))
            }
            _ if self.pooling.is_some() && self.kind != TeacherKind::Sparse => {
                Err("objective.teachers.pooling: only a sparse teacher pools".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl SpladeConfig {
    fn check(&self) -> std::result::Result<(), String> {
        if self.pairs.is_empty() == self.triples.is_none() {
            return Err("objective: give either pairs or triples".to_owned());
        }
        if self.loss.distils() && self.negatives == 0 && self.teachers.is_empty() {
            return Err(
                "objective.negatives = 0: a teacher's scores compare a positive with negatives"
                    .to_owned(),
            );
        }
        if !self.loss.distils() && self.loss.vectors == 0.0 && !self.teachers.is_empty() {
            return Err("objective.teachers: nothing is learned of them; set objective.loss.kl, \
                 margin_mse or vectors"
                .to_owned());
        }
        let sparse = |teacher: &TeacherConfig| teacher.kind == TeacherKind::Sparse;
        if self.loss.vectors > 0.0 && !self.teachers.iter().any(sparse) {
            return Err("objective.loss.vectors: needs a teacher of kind \"sparse\"".to_owned());
        }
        self.teachers.iter().try_for_each(TeacherConfig::check)?;
        let token_weight = self.token_queries.as_ref().map_or(1.0, |queries| queries.weight);
        if token_weight <= 0.0 || token_weight.is_nan() {
            return Err(format!(
                "objective.token_queries.weight = {token_weight}: expected more than 0"
            ));
        }
        let loss = &self.loss;
        if [loss.info_nce, loss.margin_mse, loss.kl, loss.vectors]
            .iter()
            .any(|&weight| weight < 0.0 || weight.is_nan())
        {
            return Err("objective.loss: weights must be 0 or more".to_owned());
        }
        if loss.info_nce + loss.margin_mse + loss.kl + loss.vectors == 0.0 {
            return Err("objective.loss: all weights are 0, nothing would be learned".to_owned());
        }
        if loss.temperature <= 0.0 || loss.temperature.is_nan() {
            return Err(format!(
                "objective.loss.temperature = {}: expected more than 0",
                loss.temperature
            ));
        }
        let budget = &self.budget;
        let lengths = budget.document_terms.or(budget.query_terms);
        if budget.flops.is_some() && lengths.is_some() {
            return Err(
                "objective.budget: give either flops or lengths, which together may contradict"
                    .to_owned(),
            );
        }
        let targets = [budget.flops, lengths, budget.query_terms];
        if targets.into_iter().flatten().any(|target| target <= 0.0 || target.is_nan()) {
            return Err("objective.budget: targets must be more than 0".to_owned());
        }
        let penalized =
            |part: &PenaltyConfig| part.lambda > 0.0 && part.penalty != Regularizer::None;
        let steers_documents = budget.document_terms.or(budget.flops).is_some();
        let steers_queries = budget.query_terms.or(budget.flops).is_some();
        if (steers_documents && !penalized(&self.documents))
            || (steers_queries && !penalized(&self.queries))
        {
            return Err(
                "objective.budget: a side with a target needs a penalty and an initial lambda \
                 above 0"
                    .to_owned(),
            );
        }
        Ok(())
    }
}
