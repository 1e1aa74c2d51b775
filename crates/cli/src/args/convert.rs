//! `spork convert`.

use std::path::PathBuf;

use spork_vectors::Format;
use spork_vectors::binary::WeightFormat;

use super::reading::{ReadingArgs, WritingArgs};
use crate::inputs::parse_size;

/// Conversion between formats of vectors.
#[derive(Debug, clap::Args)]
pub struct ConvertArgs {
    /// Vectors files of any format (docs/formats.md lists them), a folder of Anserini's, or the
    /// parts of `spork encode --shard` in any order
    #[arg(long, value_name = "VECTORS", num_args = 1.., required = true)]
    pub input: Vec<PathBuf>,
    /// Output [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the output [default: as its name says, else jsonl]
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub to: Option<Format>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// The topics of Pyserini's encoded queries, `qid<TAB>text`: vectors get the qids of their
    /// texts
    #[arg(long, value_name = "FILE")]
    pub topics: Option<PathBuf>,
    #[command(flatten)]
    pub writing: WritingArgs,
    /// Number format of weights in an .svec file [default: the input's]
    #[arg(long, value_enum)]
    pub weights: Option<WeightFormat>,
    /// Memory limit: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = parse_size)]
    pub memory: u64,
    /// Replace an --output that holds vectors already
    #[arg(long)]
    pub force: bool,
    /// Join vectors of one model that different backends, precisions or instruction levels
    /// computed; the output records all of them
    #[arg(long)]
    pub allow_mismatch: bool,
}

impl ConvertArgs {
    /// Puts the parts of an encoding together, in place of what is at `output`.
    pub fn of_parts(input: Vec<PathBuf>, output: PathBuf, allow_mismatch: bool) -> Self {
        Self {
            input,
            output: Some(output),
            to: None,
            reading: ReadingArgs::default(),
            topics: None,
            writing: WritingArgs::default(),
            weights: None,
            memory: 4 << 30,
            force: true,
            allow_mismatch,
        }
    }
}
