//! `spork train`: settings and data to a model.

use std::time::Duration;

use anyhow::Result;
#[cfg(feature = "plot")]
use spork_measure::plot::{Panel, Series, draw_panels};

use crate::args::{EncoderArgs, TrainArgs};
use crate::libtorch::{TrainingRun, TrainingStep, TrainingSummary};
use crate::program::Program;
use crate::progress_bars::Bar;

/// How much of the smoothed figures of the progress line stays each step.
const MEMORY: f64 = 0.95;

pub(crate) fn run(args: &TrainArgs, program: Program<'_>) -> Result<()> {
    let torch = program.torch()?;
    let on_processors = EncoderArgs { device: "cpu".to_owned(), ..EncoderArgs::default() };
    let run = TrainingRun {
        config: &args.config,
        output: &args.output,
        resume: args.resume,
        device: args.device.parse()?,
        stop_after: args.stop_after.map(|minutes| Duration::from_secs(60 * minutes)),
        teachers: program.networks(&on_processors)?.backend,
    };
    let template = "{human_pos}/{human_len} steps, {eta} left; {msg}";
    let bar = Bar::with_template("training", "steps", Some(0), template);
    let mut line = Line::default();
    let summary = torch.train(&run, &mut |step| {
        bar.set_figures(step.step, step.of, line.with(step));
    });
    bar.finish_and_clear();
    let summary = summary?;
    tell(&summary);
    draw_curve(args, &summary)
}

/// Pictures are not built in: the log has the same figures.
#[cfg(not(feature = "plot"))]
fn draw_curve(_: &TrainArgs, _: &TrainingSummary) -> Result<()> {
    tracing::info!("no curve.svg: this program was built without the feature \"plot\"");
    Ok(())
}

/// `curve.svg`: what the log says, step by step.
#[cfg(feature = "plot")]
fn draw_curve(args: &TrainArgs, summary: &TrainingSummary) -> Result<()> {
    let series = |name: &'static str, figure: fn(&TrainingStep) -> Option<f64>| Series {
        name: name.to_owned(),
        points: summary
            .curve
            .iter()
            .filter_map(|step| Some((step.step as f64, figure(step)?)))
            .collect(),
    };
    let panels = [
        Panel::curves(
            "loss",
            vec![series("all", |step| Some(step.loss)), series("ranking", |step| step.ranking)],
        ),
        Panel::curves(
            "terms of a text",
            vec![
                series("documents", |step| step.document_terms),
                series("queries", |step| step.query_terms),
            ],
        ),
        Panel::curves("expected FLOPS of a pair", vec![series("FLOPS", |step| step.flops)]),
        Panel::curves("validation", vec![series(summary.measure, |step| step.validation)]),
    ];
    Ok(draw_panels(&args.output.join("curve.svg"), "steps", &panels)?)
}

fn tell(summary: &TrainingSummary) {
    if let Some((figure, step)) = summary.best {
        tracing::info!("best {} {figure:.4}, after step {step}", summary.measure);
    }
    if !summary.finished {
        tracing::info!("stopped after step {}; resume with --resume", summary.steps);
    }
    if let Some(model) = &summary.model {
        tracing::info!("{}: the model; log in {}", model.display(), summary.log.display());
    }
}

/// The live line: smoothed figures of the last steps.
#[derive(Default)]
struct Line {
    figures: Vec<(&'static str, f64)>,
}

impl Line {
    fn with(&mut self, step: &TrainingStep) -> String {
        let named = [
            ("loss", Some(step.loss)),
            ("ranking", step.ranking),
            ("d terms", step.document_terms),
            ("q terms", step.query_terms),
            ("FLOPS", step.flops),
            ("texts/s", Some(step.texts_per_second)),
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
