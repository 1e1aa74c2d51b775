//! Posting lists, window by window.
//!
//! A window holds the postings of [`WINDOW`](crate::WINDOW) consecutive docids, so that a docid is 16 bits within it and
//! the scores of its documents fit in a core's second-level cache. What one window needs lies together:
//!
//! ```text
//! window      posting lists, ascending by term, each padded with zeros to a multiple of 4
//!             terms        4·m   term ids, ascending
//!             directory    8·m   per list: start u32 (in 4-byte units from the window's start),
//!                                postings − 1 u16, largest impact u16
//!             zeros up to a multiple of 8
//! list        docids       2·n   lower 16 bits, ascending
//!             impacts      n bytes if the largest impact is at most 255, else 2·n
//! …           next window
//! table       24·windows   per window: start u64, offset of its terms u64, m u32, zero u32
//! ```
//!
//! All numbers are little-endian; offsets count from the start of the payload.

mod reader;
mod writer;

pub use reader::{Impacts, ListSummary, PostingList, Postings, Window};
pub(crate) use writer::PostingsWriter;
pub use writer::WindowPiece;

/// Lists start at multiples of this.
const LIST_ALIGNMENT: usize = 4;
const TABLE_ENTRY: u64 = 24;
/// The largest impact that fits one byte.
const BYTE_IMPACT: u16 = 255;
