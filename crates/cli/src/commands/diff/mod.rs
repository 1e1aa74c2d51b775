//! `spork diff`: where two sides rank differently.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use spork_eval::{Qrels, Run, RunAgreement, TopicAgreement};
use spork_files::{Output, Source};
use spork_search::{DifferenceReport, ReportedTopic, TopicDifference};

use crate::args::DiffArgs;
use crate::beir;
use crate::program::Program;

mod searches;
mod table;

pub(crate) fn run(args: &DiffArgs, program: Program<'_>) -> Result<()> {
    let (mut report, runs) =
        if args.run.is_empty() { searches::report(args, program)? } else { of_runs(args)? };
    if let Some(qrels) = qrels(args)? {
        report.judge(qrels, &runs, &args.metric)?;
    }
    report.sort();
    if let Some(path) = &args.json {
        let mut output = Output::open(Some(path))?;
        serde_json::to_writer_pretty(&mut output, &report)?;
        writeln!(output)?;
        output.finish()?;
        if path == Path::new("-") {
            return Ok(());
        }
    }
    let mut output = Output::open(None)?;
    table::write(&mut output, &report, args.show)?;
    Ok(output.finish()?)
}

/// The report on two run files.
fn of_runs(args: &DiffArgs) -> Result<(DifferenceReport, [Run; 2])> {
    let [first, second] = args.run.as_slice() else { bail!("--run takes two files") };
    let read = |path: &Path| anyhow::Ok(Run::read(&mut Source::open(path)?)?);
    let runs = [read(first)?, read(second)?];
    let agreement = RunAgreement::new(&runs, args.k);
    let topic = |agreement: &TopicAgreement| {
        let terms = vec![Vec::new(); agreement.moves.len()];
        let difference = TopicDifference { agreement: agreement.clone(), terms };
        ReportedTopic { difference, text: None, values: None }
    };
    for (run, path) in runs.iter().zip([first, second]) {
        let missing = agreement.topics.len() - run.len();
        if missing > 0 {
            tracing::warn!(
                "{} lacks {missing} of {} topics: there it agrees with nothing",
                path.display(),
                agreement.topics.len()
            );
        }
    }
    let topics = agreement.topics.iter().map(topic).collect();
    let names = [first, second].map(|path| path.display().to_string());
    let (k, depth, apart) = (args.k, None, false);
    Ok((DifferenceReport { names, k, depth, apart, agreement, topics, judged: None }, runs))
}

fn qrels(args: &DiffArgs) -> Result<Option<Qrels>> {
    let path = match (&args.qrels, beir::folder(&args.beir)?) {
        (Some(path), _) => path.clone(),
        (None, Some(folder)) => folder.qrels()?,
        (None, None) => return Ok(None),
    };
    Ok(Some(Qrels::read(&mut Source::open(&path)?)?))
}
