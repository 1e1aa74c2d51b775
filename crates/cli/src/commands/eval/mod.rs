//! `spork eval`: metrics of runs, side by side.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use spork_eval::{ComparisonTable, Evaluation, Qrels, Resampling, Run};
use spork_files::{Output, Source};

use crate::args::EvalArgs;
use crate::beir;

mod json;
mod judgments;
mod table;

use json::EvaluationFile;
use judgments::{Evaluated, Judgments};

pub(crate) fn run(args: &EvalArgs) -> Result<()> {
    match beir::folder(&args.beir)? {
        Some(folder) => compare(&EvalArgs { qrels: Some(folder.qrels()?), ..args.clone() }),
        None => compare(args),
    }
}

fn compare(args: &EvalArgs) -> Result<()> {
    check_outputs(args)?;
    let judgments = Judgments::read(args)?;
    let metrics = judgments.metrics(args.metrics.as_deref())?;
    let (mut runs, mut evaluations) = (Vec::new(), Vec::new());
    for (name, path) in names(&args.run).into_iter().zip(&args.run) {
        let mut run = Run::read(&mut Source::open(path)?)?;
        let excluded = if args.exclude_same_id { run.exclude_same_ids() } else { 0 };
        if args.exclude_same_id {
            tracing::info!(
                "{}: {excluded} hits whose docno is the qid are left out",
                path.display()
            );
        }
        let evaluation = judgments.evaluate(&run, &metrics, args).with_context(|| {
            format!("{} and {}", path.display(), judgments_path(args).display())
        })?;
        warn(path, &judgments, &run, &evaluation, args.complete);
        runs.push(Evaluated { path: path.clone(), tag: run.tag().map(str::to_owned), excluded });
        evaluations.push((name, evaluation));
    }
    let table = ComparisonTable::new(&evaluations, Resampling::default())?;
    write_files(args, &judgments, &runs, &evaluations, &table)?;
    if args.json.as_deref().is_some_and(is_stdout) || args.tsv.as_deref().is_some_and(is_stdout) {
        return Ok(());
    }
    let mut output = Output::open(None)?;
    if args.per_query {
        table::write_topics(&mut output, &evaluations)?;
    }
    table::write_table(&mut output, &table, judgments.topics())?;
    Ok(output.finish()?)
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// At most one thing goes to standard output.
fn check_outputs(args: &EvalArgs) -> Result<()> {
    let outputs = [&args.json, &args.tsv, &args.per_query_output];
    let stdout = outputs.iter().filter(|path| path.as_deref().is_some_and(is_stdout)).count();
    if stdout > 1 || (stdout == 1 && args.per_query) {
        bail!("give --json, --tsv or --per-query-output a file: one output fits standard output");
    }
    Ok(())
}

fn judgments_path(args: &EvalArgs) -> &Path {
    args.qrels.as_deref().or(args.truth.as_deref()).unwrap_or(Path::new(""))
}

fn warn(path: &Path, judgments: &Judgments, run: &Run, evaluation: &Evaluation, complete: bool) {
    let name = path.display();
    let missing = evaluation.missing();
    match judgments {
        Judgments::Truth(_) if missing > 0 => {
            tracing::warn!("{name} lacks {missing} queries, which count as 0");
        }
        Judgments::Qrels(_) if missing > 0 && !complete => tracing::warn!(
            "{name} lacks {missing} judged topics, which do not count; -c counts them as 0"
        ),
        _ => {}
    }
    if evaluation.unjudged() > 0 {
        tracing::warn!(
            "{name} has {} topics without judgments, which do not count",
            evaluation.unjudged()
        );
    }
    if let Judgments::Qrels(qrels) = judgments
        && !has_judged_document(qrels, run)
    {
        tracing::warn!(
            "{name}: no document of the run is judged; are these the qrels of its collection?"
        );
    }
}

fn has_judged_document(qrels: &Qrels, run: &Run) -> bool {
    run.topics().any(|(qid, ranking)| {
        let judged = qrels.topic(qid);
        judged.is_some_and(|judged| ranking.iter().any(|(docno, _)| judged.grade(docno).is_some()))
    })
}

/// The files' names without folders and endings; the whole paths where those are not told apart.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let short = |path: &PathBuf| {
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

/// Writes what goes to files, or to standard output in place of the table.
fn write_files(
    args: &EvalArgs,
    judgments: &Judgments,
    runs: &[Evaluated],
    evaluations: &[(String, Evaluation)],
    table: &ComparisonTable,
) -> Result<()> {
    if let Some(path) = &args.per_query_output {
        let mut output = Output::open(Some(path))?;
        table::write_topics(&mut output, evaluations)?;
        table::write_all(&mut output, evaluations)?;
        output.finish()?;
    }
    if let Some(path) = &args.json {
        let mut output = Output::open(Some(path))?;
        let file = EvaluationFile::new(args, judgments, runs, evaluations, table);
        serde_json::to_writer_pretty(&mut output, &file)?;
        writeln!(output)?;
        output.finish()?;
    }
    if let Some(path) = &args.tsv {
        let mut output = Output::open(Some(path))?;
        table::write_columns(&mut output, table)?;
        output.finish()?;
    }
    Ok(())
}
