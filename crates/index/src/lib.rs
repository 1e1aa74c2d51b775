//! The inverted index on disk: a promise about bytes, its writer and its memory-mapped reader.
//!
//! An index is a folder. The file `CURRENT` names a generation folder, and a generation is four files:
//!
//! | file | holds |
//! |---|---|
//! | `meta.bin` | the [`Manifest`]: counts, scale, where the weights came from, checksums of the others |
//! | `lexicon.bin` | every term, ascending by bytes; its id is its position; its df and largest impact |
//! | `docnos.bin` | every document's external id, and the order that finds one by name |
//! | `postings.bin` | posting lists, window by window of [`WINDOW`] documents |
//!
//! `docs/format/index.md` writes down each byte. The layout never depends on the machine that wrote it.
//! [`Index::open`] checks headers and lengths in constant time, [`verify`] reads everything. Nothing read from
//! disk is trusted further than that: whatever the bytes say, reading ends in an answer or an [`Error`].

mod directory;
mod docnos;
mod error;
mod frame;
mod index;
mod lexicon;
mod manifest;
mod postings;
mod strings;
mod verify;
mod writer;

pub use docnos::Docnos;
pub use error::{Error, Result};
pub use frame::FORMAT_VERSION;
pub use index::Index;
pub use lexicon::{Lexicon, TermStatistics};
pub use manifest::{FileSummary, Manifest, Order, WeightKind};
pub use postings::{
    BIT_NUMBER, BLOCK, BitmapList, Bounds, Chunk, ChunksList, Codec, GROUP_BLOCKS, GROUP_BYTES, Group,
    Impacts, ListSummary, MasksList, PACKED_GROUP_BYTES, PackedGroup, PairsList, PostingList, Postings,
    Slots, SparseList, UNIT, Window, WindowPiece, document_of_bit, group_impacts, packed_width,
    spread_to_bytes,
};
pub use strings::StringArena;
pub use verify::verify;
pub use writer::IndexWriter;

/// Documents scored together: docids of one window differ in their lower 16 bits only.
pub const WINDOW: usize = 1 << 16;
