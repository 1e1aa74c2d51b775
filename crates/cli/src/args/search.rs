//! `spork search`, and the limits that `spork bench` shares.

use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum};
use spork_model::QueryEncoder;
use spork_searcher::Strategy;

use super::EncoderArgs;
use crate::inputs::{
    parse_idf_power, parse_k, parse_mass, parse_milliseconds, parse_share, parse_threads,
};

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum FormatArg {
    /// qid Q0 docno rank score tag
    #[default]
    Trec,
    /// `qid<TAB>docno<TAB>rank`
    Msmarco,
}

/// Limits that trade exactness for time. Each answer says whether it is exact nevertheless.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LimitArgs {
    /// Approximate: skip blocks of documents whose bound times A can't reach the best k; 1 is exact
    #[arg(long, value_name = "A", default_value = "1", value_parser = parse_share)]
    pub alpha: f32,
    /// Approximate: stop after N postings of a query; blocks with the highest bounds first
    #[arg(long, value_name = "N")]
    pub max_postings: Option<u64>,
    /// Approximate: stop after MS milliseconds of a query; blocks with the highest bounds first
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub max_time: Option<f64>,
}

/// Query pruning, for every strategy.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct QueryPruningArgs {
    /// Approximate: use only the heaviest terms of a query, which hold a share A of the sum of its
    /// weights [default: all]
    #[arg(long, value_name = "A", value_parser = parse_mass)]
    pub query_mass: Option<f64>,
    /// Approximate: use only the N heaviest terms of a query [default: all]
    #[arg(long, value_name = "N")]
    pub query_terms: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("queries").required(true).args(["topics", "vectors"]))]
pub struct SearchArgs {
    /// The index folder
    #[arg(long, value_name = "DIR")]
    pub index: PathBuf,
    /// Queries as text: `qid<TAB>text` or BEIR queries.jsonl; analyzed by a BM25 index, encoded by
    /// --model for any other
    #[arg(long, value_name = "FILE")]
    pub topics: Option<PathBuf>,
    /// Queries as vectors: JSONL {"id", "vector"}, or `qid<TAB>term term …`, where a term of weight
    /// N is repeated N times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "query_model", "EncoderArgs"])]
    pub vectors: Option<PathBuf>,
    /// With --vectors: search although the queries seem to be of another encoder than the index's,
    /// or text
    #[arg(long, requires = "vectors")]
    pub allow_mismatch: bool,
    /// The model that encoded the documents: directory or Hub id
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: Option<String>,
    /// A separate query model, in place of --model
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub query_model: Option<String>,
    /// Documents per query
    #[arg(long, short, default_value_t = 1000, value_parser = parse_k)]
    pub k: usize,
    /// The run file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the run file
    #[arg(long, value_enum, default_value_t)]
    pub format: FormatArg,
    /// The run's name in a TREC run file
    #[arg(long, default_value = "spork")]
    pub tag: String,
    /// Search strategy; all give the same answer unless a limit is set
    #[arg(long, value_enum, default_value_t)]
    pub strategy: Strategy,
    /// Threads; to time single queries, use `spork bench` [default: one per core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<usize>,
    /// Write the times and counters of every query as JSON
    #[arg(long, value_name = "FILE.json")]
    pub stats: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Multiply the weight of each query term by idf^P, its inverse document frequency in the
    /// index: 0 leaves weights as they are, 0.5 often helps on text unlike the training data
    /// [default: the model's power for --topics, else 0]
    #[arg(long, value_name = "P", value_parser = parse_idf_power)]
    pub query_idf: Option<f32>,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

impl SearchArgs {
    /// What the model that encodes the queries is meant to be.
    pub fn query_encoder(&self) -> QueryEncoder {
        if self.query_model.is_some() { QueryEncoder::Separate } else { QueryEncoder::Same }
    }

    /// The model that encodes the queries, if they come as text for one.
    pub fn model(&self) -> Option<&str> {
        self.query_model.as_deref().or(self.model.as_deref())
    }
}
