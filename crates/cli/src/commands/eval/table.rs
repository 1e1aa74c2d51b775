//! Figures as text.

use std::io::Write;

use anyhow::Result;
use spork_eval::{Comparison, ComparisonTable, Evaluation, Metric};

/// A line a topic and measure, `measure<TAB>qid<TAB>value`, as trec_eval and ir-measures print
/// them; several runs are told apart by a fourth column.
pub(super) fn write_topics(
    output: &mut impl Write,
    evaluations: &[(String, Evaluation)],
) -> Result<()> {
    for (name, evaluation) in evaluations {
        for (qid, values) in evaluation.topics() {
            write_lines(output, qid, evaluation.metrics(), values, run_column(evaluations, name))?;
        }
    }
    Ok(())
}

/// A line a measure over the topics of each run, in the same columns.
pub(super) fn write_all(
    output: &mut impl Write,
    evaluations: &[(String, Evaluation)],
) -> Result<()> {
    for (name, evaluation) in evaluations {
        let values = evaluation.summaries();
        write_lines(output, "all", evaluation.metrics(), &values, run_column(evaluations, name))?;
    }
    Ok(())
}

fn run_column<'a>(evaluations: &[(String, Evaluation)], name: &'a str) -> Option<&'a str> {
    (evaluations.len() > 1).then_some(name)
}

fn write_lines(
    output: &mut impl Write,
    qid: &str,
    metrics: &[Metric],
    values: &[f64],
    run: Option<&str>,
) -> Result<()> {
    for (metric, value) in metrics.iter().zip(values) {
        write!(output, "{metric}\t{qid}\t{}", figure(*metric, *value))?;
        run.map_or(Ok(()), |run| write!(output, "\t{run}"))?;
        writeln!(output)?;
    }
    Ok(())
}

fn figure(metric: Metric, value: f64) -> String {
    if metric.measure().is_count() { format!("{value:.0}") } else { format!("{value:.4}") }
}

/// One run: a line a metric, as trec_eval prints it. Several: a column a run, with each difference
/// to the first and its p by randomization and by t test. Where fewer topics count than the
/// `judged` ones, the figures say so.
pub(super) fn write_table(
    output: &mut impl Write,
    report: &ComparisonTable,
    judged: usize,
) -> Result<()> {
    let topics = (report.topics < judged).then(|| format!("{} of {judged} topics", report.topics));
    if let [run] = report.runs.as_slice() {
        for (metric, value) in report.metrics.iter().zip(&run.summaries) {
            write!(output, "{metric}\tall\t{}", figure(*metric, *value))?;
            topics.as_ref().map_or(Ok(()), |topics| write!(output, "\t{topics}"))?;
            writeln!(output)?;
        }
        return Ok(());
    }
    let corner = topics.map_or_else(|| "metric".to_owned(), |topics| format!("metric ({topics})"));
    let mut rows: Vec<Vec<String>> = vec![vec![corner]];
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

fn write_aligned(output: &mut impl Write, rows: &[Vec<String>]) -> Result<()> {
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

/// A line a run and a column a measure, below their names; the first column is named `index`, as
/// `spork bench report --evaluations` reads it.
pub(super) fn write_columns(output: &mut impl Write, report: &ComparisonTable) -> Result<()> {
    write!(output, "index")?;
    for metric in &report.metrics {
        write!(output, "\t{metric}")?;
    }
    writeln!(output)?;
    for run in &report.runs {
        write!(output, "{}", run.name)?;
        for (metric, value) in report.metrics.iter().zip(&run.summaries) {
            write!(output, "\t{}", figure(*metric, *value))?;
        }
        writeln!(output)?;
    }
    Ok(())
}
