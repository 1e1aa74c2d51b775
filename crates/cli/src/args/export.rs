//! `spork export`.

use std::path::PathBuf;

use spork_vectors::Format;

use super::reading::WritingArgs;
use crate::inputs::parse_size;

/// An index as a file of vectors.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// Output [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the output: ciff, anserini, anserini-topics, pisa, seismic, seismic-bin, csr,
    /// jsonl or svec [default: as its name says, else jsonl]
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<Format>,
    /// The field to export [default: the only one]
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    #[command(flatten)]
    pub writing: WritingArgs,
    /// Token table whose numbers terms get, in formats whose terms are numbers [default: the order
    /// of terms, written to FILE.tokens.json]
    #[arg(long, value_name = "FILE")]
    pub tokens: Option<PathBuf>,
    /// Memory limit: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = parse_size)]
    pub memory: u64,
    /// Replace an --output that holds vectors already
    #[arg(long)]
    pub force: bool,
}
