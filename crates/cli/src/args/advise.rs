//! `spork advise`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ArgGroup;
use spork_eval::Metric;

use super::QueryArgs;
use crate::inputs::{parse_k, parse_size};

/// What could be otherwise, and what that would do.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("queries").required(true).multiple(true).args(["topics", "beir", "vectors"]))]
pub struct AdviseArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    #[command(flatten)]
    pub queries: QueryArgs,
    /// Relevance judgments: effectiveness is measured by them, and --query-idf and --mix are swept
    /// too [default: recall of the documents that the index finds as it is]
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// The metric of effectiveness
    #[arg(long, value_name = "METRIC", default_value = "nDCG@10", requires = "qrels")]
    pub metric: Metric,
    /// Documents per query, several with commas between
    #[arg(long, short, value_delimiter = ',', default_value = "10", value_parser = parse_k)]
    pub k: Vec<usize>,
    /// Queries that are measured, drawn at random from all, or from those that are judged
    #[arg(long, value_name = "N", default_value = "200")]
    pub sample: NonZeroUsize,
    /// The vectors that the index was built from, to build it otherwise [default: those of the
    /// index, if it has one field and that is of vectors]
    #[arg(long, value_name = "VECTORS", num_args = 1..)]
    pub input: Vec<PathBuf>,
    /// The text that the index was built from
    #[arg(long, value_name = "CORPUS", num_args = 1..)]
    pub bm25: Vec<PathBuf>,
    /// Only search otherwise; build nothing
    #[arg(long, conflicts_with_all = ["input", "bm25"])]
    pub search_only: bool,
    /// Memory limit of building: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = parse_size)]
    pub memory: u64,
    /// All figures as JSON
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<PathBuf>,
    /// A picture of all choices: PNG if the name ends in .png, else SVG
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
}
