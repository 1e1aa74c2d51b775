//! Ranking: the best k documents of a query, exactly; less than that only where [`Limits`] are set, or a [`QueryPruning`]
//! leaves terms out.
//!
//! A document's score is Σ query weight × impact over the terms they share, in integers, so that every strategy
//! must agree to the last bit. [`exhaustive`](Strategy::Exhaustive) is the oracle: it scores every posting into
//! accumulators for the whole collection and sorts. [`taat`](Strategy::Taat) does the same term at a time for
//! runs of documents whose accumulators stay in cache, and [`blocks`](Strategy::BlockMax) leaves out the documents whose bounds say
//! that they can't be among the best.
//!
//! The searcher takes sparse vectors, never text: [`Query`] turns terms and weights into the index's term ids
//! and integer weights.

#![deny(unsafe_code)]

mod block_max;
mod decoded;
mod error;
mod exhaustive;
mod experience;
mod idf;
#[allow(unsafe_code, reason = "vector instructions, chosen at run time")]
mod kernel;
mod limits;
mod lists;
mod pruning;
mod query;
mod scatter;
mod searcher;
mod statistics;
mod taat;
mod together;
mod window;

pub use error::{Error, Result};
pub use idf::weight_by_idf;
pub use kernel::Simd;
pub use limits::{Certificate, Limits};
pub use pruning::QueryPruning;
pub use query::Query;
pub use searcher::{Ranking, Scratch, Searcher, Strategy};
pub use statistics::{LatencySummary, SearchStatistics};
