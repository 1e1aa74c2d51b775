//! `spork bench`, `spork flops` and `spork plot`.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};
use spork_searcher::Strategy;

use super::{LimitArgs, QueryArgs, QueryPruningArgs};
use crate::inputs::{parse_k, parse_rate, parse_threads};

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("queries").required(true).multiple(true).args(["topics", "beir", "vectors"]))]
pub struct FlopsArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    #[command(flatten)]
    pub queries: QueryArgs,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BenchArgs {
    #[command(flatten)]
    pub measure: Option<MeasureArgs>,
    /// Describe this machine as JSON and exit
    #[arg(long, exclusive = true)]
    pub machine: bool,
    #[command(subcommand)]
    pub command: Option<BenchCommand>,
}

impl BenchArgs {
    /// Whether there is something to measure and nothing to search for. The parser can't tell: a
    /// group that is required holds beside `--machine` too.
    pub fn lacks_queries(&self) -> bool {
        let none = |args: &MeasureArgs| args.queries.is_empty();
        !self.machine && self.command.is_none() && self.measure.as_ref().is_some_and(none)
    }
}

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Write results as one HTML page: tables, plots, the machine and the command lines
    Report(ReportArgs),
}

#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Results of `spork bench --json`
    #[arg(long, value_name = "FILE.json", num_args = 1.., required = true)]
    pub input: Vec<PathBuf>,
    /// Effectiveness of the indexes: tab-separated; the first line names the columns, `index` and
    /// measures such as RR@10; indexes are named as in the results
    #[arg(long, value_name = "TABLE.tsv")]
    pub evaluations: Option<PathBuf>,
    /// The page [default: standard output]
    #[arg(long, value_name = "FILE.html")]
    pub output: Option<PathBuf>,
}

// The group says whether these are given: clap fills none that has another flattened in it.
#[derive(Debug, clap::Args)]
#[group(args = ["index"])]
pub struct MeasureArgs {
    /// Index folders; all are searched with the same queries
    #[arg(long, value_name = "DIR", num_args = 1.., required = true)]
    pub index: Vec<PathBuf>,
    #[command(flatten)]
    pub queries: QueryArgs,
    /// Documents per query
    #[arg(long, short, value_delimiter = ',', default_value = "10,1000", value_parser = parse_k)]
    pub k: Vec<usize>,
    /// Search strategies
    #[arg(long, value_enum, value_delimiter = ',', default_value = "auto")]
    pub strategy: Vec<Strategy>,
    /// Threads that answer queries, one query at a time each
    #[arg(
        long,
        value_name = "N",
        value_delimiter = ',',
        default_value = "1",
        value_parser = parse_threads
    )]
    pub threads: Vec<usize>,
    /// Arrival rate in queries per second, whether or not a thread is free, so that latency
    /// includes queueing [default: the next query arrives as soon as a thread is free]
    #[arg(long, value_name = "QPS", value_parser = parse_rate)]
    pub rate: Option<f64>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
    /// Compute recall against the exact answers of this index, such as the same documents without
    /// pruning [default: the index that is searched]
    #[arg(long, value_name = "DIR")]
    pub reference: Option<PathBuf>,
    /// Measured passes over all queries, after one warm-up pass
    #[arg(long, value_name = "N", default_value = "3")]
    pub repetitions: std::num::NonZeroUsize,
    /// Check the answers of the first N queries against exhaustive scoring, unless a limit is set
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub check: usize,
    /// The table, tab-separated, for `spork plot` [default: standard output]
    #[arg(long, value_name = "FILE.tsv")]
    pub output: Option<PathBuf>,
    /// All figures, the machine and the command line as JSON
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct PlotArgs {
    /// Tab-separated; the first line names the columns; - for standard input
    #[arg(long, value_name = "TABLE.tsv")]
    pub input: PathBuf,
    /// Column of the x axis
    #[arg(long, value_name = "COLUMN")]
    pub x: String,
    /// Columns of the y axes, one panel each
    #[arg(long, value_name = "COLUMN", num_args = 1.., required = true)]
    pub y: Vec<String>,
    /// Column that groups rows into lines of the plot
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// Draw the y axes by logarithms; all their values have to be above zero
    #[arg(long)]
    pub log: bool,
    /// The plot: PNG if the name ends in .png, else SVG
    #[arg(long, value_name = "FILE.svg")]
    pub output: PathBuf,
}
