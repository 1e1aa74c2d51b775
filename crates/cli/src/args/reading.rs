//! How files of vectors are read and written, for all commands that do.

use std::path::PathBuf;

use spork_vectors::{Format, ReadOptions, Scratch, Values};

use crate::inputs::parse_factor;

/// What files of vectors do not say themselves.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ReadingArgs {
    /// Format of the vectors: svec, jsonl, ciff, anserini, anserini-topics, pyserini, pisa,
    /// seismic, seismic-bin or csr [default: as content and name say]
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub from: Option<Format>,
    /// What the numbers of a CIFF file are, where it does not say it itself
    #[arg(long, value_enum)]
    pub values: Option<Values>,
    /// Token table of formats whose terms are numbers: JSON {"token": number}, or one token a line
    /// [default: FILE.tokens.json beside the file, else terms are digits]
    #[arg(long, value_name = "FILE")]
    pub tokens: Option<PathBuf>,
}

impl ReadingArgs {
    /// The options of a reader with these temporary files and this memory.
    pub fn options(&self, topics: Option<PathBuf>, scratch: Scratch) -> ReadOptions {
        let Self { from: format, values, tokens } = self.clone();
        ReadOptions { format, values, tokens, topics, scratch }
    }
}

/// What a format of integers needs to know.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct WritingArgs {
    /// Multiply weights by N before they are rounded, in formats of integers [default: 1 where all
    /// are integers; else 100, and for CIFF what makes the largest 255]
    #[arg(long, value_name = "N", value_parser = parse_factor)]
    pub factor: Option<f64>,
}
