//! `spork-torch`: the whole of `spork` with libtorch linked in.

#![forbid(unsafe_code)]

mod training;
mod validation;

use std::process::ExitCode;

use anyhow::Result;
use spork_cli::{Libtorch, TrainingRun, TrainingStep, TrainingSummary};

fn main() -> ExitCode {
    // CUDA is found only if its library is loaded before the first call to libtorch.
    spork_encoder_torch::load_cuda();
    spork_cli::main(Some(&Torch))
}

/// Encodes and trains with libtorch.
struct Torch;

impl Libtorch for Torch {
    fn networks(&self) -> &dyn spork_encoder::Backend {
        &spork_encoder_torch::Torch
    }

    fn train(
        &self,
        run: &TrainingRun<'_>,
        observer: &mut dyn FnMut(&TrainingStep),
    ) -> Result<TrainingSummary> {
        training::train(run, observer)
    }
}
