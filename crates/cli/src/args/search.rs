//! `spork search`, and the limits that `spork bench` shares.

use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum};
use spork_searcher::Strategy;

use super::QueryArgs;
use crate::inputs::{parse_mass, parse_milliseconds, parse_share, parse_threads};

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum FormatArg {
    /// qid Q0 docno rank score tag
    #[default]
    Trec,
    /// `qid<TAB>docno<TAB>rank`
    Msmarco,
}

/// Limits that trade exactness for time. Each answer says whether it is exact nevertheless.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LimitArgs {
    /// Approximate: skip blocks of documents whose bound times A can't reach the best k; 1 is exact
    #[arg(long, value_name = "A", default_value = "1", value_parser = parse_share)]
    pub alpha: f32,
    /// Approximate: stop after N postings of a query; blocks with the highest bounds first
    #[arg(long, value_name = "N")]
    pub max_postings: Option<u64>,
    /// Approximate: stop after MS milliseconds of a query; blocks with the highest bounds first
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub max_time: Option<f64>,
}

/// Query pruning, for every strategy.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct QueryPruningArgs {
    /// Approximate: use only the heaviest terms of a query, which hold a share A of the sum of its
    /// weights [default: all]
    #[arg(long, value_name = "A", value_parser = parse_mass)]
    pub query_mass: Option<f64>,
    /// Approximate: use only the N heaviest terms of a query [default: all]
    #[arg(long, value_name = "N")]
    pub query_terms: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("queries").required(true).multiple(true).args(["topics", "beir", "vectors"]))]
pub struct SearchArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    #[command(flatten)]
    pub queries: QueryArgs,
    /// Documents per query
    #[arg(long, short, default_value_t = 1000)]
    pub k: usize,
    /// Leave out the document whose docno is the qid: for topics that are documents themselves,
    /// as in ArguAna and Quora. K documents remain where there are as many
    #[arg(long)]
    pub exclude_same_id: bool,
    /// The run file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the run file
    #[arg(long, value_enum, default_value_t)]
    pub format: FormatArg,
    /// The run's name in a TREC run file
    #[arg(long, default_value = "spork")]
    pub tag: String,
    /// Search strategy; all give the same answer unless a limit is set
    #[arg(long, value_enum, default_value_t)]
    pub strategy: Strategy,
    /// Threads; to time single queries, use `spork bench` [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Write the times and counters of every query as JSON
    #[arg(long, value_name = "FILE.json")]
    pub stats: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
}
