//! What is searched for, the same for every command that searches.

use std::path::{Path, PathBuf};

use spork_model::QueryEncoder;
use spork_searcher::Mix;

use super::{BeirArgs, EncoderArgs, ReadingArgs};
use crate::inputs::parse_idf_power;

/// Queries, and how they are weighed.
#[derive(Clone, Debug, clap::Args)]
pub struct QueryArgs {
    /// Queries as text: `qid<TAB>text` or BEIR queries.jsonl; analyzed by a BM25 field, encoded by
    /// --model for a field of vectors
    #[arg(long, value_name = "FILE", conflicts_with = "beir")]
    pub topics: Option<PathBuf>,
    /// In place of --topics
    #[command(flatten)]
    pub beir: BeirArgs,
    /// Queries as vectors of any format: JSONL {"id", "vector"}, `qid<TAB>term term …`, where a
    /// term of weight N is repeated N times, and others (docs/formats.md); beside --topics for a
    /// hybrid index
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "query_model", "EncoderArgs"])]
    pub vectors: Option<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// With --vectors: search although the queries seem to be of another encoder than the index's,
    /// or text
    #[arg(long, requires = "vectors")]
    pub allow_mismatch: bool,
    /// The model that encoded the documents: directory or Hub id [default: the one that the index
    /// names, if it is here]
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub model: Option<String>,
    /// A separate query model, in place of --model
    #[arg(long, value_name = "DIR|HUB_ID")]
    pub query_model: Option<String>,
    /// How much each field of a hybrid index counts, such as splade=1,bm25=0.5; 0 leaves a field
    /// out [default: all alike, after calibration]
    #[arg(long, value_name = "FIELD=WEIGHT,…")]
    pub mix: Option<Mix>,
    /// Multiply the weight of each term of a query vector by idf^P, its inverse document frequency
    /// in the index: 0 leaves weights as they are, 0.5 often helps on text unlike the training data
    /// [default: the model's power for --topics, else 0]
    #[arg(long, value_name = "P", value_parser = parse_idf_power)]
    pub query_idf: Option<f32>,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

impl QueryArgs {
    /// Whether no queries are given.
    pub fn is_empty(&self) -> bool {
        self.topics.is_none() && self.beir.beir.is_none() && self.vectors.is_none()
    }

    /// What the model that encodes the queries is meant to be.
    pub fn query_encoder(&self) -> QueryEncoder {
        if self.query_model.is_some() { QueryEncoder::Separate } else { QueryEncoder::Same }
    }

    /// The model that encodes the queries, if they come as text for one.
    pub fn model(&self) -> Option<&str> {
        self.query_model.as_deref().or(self.model.as_deref())
    }

    /// A file or BEIR folder of the queries, for the record: the vectors where there are any.
    pub fn file(&self) -> &Path {
        let texts = || self.topics.as_deref().or(self.beir.beir.as_deref());
        self.vectors.as_deref().or_else(texts).unwrap_or(Path::new("-"))
    }
}
