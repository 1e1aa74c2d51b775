//! Compressed posting lists, window by window, and the kernels that add them up to scores.
//!
//! One room holds a list's codec and everything that reads it, so that a new shape of list touches this crate only:
//! a module in `shapes` with its arms in `shapes::PostingList`, its place in `query_lists` and `stripe`, and, where
//! vector instructions pay, a function in each `kernel`. There are no files here; bytes come and go as slices.
//!
//! [`WindowPiece`] encodes, [`Window`] reads, [`QueryLists`] finds a query's lists, [`BlockBounds`] adds up bounds on
//! the scores of blocks, and [`Scorer`] scores the blocks that are wanted.
//!
//! A window holds the postings of [`WINDOW`] consecutive docids, so that a docid is 16 bits within it.
//! It is cut into blocks of [`BLOCK`] documents, over which lists with enough postings state their largest impact, so
//! that a search can leave blocks out. A list has one of three shapes, whichever is
//! read fastest at its density, or, in the compact [`Codec`], one of two:
//!
//! ```text
//! window      posting lists, ascending by term, each padded with zeros to a multiple of 4
//!             term map     64·g   per 480 term ids: number of lists before them u32, a bit for each that has a list
//!             directory    8·m    per list: start u32 (in 4-byte units from the window's start),
//!                                 postings − 1 u16, largest impact u16
//!             zeros up to a multiple of 8
//! sparse list docids       2·n   lower 16 bits, ascending
//!             impacts      n bytes if the largest impact is at most 255, else 2·n
//! pairs       bounds       a byte a block: the largest impact there, shifted right by s and rounded up; 0 if none
//!             units        3 a unit of 256 documents: the number of its last slot, or of the last before it, u16, and the
//!                          lower 8 bits of its first slot's docid, 0 if it has none
//!             slots        documents since the slot before and impact, a byte each, if the largest impact is at most
//!                          255; else all of the former and then all impacts, 2 bytes each
//! bitmap      bounds       as above, s = 0
//!             groups       4 a group of 16 blocks: bytes before it
//!             per group    8 a block that has postings: a bit a document; then the group's impacts, a byte each
//! chunks      widths       a byte a chunk of eight postings: bits of a gap, bits of an impact
//!             per chunk    gaps, then impacts less 1, in so many bits
//! masks       bounds       as above, s = 0
//!             groups       2 a group of 16 blocks: bytes before it, in 2-byte units
//!             per group    a mask a block that has postings: which of its 8 bytes of bits are not zero; for each of these, a bit:
//!                          whether it has several ones; those that do; bit numbers of the others, 3 bits each; then impacts
//!                          less 1, in as many bits as the block's bound less 1 needs
//! …           next window
//! zeros       1,216        so that a group's most can be read wherever it starts; 1,256 where there are masks
//! table       24·windows   per window: start u64, offset of its term map u64, m u32, g u32
//! ```
//!
//! A list is sparse with less than a posting for 128 documents of its window; a bitmap with one for 16 or more, if its
//! largest impact is at most 255. A compact list with such impacts consists of chunks with less than a posting for 64 documents,
//! else of masks. Where the next posting is more than 255 documents away, slots of impact 0 bridge the
//! gap, 255 documents each. s is the least shift with which the list's largest impact fits a byte. All numbers are
//! little-endian; offsets count from the start of the payload.

#![deny(unsafe_code)]

mod block_bounds;
mod codec;
mod decoded_postings;
#[allow(unsafe_code, reason = "vector instructions, chosen at run time")]
mod kernel;
mod layout;
#[allow(unsafe_code, reason = "the prefetch instruction")]
mod prefetch;
mod query_lists;
mod scatter;
mod shapes;
mod statistics;
mod stripe;
mod term_map;
mod window;
mod window_piece;

pub use block_bounds::BlockBounds;
pub use codec::Codec;
pub use kernel::Simd;
pub use layout::{BLOCK, BlockId, BlockSet, WINDOW, WINDOW_BLOCKS, for_each_bit};
pub use query_lists::{QueryLists, WindowLists};
pub use statistics::SearchStatistics;
pub use stripe::{Scorer, StripeScores};
pub use window::{Damage, ListSummary, Window, WindowEntry};
pub use window_piece::{WindowDirectory, WindowPiece, WindowTooLarge, padding};
