//! `spork mine`.

use std::path::PathBuf;

use clap::ArgGroup;

use super::EncoderArgs;
use crate::inputs::{parse_not_negative, parse_ranks, parse_threads};

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("retriever").required(true).args(["index", "bm25"]))]
pub struct MineArgs {
    /// An index of SPLADE vectors to search; needs --model and --corpus
    #[arg(long, value_name = "DIR", requires = "model", requires = "corpus")]
    pub index: Option<PathBuf>,
    /// The texts of --index's documents: BEIR corpus.jsonl or `id<TAB>text`
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "bm25")]
    pub corpus: Vec<PathBuf>,
    /// The model that encodes queries for --index: directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID", conflicts_with = "bm25")]
    pub model: Option<String>,
    /// Text collections to search with BM25, indexed in a temporary folder
    #[arg(long, value_name = "CORPUS", num_args = 1..)]
    pub bm25: Vec<PathBuf>,
    /// Training pairs: JSONL {"query": text, "positive": text}, plain, .gz or .zst
    #[arg(long, value_name = "FILE")]
    pub pairs: PathBuf,
    /// JSONL {"query", "positive", "negatives", "scores"?}, one line per pair, in order of --pairs
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// With --teacher: replace an --output that is there already
    #[arg(long)]
    pub force: bool,
    /// Ranks from which negatives are drawn, both ends included
    #[arg(long, value_name = "A..B", default_value = "1..100", value_parser = parse_ranks)]
    pub depth: (usize, usize),
    /// Most negatives per pair, drawn at random and listed by rank
    #[arg(long, value_name = "N", default_value = "8")]
    pub negatives: std::num::NonZeroUsize,
    /// Exclude candidates that may be false negatives. Without --teacher: those whose retrieval
    /// score is above X times the positive's (0.95, for example). With --teacher, whose scores lie
    /// around zero: those whose score is above the positive's minus X (0.5, for example)
    /// [default: none is excluded]
    #[arg(long, value_name = "X", value_parser = parse_not_negative)]
    pub margin: Option<f32>,
    /// A dense sentence-transformers model (Transformer, mean Pooling) that scores positive and
    /// negatives: z(cosine) + z(BM25), standardized over the pair's pool and its positive
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub teacher: Option<String>,
    /// Candidates per pair that the teacher scores, drawn at random; negatives are the first of
    /// them that pass --margin
    #[arg(long, value_name = "N", default_value = "32", requires = "teacher")]
    pub pool: std::num::NonZeroUsize,
    /// Random seed; the negatives of a pair depend on it and on the pair's line alone
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Threads that search and write [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Of --model; --precision, --batch-tokens and --device apply to --teacher too
    #[command(flatten)]
    pub encoder: EncoderArgs,
}
