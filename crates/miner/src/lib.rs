//! Hard negatives for training: passages that a retriever ranks high for a query and that are not
//! its positive.
//!
//! 1. **Read** the [`Pairs`] and the [`Corpus`].
//! 2. **Search**: [`Miner::candidates`] searches every query, leaves its positives out, and samples
//!    a pool of candidates from the ranks in [`Settings`].
//! 3. **Score**: with a [`Teacher`], [`Embeddings::compute`] embeds the texts that the pools need,
//!    and each pair's pool is scored by z(cosine) + z(BM25).
//! 4. **Write**: [`Miner::write`] drops candidates that score like the positive, and writes pairs
//!    with negatives.
//!
//! The sample of a pair depends on the seed and the pair's line alone, so equal input gives equal
//! bytes whatever the number of threads. No network is linked here: who has one implements
//! [`Teacher`].

#![forbid(unsafe_code)]

mod bm25;
mod candidates;
mod corpus;
mod error;
mod fingerprint;
mod margin;
mod pairs;
mod random;
mod teacher;
mod write;

pub use bm25::TextIndex;
pub use candidates::{CandidatePool, Miner, Retriever, Settings};
pub use corpus::{Corpus, TitleUse};
pub use error::{Error, Result, TeacherError};
pub use pairs::{Pair, Pairs};
pub use teacher::{Embeddings, Teacher};
pub use write::{MiningReport, Scoring};
