//! `spork eval`.

use std::path::PathBuf;

use super::BeirArgs;

#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("judgments").required(true).args(["qrels", "beir", "truth"]))]
pub struct EvalArgs {
    /// Relevance judgments: TREC qrels, three columns below a header such as BEIR's, or JSON with
    /// the same names
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// In place of --qrels
    #[command(flatten)]
    pub beir: BeirArgs,
    /// Ground truth of BigANN's benchmarks, in place of judgments: the recall of the true nearest
    /// documents. Docnos and qids are numbers from 0; missing queries count as 0
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["complete", "level", "depth", "exclude_same_id"]
    )]
    pub truth: Option<PathBuf>,
    /// Run files, TREC or MS MARCO; further ones are compared with the first, over the topics that
    /// all of them have
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub run: Vec<PathBuf>,
    /// Measures, as ir-measures or trec_eval name them, such as "nDCG@10 recall.100,1000"
    /// (default: "nDCG@10 RR@10 R@100 R@1000 AP"; with --truth, R@K of all K neighbors)
    #[arg(long)]
    pub metrics: Option<String>,
    /// Print a line per topic as well: `measure<TAB>qid<TAB>value`, and the run where there are
    /// several
    #[arg(long, short = 'q')]
    pub per_query: bool,
    /// Write these lines to a file, with one line of all topics for each measure
    #[arg(long, value_name = "FILE.tsv")]
    pub per_query_output: Option<PathBuf>,
    /// Write all figures, also of each topic, and comparisons as JSON: to a file, or to standard
    /// output in place of the table
    #[arg(long, value_name = "FILE.json", num_args = 0..=1, default_missing_value = "-")]
    pub json: Option<PathBuf>,
    /// Write a table for `spork bench report --evaluations`: a line a run, a column a measure; to a
    /// file, or to standard output in place of the table
    #[arg(long, value_name = "FILE.tsv", num_args = 0..=1, default_missing_value = "-")]
    pub tsv: Option<PathBuf>,
    /// Leave out hits whose docno is the qid: for topics that are documents themselves, as in
    /// ArguAna and Quora
    #[arg(long)]
    pub exclude_same_id: bool,
    /// Count topics that are missing from a run as 0
    #[arg(short = 'c', long)]
    pub complete: bool,
    /// Lowest grade that counts as relevant, for measures that do not name one; 2 for TREC DL
    #[arg(short = 'l', long, value_name = "LEVEL", default_value_t = 1)]
    pub level: u32,
    /// Evaluate the first DEPTH documents of each topic only
    #[arg(short = 'M', long, value_name = "DEPTH")]
    pub depth: Option<std::num::NonZeroUsize>,
}
