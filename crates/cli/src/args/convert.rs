//! `spork convert`.

use std::path::PathBuf;

use spork_vectors::binary::WeightFormat;

/// Conversion between formats of vectors.
#[derive(Debug, clap::Args)]
pub struct ConvertArgs {
    /// Vectors files of any format; the parts of `spork encode --shard` in any order
    #[arg(long, value_name = "VECTORS", num_args = 1.., required = true)]
    pub input: Vec<PathBuf>,
    /// Output: .svec (compact, checksummed) or JSONL, by its name [default: JSONL, standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Number format of weights in an .svec file [default: the input's]
    #[arg(long, value_enum)]
    pub weights: Option<WeightFormat>,
    /// Replace an --output that holds vectors already
    #[arg(long)]
    pub force: bool,
}
