//! `spork bench`: time and work of queries, the report of results, and the machine.

use std::io::Write;

use anyhow::{Result, bail};
use spork_files::Output;
use spork_index::Index;
use spork_measure::{Arrivals, Benchmark, Experiment, Machine};

use crate::args::{BenchArgs, BenchCommand, MeasureArgs, ReportArgs};
use crate::program::Program;
use crate::progress_bars::bar;
use crate::queries::Queries;
use crate::query_batch::QueryBatch;
use crate::search_options::{limits, query_pruning};

pub(crate) fn run(args: &BenchArgs, program: Program<'_>) -> Result<()> {
    match (&args.command, &args.measure) {
        (Some(BenchCommand::Report(args)), _) => report(args),
        (None, _) if args.machine => describe_machine(),
        (None, Some(args)) => benchmark(args, program),
        (None, None) => {
            bail!("--index and --vectors or --topics are needed; see spork bench --help")
        }
    }
}

fn describe_machine() -> Result<()> {
    let mut output = Output::open(None)?;
    serde_json::to_writer_pretty(&mut output, &Machine::current()?)?;
    writeln!(output)?;
    Ok(output.finish()?)
}

fn benchmark(args: &MeasureArgs, program: Program<'_>) -> Result<()> {
    let indexes =
        args.index.iter().map(|folder| Index::open(folder)).collect::<Result<Vec<_>, _>>()?;
    let indexes: Vec<&Index> = indexes.iter().collect();
    let queries = Queries::open(&args.queries, None, &indexes, false, program)?.all()?;
    // Opened before the work, so that a bad place shows at once.
    let json = args.json.as_deref().map(|path| Output::open(Some(path))).transpose()?;
    let mut output = Output::open(args.output.as_deref())?;
    let benchmark = measure(args, &queries)?;
    benchmark.write_table(&mut output)?;
    output.finish()?;
    if let Some(mut json) = json {
        benchmark.write_json(&mut json)?;
        json.finish()?;
    }
    Ok(())
}

fn measure(args: &MeasureArgs, queries: &QueryBatch) -> Result<Benchmark> {
    let command: Vec<String> = std::env::args().skip(1).collect();
    let experiment = Experiment {
        program: concat!("spork ", env!("CARGO_PKG_VERSION")),
        command: &command,
        query_file: args.queries.file(),
        queries,
        indexes: &args.index,
        strategies: &args.strategy,
        cutoffs: &args.k,
        threads: &args.threads,
        arrivals: args.rate.map_or(Arrivals::Closed, Arrivals::Rate),
        limits: limits(args.limits, &args.strategy)?,
        query_pruning: query_pruning(args.query_pruning),
        reference: args.reference.as_deref(),
        repetitions: args.repetitions,
        checked_queries: args.check,
    };
    let bar = bar("measuring", "rows", Some(experiment.combinations() as u64));
    let benchmark = experiment.run(|| bar.inc(1));
    bar.finish_and_clear();
    Ok(benchmark?)
}

#[cfg(feature = "plot")]
fn report(args: &ReportArgs) -> Result<()> {
    let page = spork_measure::report::page(&args.input, args.evaluations.as_deref())?;
    let mut output = Output::open(args.output.as_deref())?;
    output.write_all(page.as_bytes())?;
    Ok(output.finish()?)
}

#[cfg(not(feature = "plot"))]
fn report(_: &ReportArgs) -> Result<()> {
    bail!(crate::commands::plot::WITHOUT_PLOT)
}
