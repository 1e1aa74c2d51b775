//! Posting lists, window by window.
//!
//! A window holds the postings of [`WINDOW`](crate::WINDOW) consecutive docids, so that a docid is 16 bits within it.
//! It is cut into blocks of [`BLOCK`] documents, over which lists with enough postings state their largest impact, so
//! that a search can leave blocks out. A list has one of three shapes, whichever is read fastest at its density, or, in the
//! [`Codec`] that is for space, one of two:
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

mod bitmap;
mod bounds;
mod chunks;
mod codec;
mod list;
mod masks;
mod packing;
mod pairs;
mod reader;
mod sparse;
mod terms;
mod writer;

pub use bitmap::{BitmapList, GROUP_BLOCKS, GROUP_BYTES, Group, document_of_bit, group_impacts};
pub use bounds::Bounds;
pub use chunks::{Chunk, ChunksList};
pub use codec::Codec;
pub use list::PostingList;
pub(crate) use list::{Form, encode};
pub use masks::{BIT_NUMBER, MasksList, PACKED_GROUP_BYTES, PackedGroup, packed_width};
pub use packing::spread_to_bytes;
pub use pairs::{PairsList, Slots};
pub use reader::{ListSummary, Postings, Window};
pub use sparse::{Impacts, SparseList};
pub(crate) use writer::PostingsWriter;
pub use writer::WindowPiece;

/// Documents that a bound is stated for.
pub const BLOCK: usize = 64;
/// Documents whose docids differ in their lower 8 bits only.
pub const UNIT: usize = 256;
/// Lists start at multiples of this.
const LIST_ALIGNMENT: usize = 4;
const TABLE_ENTRY: u64 = 24;
/// The largest impact that fits one byte.
const BYTE_IMPACT: u16 = 255;
