//! Training behind the command line's seam.

use anyhow::Result;
use spork_cli::{TrainingRun, TrainingStep, TrainingSummary};
use spork_encoder_torch::{Device, Torch};
use spork_model::DeviceChoice;
use spork_trainer::{
    RunOptions, StepRecord, TeacherNetworks, TrainConfig, Validator, read_log,
    train as run_training,
};

use crate::validation::Retrieval;

/// Makes the run, and reads its log back for the curve.
pub(crate) fn train(
    run: &TrainingRun<'_>,
    observer: &mut dyn FnMut(&TrainingStep),
) -> Result<TrainingSummary> {
    let config = TrainConfig::read(run.config)?;
    let device = spork_encoder_torch::select(run.device)?;
    tracing::info!("{device}");
    let mut retrieval = config
        .validation
        .as_ref()
        .map(|validation| Retrieval::read(&validation.pairs))
        .transpose()?;
    let summary = run_training(
        &config,
        RunOptions {
            output: run.output,
            resume: run.resume,
            device: device.device,
            teachers: teacher_networks(run, device.device),
            stop_after: run.stop_after,
            validator: retrieval.as_mut().map(|retrieval| retrieval as &mut dyn Validator),
            observer: &mut |record| observer(&step(record, config.steps)),
        },
    )?;
    let log = run.output.join("train.jsonl");
    Ok(TrainingSummary {
        steps: summary.steps,
        finished: summary.finished,
        measure: Retrieval::NAME,
        best: summary.best,
        model: summary.model,
        curve: read_log(&log)?.iter().map(|record| step(record, config.steps)).collect(),
        log,
    })
}

/// What computes the networks of teachers, on the device of the run.
fn teacher_networks<'r>(run: &TrainingRun<'r>, device: Device) -> TeacherNetworks<'r> {
    match device {
        Device::Cpu => TeacherNetworks { backend: run.teachers, device: DeviceChoice::Cpu },
        _ => TeacherNetworks { backend: &Torch, device: run.device },
    }
}

fn step(record: &StepRecord, of: u64) -> TrainingStep {
    TrainingStep {
        step: record.step,
        of,
        loss: record.loss,
        ranking: record.ranking,
        document_terms: record.document_terms,
        query_terms: record.query_terms,
        flops: record.flops,
        validation: record.validation,
        texts_per_second: record.texts as f64 / record.seconds.max(1e-9),
    }
}
