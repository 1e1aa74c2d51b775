//! Learned sparse retrieval in ten lines: build an index, search it exactly, evaluate the results.
//!
//! ```
//! use spork_search::{Qrels, build, evaluate, open};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("index");
//! let corpus = [("d1", "Sparse vectors fit an inverted index."), ("d2", "A fork and a bowl.")];
//! build(&path).text(corpus)?;
//! let index = open(&path)?;
//! let hits = index.search("inverted indexes", 10)?;
//! assert_eq!(hits[0].docno, "d1");
//!
//! let results = index.search_topics([("q1", "inverted indexes"), ("q2", "forks")], 1000)?;
//! let qrels = Qrels::from_judgments([("q1", "d1", 1), ("q2", "d2", 1)])?;
//! let evaluation = evaluate(&qrels, &results.run()?, "nDCG@10 RR@10")?;
//! assert_eq!(evaluation.summaries(), [1.0, 1.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Four kinds of index:
//!
//! - **Text by BM25**, as above: [`Build::text`], [`Build::text_files`]; [`Build::analyzer`]
//!   changes the analyzer.
//! - **Vectors** of any encoder: [`Build::vectors`], [`Build::vector_files`]. A query is a list of
//!   terms and weights.
//! - **Hybrid**, text by BM25 and vectors together: [`Build::hybrid`], [`Build::hybrid_files`]. A
//!   query is a text with terms and weights, or a text and a model; [`Index::with_mix`] says how
//!   much each field counts.
//! - **Text by a SPLADE model**: [`open_model`] opens its folder, [`Build::encoded`] encodes
//!   documents with it, and [`Index::with_model`] encodes queries. Networks are computed on the
//!   processor ([`Cpu`]); the crate `spork-encoder-torch` is a [`Backend`] for GPUs.
//!
//! [`Index::explain`] says why a document is found, term by term, and [`diff`] where two indexes
//! rank differently.
//!
//! An index lives on: [`change`] adds, replaces and deletes documents and merges segments, while
//! readers keep what they have open until [`Index::refresh`].
//!
//! Scores are sums of integers until the last moment: an answer equals exhaustive scoring of the
//! index, whatever the [`Strategy`]. The pieces behind this crate are crates of their own, for
//! those who want more of them.

#![forbid(unsafe_code)]

mod addition;
mod answer;
mod build;
mod change;
mod difference;
mod difference_json;
mod difference_report;
mod document;
mod document_files;
mod document_json;
mod error;
mod evaluate;
mod explain;
mod explaining;
mod fields;
mod filter_cache;
mod filtering;
mod index;
mod joining;
mod model;
mod model_here;
mod passages;
mod prepared_query;
mod preparing;
mod provenance;
mod query;
mod read;
mod reading;
mod results;
mod search_options;
mod searching;
mod snippet;
mod trec_scores;

pub use answer::Answer;
pub use build::{Build, build};
pub use change::{Change, Changed, change};
pub use difference::{Difference, RANK_DEPTH, Side, TermDifference, TopicDifference};
pub use difference_report::{DifferenceReport, JudgedDifference, ReportedTopic};
pub use document::{Columns, Document, FieldVector};
pub use document_files::{DocumentFiles, FileOf};
pub use error::{Error, Result};
pub use evaluate::{evaluate, fuse};
pub use explain::{ExplainedTerm, Explainer, Explanation, MissingTerm, Origin, UnknownTerm};
pub use explaining::{diff, diff_with};
pub use fields::{FieldAnalyzers, FieldPlan, GivenTerm, QueryParts};
pub use filtering::select_documents;
pub use index::{Index, open, open_as_one, warn_of_missing_shards};
pub use joining::{JoinedAnswer, ShardAnswer, join};
pub use model::open_model;
pub use model_here::{model_here, recorded_model};
pub use passages::{Passages, with_passage};
pub use prepared_query::PreparedQuery;
pub use provenance::{check_parts, common_encoder, encoder_file, encoder_of, join_encoders};
pub use query::Query;
pub use read::{read_qrels, read_run, read_topics};
pub use results::{Hit, Results};
pub use search_options::SearchOptions;
pub use snippet::{Snippet, Snippets};
pub use trec_scores::TrecScores;

pub use spork_bm25::{Analyzer, Bm25};
pub use spork_core::{DocId, Quantizer, SparseVector, Stop, Stopped, TermId};
pub use spork_encoder::{Backend, EncodeError, Model, Progress as EncodeProgress, needs_network};
pub use spork_encoder_cpu::Cpu;
pub use spork_eval::{
    Comparison, ComparisonTable, Evaluation, Fusion, FusionMethod, Metric, Move, Normalization,
    Options as EvaluationOptions, Qrels, Resampling, Run, RunAgreement, TopicAgreement,
    evaluate as evaluate_metrics,
};
pub use spork_filter::{Filter, FilterError};
pub use spork_index::{
    ColumnKind, ColumnSpec, Error as IndexError, Field, Order, StoredSchema, parse_schema,
};
pub use spork_indexer::{
    DeleteReport, EmptyField, Error as BuildError, MergeReport, Phase, Progress, Pruning, Report,
    Scale,
};
pub use spork_model::{
    DeviceChoice, EncodeOptions, Kind, LoadOptions, MOST_IDF_POWER, PoolingStrategy, Precision,
    Sides, TokenWeights,
};
pub use spork_postings::Codec;
pub use spork_searcher::{
    Error as SearchError, GlobalStatistics, Limits, Mix, MixError, QueryPruning, SearchStatistics,
    Strategy, TermTotals,
};

pub use spork_vectors::Shard;

/// The example of this crate's README.md, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
