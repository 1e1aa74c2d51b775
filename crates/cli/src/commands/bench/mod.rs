//! `spork bench`: how long queries take, and what work they are, over indexes, depths, strategies and threads.
//!
//! Each combination is a [`load`] that is repeated; its [`row`] holds the median repetition of each figure. A [`record`] of
//! it all is written as a [`table`] and as JSON, of which `spork bench report` makes a page.

use std::path::Path;

use anyhow::{Result, bail};
use spork_files::Output;
use spork_index::Index;
use spork_searcher::{Query, QueryPruning, Scratch, Searcher, Strategy};

use crate::args::{BenchArgs, BenchCommand, MeasureArgs};
use crate::commands::flops::flops;
use crate::commands::provenance::PruningRecord;
use crate::commands::search::{limits, parse, query_pruning, strategy};
use crate::inputs::{WeightedQuery, read_query_vectors};
use crate::progress_bars::bar;

mod load;
mod machine;
mod recall;
mod record;
mod report;
mod row;
mod table;

use load::{Load, Pace};
use recall::Reference;
use record::{Benchmark, IndexRecord};
use row::Row;
use table::write_table;

pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    match (&args.command, &args.measure) {
        (Some(BenchCommand::Report(args)), _) => report::run(args),
        (None, Some(args)) => benchmark(args),
        (None, None) => bail!("--index and --vectors are needed; spork bench --help says more"),
    }
}

fn benchmark(args: &MeasureArgs) -> Result<()> {
    let queries = read_query_vectors(&args.vectors)?;
    if queries.is_empty() {
        bail!("{}: no query in it", args.vectors.display());
    }
    // Opened before the work, so that a bad place shows at once.
    let json = args.json.as_deref().map(|path| Output::open(Some(path))).transpose()?;
    let mut output = Output::open(args.output.as_deref())?;
    let limits = limits(args.limits, &args.strategy)?;
    let pruning = query_pruning(args.query_pruning);
    let reference = args.reference.as_deref().map(|path| SearchedIndex::open(path, &queries)).transpose()?;
    let mut benchmark = Benchmark::new(args, queries.len());
    let loads = args.index.len() * args.strategy.len() * args.k.len() * args.threads.len();
    let bar = bar("measuring", "loads", Some(loads as u64));
    for path in &args.index {
        let SearchedIndex { index, queries: whole } = SearchedIndex::open(path, &queries)?;
        let parsed = parse_all(&index, &queries, pruning)?;
        let wanted = match (&args.reference, &reference) {
            (Some(path), Some(SearchedIndex { index, queries })) => {
                Reference { path, index, queries, is_searched: false }
            }
            _ => Reference { path, index: &index, queries: &whole, is_searched: pruning.keeps_all() },
        };
        warn_of_pruning(path, &index, args);
        if limits.is_exact() {
            check(path, &index, &parsed, args)?;
        }
        benchmark.indexes.push(IndexRecord::new(path, &index, flops(&index, &parsed)?));
        for &strategy_arg in &args.strategy {
            for &k in &args.k {
                for &threads in &args.threads {
                    let load = Load {
                        index: &index,
                        queries: &parsed,
                        k,
                        strategy: strategy(strategy_arg),
                        limits,
                        threads,
                        pace: args.rate.map_or(Pace::Closed, Pace::Open),
                    };
                    benchmark.rows.push(measure(path, &load, wanted, args)?);
                    bar.inc(1);
                }
            }
        }
    }
    bar.finish_and_clear();
    write_table(&benchmark, &mut output)?;
    output.finish()?;
    if let Some(mut json) = json {
        benchmark.write(&mut json)?;
        json.finish()?;
    }
    Ok(())
}

/// An index, and all queries as it knows them.
struct SearchedIndex {
    index: Index,
    queries: Vec<Query>,
}

impl SearchedIndex {
    fn open(path: &Path, queries: &[WeightedQuery]) -> Result<Self> {
        let index = Index::open(path)?;
        let queries = parse_all(&index, queries, QueryPruning::default())?;
        Ok(Self { index, queries })
    }
}

fn parse_all(index: &Index, queries: &[WeightedQuery], pruning: QueryPruning) -> Result<Vec<Query>> {
    queries.iter().map(|query| parse(index, query, pruning)).collect()
}

fn warn_of_pruning(path: &Path, index: &Index, args: &MeasureArgs) {
    if let (Some(pruned), None) = (PruningRecord::of(index.manifest()), &args.reference) {
        tracing::warn!(
            "{} was pruned ({}): recall and exact are about what is left; --reference INDEX holds it against an index that was not",
            path.display(),
            pruned.label()
        );
    }
}

/// A pass to warm up, then the repetitions.
fn measure(path: &Path, load: &Load<'_>, wanted: Reference<'_>, args: &MeasureArgs) -> Result<Row> {
    load.run()?;
    let passes = (0..args.repetitions.get()).map(|_| load.run()).collect::<Result<Vec<_>>>()?;
    let is_all = load.limits.is_exact() && wanted.is_searched;
    let recall = if is_all { 1.0 } else { wanted.recall(load)? };
    Ok(Row::new(path, load, &passes, recall))
}

/// Holds the first queries' answers against exhaustive scoring.
fn check(path: &Path, index: &Index, queries: &[Query], args: &MeasureArgs) -> Result<()> {
    let searcher = Searcher::new(index);
    let mut scratch = Scratch::default();
    for (number, query) in queries.iter().take(args.check).enumerate() {
        for &k in &args.k {
            let expected = searcher.search(query, k, Strategy::Exhaustive, &mut scratch)?.hits;
            for &strategy_arg in &args.strategy {
                let got = searcher.search(query, k, strategy(strategy_arg), &mut scratch)?.hits;
                if got != expected {
                    bail!(
                        "{}: query {} at k = {k}: {} and exhaustive scoring differ; please report this",
                        path.display(),
                        number + 1,
                        strategy(strategy_arg).name()
                    );
                }
            }
        }
    }
    Ok(())
}
