//! `spork eval`: metrics of runs, side by side.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use spork_eval::{
    Comparison, ComparisonTable, Evaluation, Metric, Options, Qrels, Resampling, Run, evaluate,
};
use spork_files::{Output, Source};

use crate::args::EvalArgs;

pub(crate) fn run(args: &EvalArgs) -> Result<()> {
    let metrics = Metric::parse_list(&args.metrics)?;
    let qrels = Qrels::read(&mut Source::open(&args.qrels)?)?;
    let options = Options { level: args.level, depth: args.depth, complete: args.complete };
    let names = names(&args.run);
    let mut evaluations = Vec::new();
    for (name, path) in names.into_iter().zip(&args.run) {
        let run = Run::read(&mut Source::open(path)?)?;
        let evaluation = evaluate(&qrels, &run, &metrics, options)
            .with_context(|| format!("{} and {}", path.display(), args.qrels.display()))?;
        warn(path, &evaluation, args.complete);
        if !has_judged_document(&qrels, &run) {
            tracing::warn!(
                "{}: no document of the run is judged; are these the qrels of its collection?",
                path.display()
            );
        }
        evaluations.push((name, evaluation));
    }
    let mut output = Output::open(None)?;
    if args.per_query {
        write_topics(&mut output, &metrics, &evaluations)?;
    }
    write_table(&mut output, &ComparisonTable::new(&evaluations, Resampling::default()))?;
    Ok(output.finish()?)
}

fn has_judged_document(qrels: &Qrels, run: &Run) -> bool {
    run.topics().any(|(qid, ranking)| {
        let judged = qrels.topic(qid);
        judged.is_some_and(|judged| ranking.iter().any(|(docno, _)| judged.grade(docno).is_some()))
    })
}

fn warn(path: &Path, evaluation: &Evaluation, complete: bool) {
    let path = path.display();
    if evaluation.missing() > 0 && !complete {
        tracing::warn!(
            "{path} lacks {} judged topics, which do not count; -c counts them as 0",
            evaluation.missing()
        );
    }
    if evaluation.unjudged() > 0 {
        tracing::warn!(
            "{path} has {} topics without judgments, which do not count",
            evaluation.unjudged()
        );
    }
}

/// The files' names without folders and endings; the whole paths where those are not told apart.
fn names(paths: &[std::path::PathBuf]) -> Vec<String> {
    let short = |path: &std::path::PathBuf| {
        let mut path = path.clone();
        while path.extension().is_some_and(|ending| {
            ["gz", "zst", "trec", "run", "txt", "tsv"].iter().any(|e| ending == *e)
        }) {
            path.set_extension("");
        }
        path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    };
    let names: Vec<String> = paths.iter().map(short).collect();
    let unique: std::collections::BTreeSet<&String> = names.iter().collect();
    if unique.len() == names.len() {
        names
    } else {
        paths.iter().map(|path| path.display().to_string()).collect()
    }
}

fn write_topics(
    output: &mut Output,
    metrics: &[Metric],
    evaluations: &[(String, Evaluation)],
) -> Result<()> {
    let several = evaluations.len() > 1;
    for (name, evaluation) in evaluations {
        for (qid, values) in evaluation.topics() {
            for (metric, value) in metrics.iter().zip(values) {
                let run = if several { format!("\t{name}") } else { String::new() };
                writeln!(output, "{metric}\t{qid}\t{}{run}", figure(*metric, *value))?;
            }
        }
    }
    Ok(())
}

fn figure(metric: Metric, value: f64) -> String {
    if metric.measure().is_count() { format!("{value:.0}") } else { format!("{value:.4}") }
}

/// One run: a line a metric, as trec_eval prints it. Several: a column a run, with each difference
/// to the first and its p by randomization and by t test.
fn write_table(output: &mut Output, report: &ComparisonTable) -> Result<()> {
    if let [run] = report.runs.as_slice() {
        for (metric, value) in report.metrics.iter().zip(&run.summaries) {
            writeln!(output, "{metric}\tall\t{}", figure(*metric, *value))?;
        }
        return Ok(());
    }
    let mut rows: Vec<Vec<String>> = vec![vec!["metric".to_owned()]];
    rows.extend(report.metrics.iter().map(|metric| vec![metric.to_string()]));
    for (number, run) in report.runs.iter().enumerate() {
        rows[0].push(run.name.clone());
        if number > 0 {
            rows[0].extend(["difference", "p (randomization)", "p (t test)"].map(str::to_owned));
        }
        for (i, metric) in report.metrics.iter().enumerate() {
            let row = &mut rows[i + 1];
            row.push(figure(*metric, run.summaries[i]));
            if number > 0 {
                row.extend(comparison(run.comparisons[i].as_ref()));
            }
        }
    }
    write_aligned(output, &rows)
}

fn comparison(comparison: Option<&Comparison>) -> [String; 3] {
    let Some(comparison) = comparison else { return Default::default() };
    let p = |p: Option<f64>| p.map_or_else(String::new, |p| format!("{p:.4}"));
    [
        format!("{:+.4}", comparison.difference),
        p(comparison.randomization),
        p(comparison.t_test.as_ref().map(|test| test.p)),
    ]
}

fn write_aligned(output: &mut Output, rows: &[Vec<String>]) -> Result<()> {
    let columns = rows.first().map_or(0, Vec::len);
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = format!("{:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line.push_str(&format!("  {cell:>width$}"));
        }
        writeln!(output, "{}", line.trim_end())?;
    }
    Ok(())
}
