//! `spork index`.

use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum};
use spork_index::Order;
use spork_indexer::Scale;
use spork_postings::Codec;

use super::ReadingArgs;
use crate::inputs::{
    parse_b, parse_mass, parse_not_negative, parse_quantile, parse_scale, parse_size, parse_threads,
};

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum AnalyzerArg {
    /// Lowercased words without stop words, Porter2 stems
    #[default]
    English,
    /// WordPiece tokens of --vocabulary
    Wordpiece,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("source").required(true).multiple(true).args(["input", "bm25", "beir"]))]
#[command(group = ArgGroup::new("text").args(["bm25", "beir"]))]
#[command(group = ArgGroup::new("weighed").multiple(true).args(["bm25", "beir", "values"]))]
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
    /// The index folder; an existing index is replaced once the new one is complete
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Memory limit: 500M, 4G, …
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = parse_size)]
    pub memory: u64,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Order of documents in the index
    #[arg(long, value_enum, default_value_t)]
    pub order: Order,
    /// Approximate: keep only the heaviest terms of each document, which hold a share A of the sum
    /// of its weights [default: all]
    #[arg(long, value_name = "A", value_parser = parse_mass)]
    pub prune_documents: Option<f64>,
    /// Approximate: drop the postings of each list whose weights are below its quantile Q; applied
    /// after --prune-documents [default: none]
    #[arg(long, value_name = "Q", value_parser = parse_quantile)]
    pub prune_terms: Option<f64>,
    /// Step between impacts of --input's weights, or `integer` to keep integers as they are; fixed
    /// for all that is added later [default: as the weights suggest]
    #[arg(long, value_name = "STEP", value_parser = parse_scale, requires = "input")]
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
