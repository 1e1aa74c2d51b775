//! `spork eval`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    /// Relevance judgments: TREC qrels, or BEIR's three columns
    #[arg(long, value_name = "FILE")]
    pub qrels: PathBuf,
    /// Run files, TREC or MS MARCO; further ones are compared with the first
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub run: Vec<PathBuf>,
    /// Measures, as ir-measures or trec_eval name them
    #[arg(long, default_value = "nDCG@10 RR@10 R@100 R@1000 AP")]
    pub metrics: String,
    /// Print a line per topic as well
    #[arg(long, short = 'q')]
    pub per_query: bool,
    /// Count topics that are missing from a run as 0
    #[arg(short = 'c', long)]
    pub complete: bool,
    /// Lowest grade that counts as relevant, for measures that do not name one
    #[arg(short = 'l', long, value_name = "LEVEL", default_value_t = 1)]
    pub level: u32,
    /// Evaluate the first DEPTH documents of each topic only
    #[arg(short = 'M', long, value_name = "DEPTH")]
    pub depth: Option<std::num::NonZeroUsize>,
}
