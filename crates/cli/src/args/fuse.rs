//! `spork fuse`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::FormatArg;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MethodArg {
    /// Reciprocal rank fusion: the sum of weight / (k + rank)
    Rrf,
    /// `CombSUM`: the sum of weight · score
    Sum,
    /// `CombMNZ`: the sum of scores times the number of lists that have the document, or times the
    /// sum of their weights
    Mnz,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NormalizeArg {
    /// (score − least) / (greatest − least)
    Minmax,
    /// (score − mean) / standard deviation
    Zscore,
    /// Scores as they are
    None,
}

/// What the options do not say.
const RULES: &str = "\
Each topic is fused by itself, from the runs that have it. A list gives 0 to documents that it
lacks. Where it is normalized and all its scores are equal, it gives 0 to its own documents too.
Equal fused scores are in falling docno order. Scores equal those of ranx (wsum and wmnz where
there are weights).";

#[derive(Debug, clap::Args)]
#[command(after_help = RULES)]
pub struct FuseArgs {
    /// Run files, TREC or MS MARCO, two or more
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub run: Vec<PathBuf>,
    /// How ranks or scores become one
    #[arg(long, value_enum, default_value_t = MethodArg::Rrf)]
    pub method: MethodArg,
    /// The constant k of reciprocal ranks: the larger, the less the first ranks stand out
    /// [default: 60]
    #[arg(long, value_name = "K")]
    pub rrf_k: Option<f64>,
    /// What becomes of the scores of each list before they are added [default: minmax]
    #[arg(long, value_enum)]
    pub normalize: Option<NormalizeArg>,
    /// A weight for each run, in their order [default: 1 each]
    #[arg(long, value_name = "W", num_args = 1.., value_delimiter = ',')]
    pub weights: Option<Vec<f64>>,
    /// Documents per query
    #[arg(long, short, default_value_t = 1000)]
    pub k: usize,
    /// The fused run file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the fused run file
    #[arg(long, value_enum, default_value_t)]
    pub format: FormatArg,
    /// The run's name in a TREC run file
    #[arg(long, default_value = "fused")]
    pub tag: String,
}
