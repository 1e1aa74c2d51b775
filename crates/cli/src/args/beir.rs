//! A BEIR folder in place of its files.

use std::path::PathBuf;

#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct BeirArgs {
    /// A BEIR folder in place of its files: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv, plain,
    /// .gz or .zst
    #[arg(long, value_name = "DIR")]
    pub beir: Option<PathBuf>,
    /// The split of --beir whose topics and judgments count [default: test]
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<String>,
}
