//! `spork explain` and `spork diff`.

use std::path::{Path, PathBuf};

use clap::ArgGroup;
use spork_searcher::Mix;

use super::{BeirArgs, EncoderArgs, QueryArgs, QueryPruningArgs, ReadingArgs};
use crate::inputs::{parse_idf_power, parse_k};

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("queries").required(true).multiple(true).args(["query", "topics", "beir", "vectors"]))]
pub struct ExplainArgs {
    /// The index folder, or those of several that are searched as one
    #[arg(long, value_name = "DIR", num_args = 1.., required = true)]
    pub index: Vec<PathBuf>,
    /// The documents to explain
    #[arg(long, value_name = "DOCNO", num_args = 1.., required = true)]
    pub docno: Vec<String>,
    /// The query
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["topics", "beir", "vectors"])]
    pub query: Option<String>,
    #[command(flatten)]
    pub queries: QueryArgs,
    /// Which query of --topics, --beir or --vectors [default: the only one]
    #[arg(long, value_name = "QID", conflicts_with = "query")]
    pub qid: Option<String>,
    /// The document's text, to tell terms that stand in it from expansion [default: the one that
    /// the index stores]
    #[arg(long, value_name = "TEXT", conflicts_with = "corpus")]
    pub text: Option<String>,
    /// A file that holds the documents' texts, in place of --text
    #[arg(long, value_name = "FILE")]
    pub corpus: Option<PathBuf>,
    /// A line of JSON for each document, in place of tables
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub query_pruning: QueryPruningArgs,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("sides").required(true).args(["index", "run"]))]
pub struct DiffArgs {
    /// Two index folders; or one, searched in two ways by two values of another option
    #[arg(long, value_name = "DIR", num_args = 1..=2)]
    pub index: Vec<PathBuf>,
    /// Two run files, in place of indexes: rankings are compared, terms are not known
    #[arg(
        long,
        value_name = "FILE",
        num_args = 2,
        conflicts_with_all = ["topics", "vectors", "model", "query_model", "mix", "query_idf"],
        conflicts_with_all = ["EncoderArgs", "ReadingArgs", "allow_mismatch"]
    )]
    pub run: Vec<PathBuf>,
    /// Queries as text, as `spork search` takes them
    #[arg(long, value_name = "FILE", conflicts_with = "beir")]
    pub topics: Option<PathBuf>,
    /// In place of --topics and --qrels
    #[command(flatten)]
    pub beir: BeirArgs,
    /// Queries as vectors: one file, or one for each side
    #[arg(
        long,
        value_name = "FILE",
        num_args = 1..=2,
        conflicts_with_all = ["model", "query_model", "EncoderArgs"]
    )]
    pub vectors: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// With --vectors: search although the queries seem to be of another encoder than the index's
    #[arg(long, requires = "vectors")]
    pub allow_mismatch: bool,
    /// The models that encoded the documents, one or one for each side [default: those that the
    /// indexes name, if they are here]
    #[arg(long, value_name = "DIR|HUB_ID", num_args = 1..=2)]
    pub model: Vec<String>,
    /// Separate query models, in place of --model
    #[arg(long, value_name = "DIR|HUB_ID", num_args = 1..=2)]
    pub query_model: Vec<String>,
    /// How much each field counts, one mix or one for each side
    #[arg(long, value_name = "FIELD=WEIGHT,…", num_args = 1..=2)]
    pub mix: Vec<Mix>,
    /// Powers of idf, one or one for each side
    #[arg(long, value_name = "P", num_args = 1..=2, value_parser = parse_idf_power)]
    pub query_idf: Vec<f32>,
    /// Relevance judgments: say who wins where
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// The measure that decides, as `spork eval` names it
    #[arg(long, value_name = "MEASURE", default_value = "nDCG@10")]
    pub metric: String,
    /// Documents of a topic that are compared
    #[arg(long, short, default_value = "10", value_parser = parse_k)]
    pub k: usize,
    /// Topics that are shown, those that differ most
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub show: usize,
    /// Write all topics as JSON: to a file, or to standard output in place of the tables
    #[arg(long, value_name = "FILE.json", num_args = 0..=1, default_missing_value = "-")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

impl DiffArgs {
    /// The index of a side, 0 or 1.
    pub fn index_of(&self, side: usize) -> &Path {
        of(&self.index, side).map_or(Path::new(""), PathBuf::as_path)
    }

    /// The queries of a side.
    pub fn queries_of(&self, side: usize) -> QueryArgs {
        QueryArgs {
            topics: self.topics.clone(),
            beir: self.beir.clone(),
            vectors: of(&self.vectors, side).cloned(),
            reading: self.reading.clone(),
            allow_mismatch: self.allow_mismatch,
            model: of(&self.model, side).cloned(),
            query_model: of(&self.query_model, side).cloned(),
            mix: of(&self.mix, side).cloned(),
            query_idf: of(&self.query_idf, side).copied(),
            encoder: self.encoder.clone(),
        }
    }
}

/// What a side has of an option that is given once or twice.
fn of<T>(given: &[T], side: usize) -> Option<&T> {
    given.get(side).or_else(|| given.last())
}
