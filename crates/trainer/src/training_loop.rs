//! The training loop: take a batch, make a step, log it, validate and save from time to time.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use spork_encoder_torch::Device;
use spork_encoder_torch::transformer::Dropout;

use crate::batches::{StepBatch, TrainingData};
use crate::checkpoint::{self, RunState};
use crate::collapse::{CollapseWatch, StepHealth};
use crate::config::{Objective, SpladeConfig, TrainConfig};
use crate::error::{Result, TrainError};
use crate::export::export;
use crate::initial_model;
use crate::log::{LogFile, StepRecord};
use crate::mlm::{MaskTokens, Masking};
use crate::optimizer::{AdamW, AdamWOptions, clip_gradients};
use crate::outputs;
use crate::random::{Purpose, stream};
use crate::sampler::Sampler;
use crate::schedule::LearningRate;
use crate::splade::Ranking;
use crate::student::Student;
use crate::teachers::TeacherNetworks;
use crate::token_queries;
use crate::tokens::Tokens;

/// Texts that the start density is measured on.
const DENSITY_SAMPLE: usize = 64;
/// Texts that the first weights of query tokens are counted in.
const FREQUENCY_SAMPLE: usize = 50_000;
/// Batches that are tokenized ahead.
const AHEAD: usize = 2;

/// Measures a model while it trains; higher is better.
pub trait Validator {
    /// The name of its figure, for messages: "RR@10".
    fn name(&self) -> &str;

    /// The figure of the model as it is.
    ///
    /// # Errors
    /// The figure can't be found; the run ends with the error.
    fn validate(
        &mut self,
        student: &Student,
        tokens: &Tokens<'_>,
    ) -> std::result::Result<f64, Box<dyn std::error::Error + Send + Sync>>;
}

/// The options of a run beside its settings.
pub struct RunOptions<'r> {
    /// Where everything goes: checkpoints, log, model.
    pub output: &'r Path,
    /// Go on from the latest checkpoint.
    pub resume: bool,
    /// Where the network runs.
    pub device: Device,
    /// What computes the networks of teachers.
    pub teachers: TeacherNetworks<'r>,
    /// Stop with a checkpoint once this much time has passed.
    pub stop_after: Option<Duration>,
    /// Measures the model at the steps that the settings name.
    pub validator: Option<&'r mut dyn Validator>,
    /// Called after every step.
    pub observer: &'r mut dyn FnMut(&StepRecord),
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Steps done in all.
    pub steps: u64,
    /// Whether all steps are done.
    pub finished: bool,
    /// The validator's best figure and its step.
    pub best: Option<(f64, u64)>,
    /// The exported model, once there is one.
    pub model: Option<PathBuf>,
}

/// Trains.
///
/// # Errors
/// Settings, data or model that can't be; another run in the same folder; full memory or disk;
/// collapsed vectors.
pub fn train(config: &TrainConfig, options: RunOptions<'_>) -> Result<Summary> {
    outputs::check_inputs(config, options.output)?;
    let _lock = outputs::lock(options.output)?;
    let data = TrainingData::read(config, options.teachers, &options.output.join("teachers"))?;
    let initial = initial_model::open(&config.model.initial, config.seed)?;
    let positions = initial.config.positions as usize;
    let tokens = Tokens {
        tokenizer: &initial.tokenizer,
        document_length: config.model.document_length.min(positions),
        query_length: config.model.query_length.min(positions),
    };
    let mut student = Student::new(
        initial.config,
        initial.parameters,
        config.model.pooling.into(),
        config.model.precision,
        Dropout { states: config.model.dropout, attention: config.model.attention_dropout },
        options.device,
    )?;
    if let Objective::Splade(splade) = &config.objective
        && let Some(queries) = &splade.token_queries
    {
        let vocabulary = student.config.vocabulary as usize;
        let weights = match &queries.initial {
            Some(table) => token_queries::read(table, &tokens, vocabulary)?,
            None => token_queries::idf(&tokens, &data.sample(FREQUENCY_SAMPLE), vocabulary)?,
        };
        student.query_weights = Some(token_queries::variables(&weights, options.device)?);
    }
    let learner = match &config.objective {
        Objective::Splade(splade) => Learner::Ranking(Box::new(Ranking::new(splade, config.batch))),
        Objective::Mlm(mlm) => Learner::Masking(Masking {
            share: mlm.mask,
            tokens: MaskTokens::new(&tokens)?,
            batch: config.batch,
        }),
    };
    let optimizer = AdamW::new(
        &student.variables(),
        AdamWOptions { weight_decay: config.optimizer.weight_decay, ..AdamWOptions::default() },
    )?;
    let mut run =
        Run { config, student, tokens, learner, optimizer, state: RunState::default(), options };
    run.begin(&data)?;
    run.steps(&data)?;
    run.end()
}

/// The objective with its state.
enum Learner {
    Ranking(Box<Ranking>),
    Masking(Masking),
}

struct Run<'r, 'o> {
    config: &'r TrainConfig,
    student: Student,
    tokens: Tokens<'r>,
    learner: Learner,
    optimizer: AdamW,
    state: RunState,
    options: RunOptions<'o>,
}

impl Run<'_, '_> {
    fn checkpoints(&self) -> PathBuf {
        self.options.output.join("checkpoints")
    }

    fn model(&self) -> PathBuf {
        self.options.output.join("model")
    }

    /// Takes up the latest checkpoint, or sets the model up.
    fn begin(&mut self, data: &TrainingData) -> Result<()> {
        let output = self.options.output;
        std::fs::create_dir_all(output).map_err(|source| TrainError::io(output, source))?;
        let latest = checkpoint::latest(&self.checkpoints())?;
        match latest {
            Some(folder) if self.options.resume => {
                self.state = checkpoint::load(&folder, &self.student, &mut self.optimizer)?;
                if let Learner::Ranking(ranking) = &mut self.learner {
                    ranking.restore(self.state.ranking.clone(), self.student.device)?;
                }
                tracing::info!("resuming after step {}", self.state.step);
                Ok(())
            }
            Some(folder) => Err(TrainError::Data(format!(
                "{} already holds a run ({}); resume with --resume, or give another --output",
                output.display(),
                folder.display()
            ))),
            None => {
                if !self.options.resume {
                    outputs::check_begin(output)?;
                }
                self.suppress_special_terms()?;
                self.set_density(data)
            }
        }
    }

    fn suppress_special_terms(&mut self) -> Result<()> {
        if self.config.model.special_terms || !matches!(self.learner, Learner::Ranking(_)) {
            return Ok(());
        }
        let tokenizer = self.tokens.tokenizer;
        let ids = 0..tokenizer.tokens().len() as u32;
        let special: Vec<u32> = ids.filter(|&id| tokenizer.is_special(id)).collect();
        initial_model::suppress(&self.student, &special)
    }

    fn set_density(&mut self, data: &TrainingData) -> Result<()> {
        let Some(terms) = self.config.model.start_terms else { return Ok(()) };
        let texts = self.tokens.documents(&data.sample(DENSITY_SAMPLE))?;
        let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let shift = initial_model::set_density(&self.student, &texts, terms)?;
        tracing::info!(
            "decoder bias shifted by {shift:.3}: a document starts with about {terms} terms"
        );
        Ok(())
    }

    /// Makes all steps that are left, or those that time allows. Another thread tokenizes ahead.
    fn steps(&mut self, data: &TrainingData) -> Result<()> {
        let config = self.config;
        let (first, tokens) = (self.state.step + 1, self.tokens);
        let topics = data.topics(config)?;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(AHEAD);
            scope.spawn(move || {
                let size = config.batch.size;
                let mut sampler = Sampler::new(config.seed, data.len(), size, topics);
                for step in first..=config.steps {
                    let own = sampler.step(step);
                    let extra = sampler.neighbors(step, &own, config.batch.extra_queries);
                    let batch = data.batch(&own, &extra, &tokens, config.seed, step);
                    // The other end is gone once the run has ended early.
                    if sender.send(batch).is_err() {
                        break;
                    }
                }
            });
            self.each_step(receiver)
        })
    }

    fn each_step(&mut self, batches: Receiver<Result<StepBatch>>) -> Result<()> {
        let started = Instant::now();
        let mut log = LogFile::open(&self.options.output.join("train.jsonl"), self.state.step)?;
        let mut watch = CollapseWatch::default();
        let mut saved = self.state.step;
        for batch in batches {
            let mut record = self.step(&batch?)?;
            watch.check(record.step, &self.health(&record))?;
            self.state.step = record.step;
            if let Some(validation) = &self.config.validation
                && (record.step % validation.every == 0 || record.step == self.config.steps)
            {
                record.validation = self.validate(&record)?;
            }
            log.add(&record)?;
            (self.options.observer)(&record);
            if record.step % self.config.checkpoint.every == 0 {
                self.save()?;
                saved = record.step;
            }
            if self.options.stop_after.is_some_and(|most| started.elapsed() >= most) {
                break;
            }
        }
        if saved != self.state.step {
            self.save()?;
        }
        Ok(())
    }

    fn step(&mut self, batch: &StepBatch) -> Result<StepRecord> {
        let started = Instant::now();
        let step = self.state.step + 1;
        let seed = stream(self.config.seed, Purpose::Step, step).next_u64();
        self.optimizer.zero_gradients();
        let mut record = match (&mut self.learner, batch) {
            (Learner::Ranking(ranking), StepBatch::Ranking(batch)) => {
                ranking.step(&self.student, batch, step, seed)?
            }
            (Learner::Masking(masking), StepBatch::Masking(texts)) => {
                masking.step(&self.student, texts, seed)?
            }
            _ => {
                return Err(TrainError::Data(
                    "this run's batches are of another objective".to_owned(),
                ));
            }
        };
        let settings = &self.config.optimizer;
        let rate = LearningRate {
            peak: settings.learning_rate,
            warmup: settings.warmup,
            steps: self.config.steps,
        };
        record.step = step;
        record.learning_rate = rate.at(step);
        let variables = self.student.variables();
        let variables = variables.iter().map(|(_, tensor)| tensor);
        record.gradient_norm = clip_gradients(variables, settings.clip)?;
        // NaN must not reach the weights; the watch ends the run.
        if record.loss.is_finite() && record.gradient_norm.is_finite() {
            self.optimizer.step(record.learning_rate)?;
        } else {
            record.loss = f64::NAN;
        }
        record.seconds = started.elapsed().as_secs_f64();
        Ok(record)
    }

    fn health(&self, record: &StepRecord) -> StepHealth {
        let vocabulary = self.student.config.vocabulary as f64;
        StepHealth {
            loss: record.loss,
            empty_share: record.empty_share,
            active_share: record.document_terms.unwrap_or(0.0) / vocabulary,
        }
    }

    /// Asks the validator, and exports a model that is better than all before.
    fn validate(&mut self, record: &StepRecord) -> Result<Option<f64>> {
        let Some(validator) = &mut self.options.validator else { return Ok(None) };
        let figure =
            validator.validate(&self.student, &self.tokens).map_err(TrainError::Validation)?;
        tracing::info!("step {}: {} {figure:.4}", record.step, validator.name());
        let better = self.state.best.is_none_or(|(best, _)| figure > best);
        if better && counts(self.config, record) {
            self.state.best = Some((figure, record.step));
            export(&self.model(), &self.student, &self.tokens, &self.config.model)?;
        }
        Ok(Some(figure))
    }

    fn save(&mut self) -> Result<()> {
        if let Learner::Ranking(ranking) = &self.learner {
            self.state.ranking = ranking.state()?;
        }
        let keep = self.config.checkpoint.keep;
        checkpoint::save(&self.checkpoints(), &self.state, &self.student, &self.optimizer, keep)
    }

    fn end(self) -> Result<Summary> {
        let finished = self.state.step >= self.config.steps;
        let model = self.model();
        // Without a validator, or where none of its figures counted, the last model is exported.
        if finished && self.state.best.is_none() {
            export(&model, &self.student, &self.tokens, &self.config.model)?;
        }
        let exported = self.state.best.is_some() || finished;
        Ok(Summary {
            steps: self.state.step,
            finished,
            best: self.state.best,
            model: exported.then_some(model),
        })
    }
}

/// Whether a model may be the best: a denser one nearly always ranks better, so only models count
/// whose regularization has reached its strength and whose vectors keep to the budget, if there is
/// one.
fn counts(config: &TrainConfig, record: &StepRecord) -> bool {
    const TOLERANCE: f64 = 1.1;
    let Objective::Splade(splade) = &config.objective else { return true };
    let SpladeConfig { documents, queries, budget, .. } = splade.as_ref();
    let within = |measured: Option<f64>, target: Option<f64>| match (measured, target) {
        (Some(measured), Some(target)) => measured <= target * TOLERANCE,
        _ => true,
    };
    record.step >= documents.warmup.max(queries.warmup).min(config.steps)
        && within(record.document_terms, budget.document_terms)
        && within(record.query_terms, budget.query_terms)
        && within(record.flops, budget.flops)
}
