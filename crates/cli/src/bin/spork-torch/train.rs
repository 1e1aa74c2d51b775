//! `spork train`: settings and data to a model.

use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use spork_encoder::DeviceChoice;
#[cfg(feature = "plot")]
use spork_measure::plot::{Panel, Series, draw_panels};
#[cfg(feature = "plot")]
use spork_trainer::read_log;
use spork_trainer::{RunOptions, StepRecord, Summary, TrainConfig, Validator, train};

use spork::args::TrainArgs;

use crate::validation::Retrieval;

/// How much of the smoothed figures of the progress line stays each step.
const MEMORY: f64 = 0.95;

pub(crate) fn run(args: &TrainArgs) -> Result<()> {
    let config = TrainConfig::read(&args.config)?;
    let choice: DeviceChoice = args.device.parse()?;
    let device = choice.select()?;
    tracing::info!("{device}");
    let mut retrieval =
        config.validation.as_ref().map(|validation| Retrieval::read(&validation.pairs)).transpose()?;
    let bar = progress_bar(config.steps);
    let mut line = Line::default();
    let summary = train(
        &config,
        RunOptions {
            output: &args.output,
            resume: args.resume,
            device: device.device,
            stop_after: args.stop_after.map(|minutes| Duration::from_secs(60 * minutes)),
            validator: retrieval.as_mut().map(|retrieval| retrieval as &mut dyn Validator),
            observer: &mut |record| {
                bar.set_position(record.step);
                bar.set_message(line.with(record));
            },
        },
    );
    bar.finish_and_clear();
    tell(args, &summary?);
    draw_curve(args)
}

/// Pictures are not built in: the log has the same figures.
#[cfg(not(feature = "plot"))]
fn draw_curve(_: &TrainArgs) -> Result<()> {
    tracing::info!("no curve.svg: this program was built without the feature \"plot\"");
    Ok(())
}

/// `curve.svg`: what the log says, step by step.
#[cfg(feature = "plot")]
fn draw_curve(args: &TrainArgs) -> Result<()> {
    let log = read_log(&args.output.join("train.jsonl"))?;
    let series = |name: &'static str, figure: fn(&StepRecord) -> Option<f64>| Series {
        name: name.to_owned(),
        points: log.iter().filter_map(|record| Some((record.step as f64, figure(record)?))).collect(),
    };
    let panels = [
        Panel::curves(
            "loss",
            vec![series("all", |record| Some(record.loss)), series("ranking", |record| record.ranking)],
        ),
        Panel::curves(
            "terms of a text",
            vec![
                series("documents", |record| record.document_terms),
                series("queries", |record| record.query_terms),
            ],
        ),
        Panel::curves("expected FLOPS of a pair", vec![series("FLOPS", |record| record.flops)]),
        Panel::curves("validation", vec![series(Retrieval::NAME, |record| record.validation)]),
    ];
    draw_panels(&args.output.join("curve.svg"), "steps", &panels)
}

fn tell(args: &TrainArgs, summary: &Summary) {
    if let Some((figure, step)) = summary.best {
        tracing::info!("best {} {figure:.4}, after step {step}", Retrieval::NAME);
    }
    if !summary.finished {
        tracing::info!("stopped after step {}; --resume goes on", summary.steps);
    }
    if let Some(model) = &summary.model {
        tracing::info!(
            "{}: the model; log in {}",
            model.display(),
            args.output.join("train.jsonl").display()
        );
    }
}

fn progress_bar(steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{human_pos}/{human_len} steps, {eta} left; {msg}");
    ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The live line: smoothed figures of the last steps.
#[derive(Default)]
struct Line {
    figures: Vec<(&'static str, f64)>,
}

impl Line {
    fn with(&mut self, record: &StepRecord) -> String {
        let rate = record.texts as f64 / record.seconds.max(1e-9);
        let named = [
            ("loss", Some(record.loss)),
            ("ranking", record.ranking),
            ("d terms", record.document_terms),
            ("q terms", record.query_terms),
            ("FLOPS", record.flops),
            ("texts/s", Some(rate)),
        ];
        for (name, figure) in named.into_iter().filter_map(|(name, figure)| Some((name, figure?))) {
            match self.figures.iter_mut().find(|(known, _)| *known == name) {
                Some((_, smoothed)) => *smoothed = MEMORY * *smoothed + (1.0 - MEMORY) * figure,
                None => self.figures.push((name, figure)),
            }
        }
        let words = self.figures.iter().map(|(name, figure)| format!("{name} {figure:.3}"));
        words.collect::<Vec<_>>().join(", ")
    }
}
