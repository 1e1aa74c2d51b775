//! BM25 as an impact source: the baseline of every table.
//!
//! An [`Analyzer`] turns text into terms, [`Bm25`] turns term counts into weights. From there on a
//! BM25 index is an index of sparse vectors like any other; its queries are term counts.

#![forbid(unsafe_code)]

mod analyzer;
mod recorded;
mod stop_words;
mod tokens;
mod weighting;

pub use analyzer::{Analyzer, AnalyzerError};
pub use stop_words::is_stop_word;
pub use tokens::Token;
pub use weighting::{Bm25, CollectionStatistics};
