//! Hard negatives for training: passages that a retriever ranks high for a query and that are not its positive.
//!
//! 1. **Read** the [`Pairs`] and the [`Corpus`].
//! 2. **Draw**: [`Ground::draw`] searches every query, leaves its positives out, and draws a pool of candidates from
//!    the ranks that are asked for.
//! 3. **Score**: with a [`Teacher`], [`Embeddings::compute`] embeds what the pools need, and each pair's pool is scored
//!    by z(cosine) + z(BM25).
//! 4. **Write**: [`Ground::write`] drops candidates that score like the positive, and writes pairs with negatives.
//!
//! What is drawn for a pair depends on the seed and the pair's line alone, so equal input gives equal bytes whatever
//! the number of threads. No network is linked here: who has one fills the [`Teacher`] trait.

#![forbid(unsafe_code)]

mod bm25;
mod corpus;
mod draw;
mod error;
mod guard;
mod pairs;
mod random;
mod teacher;
mod words;
mod write;

pub use bm25::TextIndex;
pub use corpus::{Corpus, TitleUse};
pub use draw::{Drawn, Ground, Settings};
pub use error::{Error, Result};
pub use pairs::{Pair, Pairs};
pub use teacher::{Embeddings, Teacher, TeacherError};
pub use write::{Report, Scoring};
