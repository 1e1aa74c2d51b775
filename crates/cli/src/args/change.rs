//! `spork add`, `spork delete` and `spork merge`.

use std::path::PathBuf;

use clap::ArgGroup;

use spork_vectors::Shard;

use super::ReadingArgs;
use crate::inputs::{parse_size, parse_threads};

/// Limits of a change of an index.
#[derive(Clone, Debug, clap::Args)]
pub struct WorkArgs {
    /// Memory limit: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = parse_size)]
    pub memory: u64,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("documents").required(true).multiple(true).args(["input", "bm25", "beir"]))]
#[command(group = ArgGroup::new("text").args(["bm25", "beir"]))]
pub struct AddArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// Vectors files of any format, such as JSONL {"id", "vector": {"term": weight}}, plain, .gz or
    /// .zst, or a folder of Anserini's; - for standard input. They must be of the encoder that the
    /// index records
    #[arg(long, value_name = "VECTORS", num_args = 1..)]
    pub input: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Add vectors of the index's model that another backend, precision or instruction level
    /// computed; the index then records all of them
    #[arg(long, requires = "input")]
    pub allow_mismatch: bool,
    /// Text collections for the BM25 field: BEIR corpus.jsonl or `id<TAB>text`. Analyzer, k1, b and
    /// mean length are the index's; with --input documents are joined by docno
    #[arg(long, value_name = "CORPUS", num_args = 1..)]
    pub bm25: Vec<PathBuf>,
    /// A BEIR folder, in place of --bm25 and its corpus.jsonl
    #[arg(long, value_name = "DIR")]
    pub beir: Option<PathBuf>,
    /// Files with the columns and texts of documents, where the index stores some: JSONL or
    /// `id<TAB>text` [default: those of --bm25]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub records: Vec<PathBuf>,
    /// The shard that the index is, where it is one: add those of the documents that are its own
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Replace documents whose docnos are there already, which are refused otherwise: a document is
    /// deleted and added, so that it has nothing but what is given now, in all fields
    #[arg(long)]
    pub update: bool,
    /// Leave segments alone that are due to be merged (docs/living.md says which are)
    #[arg(long)]
    pub no_merge: bool,
    #[command(flatten)]
    pub work: WorkArgs,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["docno", "docnos", "filter"]))]
pub struct DeleteArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// Documents to delete
    #[arg(long, num_args = 1..)]
    pub docno: Vec<String>,
    /// A file of docnos to delete, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    pub docnos: Option<PathBuf>,
    /// Delete all documents that a filter on columns keeps, such as 'year < 2000' (docs/filters.md)
    #[arg(long, conflicts_with_all = ["docno", "docnos"])]
    pub filter: Option<String>,
    /// Delete those that are there; without this, a docno that is not there is an error and nothing
    /// is deleted
    #[arg(long)]
    pub ignore_missing: bool,
    /// Write the segments anew that hold these documents, deleted now or before, so that no file of
    /// the index has their docnos, terms or weights any more
    #[arg(long)]
    pub purge: bool,
    /// Leave segments alone that are due to be merged (docs/living.md says which are)
    #[arg(long)]
    pub no_merge: bool,
    #[command(flatten)]
    pub work: WorkArgs,
}

#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    #[command(flatten)]
    pub work: WorkArgs,
}
