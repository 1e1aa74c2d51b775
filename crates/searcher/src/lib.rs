//! Ranking: the best k documents of a query, exactly; less than that only where [`Limits`] are set,
//! or a [`QueryPruning`] leaves terms out.
//!
//! A document's score is Σ query weight × impact over the terms they share, in integers, so that
//! every strategy must agree to the last bit. [`exhaustive`](Strategy::Exhaustive) is the oracle:
//! it scores every posting into accumulators for the whole collection and sorts.
//! [`taat`](Strategy::Taat) does the same term at a time for stripes of documents whose
//! accumulators stay in cache, and [`block-max`](Strategy::BlockMax) leaves out the blocks of
//! documents whose bounds say that they can't hold one of the best.
//!
//! The searcher takes sparse vectors, never text: [`Query`] turns terms and weights into the
//! index's term ids and integer weights.

#![forbid(unsafe_code)]

mod batch_taat;
mod best;
mod block_max;
mod error;
mod exhaustive;
mod explain;
mod find;
mod global_statistics;
mod idf;
mod latency;
mod like;
mod limits;
mod mix;
mod parts;
mod policy;
mod pruning;
mod query;
mod query_term;
mod ranking;
mod searcher;
mod selected;
mod taat;

pub use error::{Error, Result};
pub use explain::{Contribution, Explanation};
pub use global_statistics::GlobalStatistics;
pub use idf::weight_by_idf;
pub use latency::LatencySummary;
pub use limits::{Certificate, Limits};
pub use mix::{Mix, MixError};
pub use pruning::QueryPruning;
pub use query::Query;
pub use query_term::{FieldQuery, QueryTerm, TermTotals};
pub use ranking::{Ranking, Strategy};
pub use searcher::{Scratch, Searcher};
pub use selected::SelectedDocuments;
pub use spork_postings::{SearchStatistics, Simd};
