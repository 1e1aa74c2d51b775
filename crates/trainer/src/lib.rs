//! Training of SPLADE encoders: from settings and data to a model directory.
//!
//! [`TrainConfig`] is `train.toml`; [`train`] makes the run. The way of a step: `sampler` and
//! `batches` choose and tokenize a batch, which `teachers` score; `grad_cache` takes it through the
//! [`Student`] in pieces, `splade` (or `mlm`, which warms up a head) computes losses and penalties
//! and their gradients, `optimizer` moves the weights. `training_loop` is around it, with
//! `initial_model`, `checkpoint`, `log` and `collapse`; `export` writes the model.
//!
//! Everything random follows from the seed and the step, so that a run on a CPU repeats bit for
//! bit, interrupted or not.

#![forbid(unsafe_code)]

mod batches;
mod budget;
mod checkpoint;
mod collapse;
mod config;
mod error;
mod examples;
mod export;
mod grad_cache;
mod initial_model;
pub mod inputs;
mod log;
pub mod loss;
mod mlm;
mod neighbors;
mod optimizer;
mod outputs;
mod random;
mod regularizer;
mod sampler;
mod schedule;
mod sparse_max;
mod splade;
mod student;
mod target_vectors;
mod teachers;
mod tensor_file;
mod texts;
mod token_queries;
mod tokens;
mod training_loop;

pub use budget::Controller;
pub use config::{
    BatchConfig, BudgetConfig, CheckpointConfig, InBatch, LayerPrecision, LossConfig, MlmConfig,
    ModelConfig, Objective, OptimizerConfig, PenaltyConfig, SpladeConfig, TeacherConfig,
    TeacherKind, TokenQueriesConfig, TrainConfig, TriplesConfig, ValidationConfig,
};
pub use error::{Result, TrainError};
pub use examples::{Example, Examples};
pub use log::{StepRecord, read_log};
pub use optimizer::{AdamW, AdamWOptions, clip_gradients};
pub use regularizer::Regularizer;
pub use schedule::{LearningRate, quadratic_warmup};
pub use student::Student;
pub use teachers::TeacherNetworks;
pub use texts::{TextId, Texts};
pub use tokens::Tokens;
pub use training_loop::{RunOptions, Summary, Validator, train};
