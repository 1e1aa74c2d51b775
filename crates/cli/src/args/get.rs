//! `spork get`.

use std::path::PathBuf;

/// Without --text and --vector: all that the index holds of each document, as a line of JSON.
#[derive(Debug, clap::Args)]
pub struct GetArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// The documents to print, in this order
    #[arg(long, value_name = "DOCNO", required = true, num_args = 1..)]
    pub docno: Vec<String>,
    /// The text alone, as it was stored
    #[arg(long, conflicts_with = "vector")]
    pub text: bool,
    /// The vector alone, as a line of JSONL vectors
    #[arg(long)]
    pub vector: bool,
}
