//! `spork index`.

use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum};
use spork_index::{ColumnSpec, Order, SchemaError, parse_schema};
use spork_indexer::Scale;
use spork_postings::Codec;
use spork_vectors::Shard;

use super::ReadingArgs;
use crate::inputs::{
    parse_b, parse_factor, parse_mass, parse_not_negative, parse_quantile, parse_scale, parse_size,
    parse_threads,
};

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum AnalyzerArg {
    /// Lowercased words without stop words, Porter2 stems
    #[default]
    English,
    /// WordPiece tokens of --vocabulary
    Wordpiece,
}

/// A field of an index without documents, by the name that it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FieldArg {
    /// Sparse vectors
    Splade,
    /// Text by BM25
    Bm25,
}

/// What an index stores of documents beside their postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StoreArg {
    /// Texts, for `get` and snippets
    Text,
    /// Forward vectors: the terms of a document at once
    Vectors,
}

/// Columns with their kinds.
#[derive(Clone, Debug)]
pub struct ColumnsArg(pub Vec<ColumnSpec>);

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("source").required(true).multiple(true).args(["input", "bm25", "beir", "empty"]))]
#[command(group = ArgGroup::new("text").args(["bm25", "beir", "empty"]))]
#[command(group = ArgGroup::new("weighed").multiple(true).args(["bm25", "beir", "values", "empty"]))]
#[command(group = ArgGroup::new("scaled").multiple(true).args(["input", "empty"]))]
pub struct IndexArgs {
    /// Vectors files of any format (docs/formats.md lists them), such as JSONL {"id", "vector":
    /// {"term": weight}}, plain, .gz or .zst, or a folder of Anserini's; - for standard input
    #[arg(long, value_name = "VECTORS", num_args = 1..)]
    pub input: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// With several --input: join vectors of one model that different backends, precisions or
    /// instruction levels computed; the index records all of them
    #[arg(long, requires = "input")]
    pub allow_mismatch: bool,
    /// Text collections to index with BM25 weights: BEIR corpus.jsonl or `id<TAB>text`; with
    /// --input a hybrid index, whose documents are joined by docno
    #[arg(long, value_name = "CORPUS", num_args = 1..)]
    pub bm25: Vec<PathBuf>,
    /// A BEIR folder, in place of --bm25 and its corpus.jsonl
    #[arg(long, value_name = "DIR")]
    pub beir: Option<PathBuf>,
    /// Without documents, to `add` some later: an index with these fields (splade for vectors, bm25
    /// for text). What an index finds out from its documents is then given: --scale for splade,
    /// --mean-length for bm25, --calibration for both together
    #[arg(
        long,
        value_name = "FIELDS",
        value_enum,
        value_delimiter = ',',
        conflicts_with = "input"
    )]
    pub empty: Vec<FieldArg>,
    /// Mean number of terms of a document of text, with --empty
    #[arg(long, value_name = "N", value_parser = parse_factor,
          conflicts_with_all = ["input", "bm25", "beir"])]
    pub mean_length: Option<f64>,
    /// Typical score of each field, with --empty: what `inspect` says of a like index
    #[arg(long, value_name = "FIELD=X,…", value_delimiter = ',',
          value_parser = parse_calibration, conflicts_with_all = ["input", "bm25", "beir"])]
    pub calibration: Vec<(FieldArg, f32)>,
    /// Columns to store, for filters (docs/filters.md): NAME:KIND with commas between, where KIND
    /// is keyword, integer, float, boolean or time
    #[arg(long, value_name = "COLUMNS", value_parser = parse_columns)]
    pub columns: Option<ColumnsArg>,
    /// What to store beside: text, vectors, or both with a comma between
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub store: Vec<StoreArg>,
    /// Files with the columns and texts of documents, JSONL or `id<TAB>text` [default: those of
    /// --bm25]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub records: Vec<PathBuf>,
    /// The index folder; an existing index is replaced once the new one is complete
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Memory limit: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = parse_size)]
    pub memory: u64,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Index the I-th of N parts of the documents: which part a document is in depends on its docno
    /// alone, so that several --input and --bm25 agree (docs/scale.md)
    #[arg(long, value_name = "I/N", requires = "like")]
    pub shard: Option<Shard>,
    /// Take from another index what an index finds out from its documents or what is chosen here:
    /// scales, calibrations, mean length, analyzer, k1, b, order, codec, and what is stored.
    /// Indexes like one are searched as one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["empty", "scale", "columns", "store"],
          conflicts_with_all = ["prune_documents", "prune_terms", "order", "codec", "analyzer"],
          conflicts_with_all = ["vocabulary", "k1", "b"])]
    pub like: Option<PathBuf>,
    /// Read all documents and write an index without them, which has fixed what one with them
    /// would: what --like takes
    #[arg(long, conflicts_with_all = ["like", "empty", "prune_documents", "prune_terms"])]
    pub statistics_only: bool,
    /// Order of documents in the index
    #[arg(long, value_enum, default_value_t)]
    pub order: Order,
    /// Approximate: keep only the heaviest terms of each document, which hold a share A of the sum
    /// of its weights [default: all]
    #[arg(long, value_name = "A", value_parser = parse_mass, conflicts_with = "empty")]
    pub prune_documents: Option<f64>,
    /// Approximate: drop the postings of each list whose weights are below its quantile Q; applied
    /// after --prune-documents [default: none]
    #[arg(long, value_name = "Q", value_parser = parse_quantile, conflicts_with = "empty")]
    pub prune_terms: Option<f64>,
    /// Step between impacts of --input's weights, or `integer` to keep integers as they are; fixed
    /// for all that is added later [default: as the weights suggest]
    #[arg(long, value_name = "STEP", value_parser = parse_scale, requires = "scaled")]
    pub scale: Option<Scale>,
    /// Codec of posting lists; answers are the same
    #[arg(long, value_enum, default_value_t)]
    pub codec: Codec,
    /// Analyzer that splits text into terms, for --bm25
    #[arg(long, value_enum, default_value_t, requires = "text")]
    pub analyzer: AnalyzerArg,
    /// tokenizer.json or vocab.txt of the WordPiece analyzer
    #[arg(long, value_name = "FILE", requires = "text")]
    pub vocabulary: Option<PathBuf>,
    /// BM25's k1
    #[arg(long, default_value_t = 0.9, requires = "weighed", value_parser = parse_not_negative)]
    pub k1: f32,
    /// BM25's b
    #[arg(long, default_value_t = 0.4, requires = "weighed", value_parser = parse_b)]
    pub b: f32,
}

fn parse_columns(text: &str) -> Result<ColumnsArg, SchemaError> {
    parse_schema(text).map(ColumnsArg)
}

/// `FIELD=X`: the calibration of a field.
fn parse_calibration(text: &str) -> Result<(FieldArg, f32), String> {
    let parsed = text.split_once('=').and_then(|(field, calibration)| {
        let calibration = calibration.parse().ok().filter(|&number: &f32| number.is_normal());
        Some((FieldArg::from_str(field, false).ok()?, calibration.filter(|&number| number > 0.0)?))
    });
    parsed.ok_or("expected splade=X or bm25=X, X above 0".into())
}
