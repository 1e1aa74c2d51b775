//! Posting lists, window by window.
//!
//! A window holds the postings of [`WINDOW`](crate::WINDOW) consecutive docids, so that a docid is 16 bits within it.
//! It is cut into units of [`UNIT`] documents, whose scores fit in a core's first-level cache, and those into blocks of
//! [`BLOCK`], over which lists state their largest impact, so that a search can leave blocks out. Only a list with
//! enough postings to pay for it says so, and starts of units too:
//!
//! ```text
//! window      posting lists, ascending by term, each padded with zeros to a multiple of 4
//!             term map     64·g   per 480 term ids: number of lists before them u32, a bit for each that has a list
//!             directory    8·m    per list: start u32 (in 4-byte units from the window's start),
//!                                 postings − 1 u16, largest impact u16
//!             zeros up to a multiple of 8
//! dense list  bounds       a byte a block: the largest impact there, shifted right by s and rounded up; 0 if none
//!             starts       2 a unit: postings before it
//!             postings     lower 8 bits of the docid and impact, a byte each, if the largest impact is at most 255;
//!                          else n bytes of docids and then 2·n of impacts
//! sparse list docids       2·n   lower 16 bits, ascending
//!             impacts      n bytes if the largest impact is at most 255, else 2·n
//! …           next window
//! table       24·windows   per window: start u64, offset of its term map u64, m u32, g u32
//! ```
//!
//! A list is dense if it has a posting for every 128 documents of its window or more. s is the least shift with which
//! the list's largest impact fits a byte. All numbers are little-endian; offsets count from the start of the payload.

mod list;
mod reader;
mod terms;
mod writer;

pub(crate) use list::encode;
pub use list::{DenseList, Impacts, PostingList, Segment, SparseList};
pub use reader::{ListSummary, Postings, Window};
pub(crate) use writer::PostingsWriter;
pub use writer::WindowPiece;

/// Documents that a bound is stated for.
pub const BLOCK: usize = 64;
/// Documents whose docids differ in their lower 8 bits only.
pub const UNIT: usize = 256;
/// A list is dense from a posting for that many documents on.
const DENSITY: usize = 128;
/// Lists start at multiples of this.
const LIST_ALIGNMENT: usize = 4;
const TABLE_ENTRY: u64 = 24;
/// The largest impact that fits one byte.
const BYTE_IMPACT: u16 = 255;
