//! What only a program that is linked with libtorch can do.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use spork_model::DeviceChoice;

/// Computes networks with libtorch, on GPUs too, and trains them.
pub trait Libtorch {
    /// The backend that computes the networks of models.
    fn networks(&self) -> &dyn spork_encoder::Backend;

    /// Trains a model; `observer` sees every step as it is done.
    ///
    /// # Errors
    /// Settings, data or a model that can't be used; full memory or disk; vectors that collapse.
    fn train(
        &self,
        run: &TrainingRun<'_>,
        observer: &mut dyn FnMut(&TrainingStep),
    ) -> Result<TrainingSummary>;
}

/// A training run to make.
#[derive(Clone, Copy)]
pub struct TrainingRun<'r> {
    /// The file of settings.
    pub config: &'r Path,
    /// The folder for checkpoints, log and model.
    pub output: &'r Path,
    /// Whether to resume from the latest checkpoint.
    pub resume: bool,
    /// Where the network runs.
    pub device: DeviceChoice,
    /// Stop with a checkpoint once this much time has passed.
    pub stop_after: Option<Duration>,
    /// What computes the networks of teachers on a processor.
    pub teachers: &'r dyn spork_encoder::Backend,
}

/// A step of training, as progress and curve show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingStep {
    /// From 1.
    pub step: u64,
    /// Steps of the whole run.
    pub of: u64,
    /// The loss, penalties included.
    pub loss: f64,
    /// Its part that ranks; none in masked-language-model training.
    pub ranking: Option<f64>,
    /// Terms of a document on average.
    pub document_terms: Option<f64>,
    /// Terms of a query on average.
    pub query_terms: Option<f64>,
    /// Expected FLOPS of a query and a document.
    pub flops: Option<f64>,
    /// The figure of the validation after this step; none without one.
    pub validation: Option<f64>,
    /// Texts that went through the network in a second.
    pub texts_per_second: f64,
}

/// How a training run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingSummary {
    /// Steps done in all, those of earlier parts of the run included.
    pub steps: u64,
    /// Whether all steps are done.
    pub finished: bool,
    /// The metric of the validation: "RR@10".
    pub measure: &'static str,
    /// The best figure of the validation, and the step after which it was measured.
    pub best: Option<(f64, u64)>,
    /// The model, once there is one.
    pub model: Option<PathBuf>,
    /// The file with a record of every step.
    pub log: PathBuf,
    /// Every step of the run, those of earlier parts included.
    pub curve: Vec<TrainingStep>,
}
