//! Training of SPLADE encoders: from settings and data to a model directory.
//!
//! [`TrainConfig`] is `train.toml`; [`train`] makes the run. The way of a step: `work` draws and tokenizes a batch,
//! `micro` takes it through the [`Student`] in pieces, `splade` (or `mlm`, which warms up a head) computes losses and
//! penalties and their gradients, `optimizer` moves the weights. `run` is the loop around it, with `checkpoint`, `log`
//! and `collapse`; `export` writes what comes of it.
//!
//! Everything random follows from the seed and the step, so that a run on a CPU repeats bit for bit, interrupted or
//! not.

#![forbid(unsafe_code)]

mod budget;
mod checkpoint;
mod collapse;
mod config;
mod error;
mod examples;
mod export;
mod files;
pub mod inputs;
mod log;
pub mod loss;
mod micro;
mod mlm;
mod optimizer;
mod random;
mod regularizer;
mod run;
mod sampler;
mod schedule;
mod splade;
mod start;
mod student;
mod texts;
mod tokens;
mod winners;
mod work;

pub use budget::Controller;
pub use config::{
    BatchConfig, BudgetConfig, CheckpointConfig, InBatch, LossConfig, MlmConfig, ModelConfig, Objective,
    OptimizerConfig, PenaltyConfig, Precision, SpladeConfig, TrainConfig, TriplesConfig, ValidationConfig,
};
pub use error::{Result, TrainError};
pub use examples::{Example, Examples};
pub use log::{StepRecord, read_log};
pub use optimizer::{AdamW, AdamWOptions, clip_gradients};
pub use regularizer::Regularizer;
pub use run::{RunOptions, Summary, Validator, train};
pub use schedule::{LearningRate, quadratic_warmup};
pub use student::Student;
pub use texts::{TextId, Texts};
pub use tokens::Tokens;
