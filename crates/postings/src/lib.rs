//! Compressed posting lists, window by window, and the kernels that add them up to scores.
//!
//! One room holds a list's codec and everything that reads it, so that a new shape of list touches
//! this crate only: a module in `shapes` with its arms in `shapes::PostingList`, its place in
//! `query_lists` and `stripe`, and, where vector instructions pay, a function in each `kernel`.
//! There are no files here; bytes come and go as slices.
//!
//! [`WindowPiece`] encodes, [`Window`] reads, [`QueryLists`] finds a query's lists, [`BlockBounds`]
//! adds up bounds on the scores of blocks, and [`Scorer`] scores the blocks that are wanted.
//!
//! A window holds the postings of [`WINDOW`] consecutive docids, so that a docid is 16 bits within
//! it. It is cut into blocks of [`BLOCK`] documents, over which lists with enough postings state
//! their largest impact, so that a search can leave blocks out. Which shape a list takes follows
//! from its density, its largest impact and the [`Codec`]. The bytes are specified in
//! [docs/format/index.md], section `postings.bin`.
//!
//! [docs/format/index.md]: https://github.com/spork-search/spork/blob/main/docs/format/index.md

#![deny(unsafe_code)]

mod block_bounds;
mod codec;
mod decoded_postings;
mod explicit;
#[allow(unsafe_code, reason = "vector instructions, chosen at run time")]
mod kernel;
mod layout;
#[allow(unsafe_code, reason = "the prefetch instruction")]
mod prefetch;
mod query_lists;
mod scatter;
mod selection;
mod shapes;
mod statistics;
mod stripe;
mod stripe_groups;
mod term_map;
mod window;
mod window_piece;

pub use block_bounds::BlockBounds;
pub use codec::Codec;
pub use kernel::Simd;
pub use layout::{BLOCK, BlockId, BlockSet, WINDOW, WINDOW_BLOCKS, for_each_bit};
pub use query_lists::{QueryLists, WindowLists};
pub use selection::Selection;
pub use statistics::SearchStatistics;
pub use stripe::{Scorer, StripeScores};
pub use window::{Damage, ListSummary, Window, WindowEntry};
pub use window_piece::{WindowDirectory, WindowPiece, WindowTooLarge, padding};
