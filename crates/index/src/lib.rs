//! The inverted index on disk: a promise about bytes, its writer and its memory-mapped reader.
//!
//! An index is a folder. The file `CURRENT` names the file of a generation, the [`Manifest`], which
//! says what was fixed when the index was made, and lists segments. A segment is a folder of files
//! that never change:
//!
//! | file | holds |
//! |---|---|
//! | `segment.bin` | the [`SegmentSummary`]: counts, and checksums of the others |
//! | `lexicon.bin` | each field's terms, ascending by bytes; ids are positions; df and largest impact |
//! | `docnos.bin` | every document's external id, and the order that finds one by name |
//! | `postings.bin` | posting lists, window by window, as [`spork_postings`] lays them out |
//! | `columns.bin` | values of documents that filters test, where stored |
//! | `texts.bin` | the documents' texts, where stored |
//! | `vectors.bin` | forward vectors: each document's terms and impacts, where stored |
//! | `living-N.bin` | the documents that are not deleted, since generation N |
//!
//! `docs/format/index.md` writes down each byte. The layout never depends on the machine that wrote
//! it. [`Index::open`] checks headers and lengths in constant time, [`verify`] reads everything.
//! Nothing read from disk is trusted further than that: whatever the bytes say, reading ends in an
//! answer or an [`Error`].

#![deny(unsafe_code)]

mod columns;
mod counts;
mod deletion;
mod directory;
mod docnos;
mod documents;
mod error;
mod field;
mod file_summary;
mod forward_vectors;
#[allow(unsafe_code, reason = "mapping files")]
mod frame;
mod index;
mod lexicon;
mod living;
mod lock;
mod manifest;
mod postings_file;
mod record;
mod segment;
mod shards;
mod stored;
mod strings;
mod texts;
mod verify;
mod writer;

pub use columns::{
    ColumnKind, ColumnSpec, Columns, ColumnsWriter, SchemaError, Time, TimeError, Value,
    ValueError, ValueRange, parse_schema,
};
pub use counts::{Counts, FieldCounts};
pub use docnos::Docnos;
pub use documents::{DocumentReader, DocumentVectors};
pub use error::{Error, Result};
pub use field::{Field, FieldSource, WeightKind};
pub use file_summary::FileSummary;
pub use forward_vectors::{ForwardVectors, ForwardVectorsWriter};
pub use index::{Index, Place};
pub use lexicon::{FieldTerms, Lexicon, TermStatistics};
pub use living::Survivors;
pub use manifest::{LivingEntry, Manifest, Order, SegmentEntry};
pub use segment::{Segment, SegmentSummary};
pub use shards::SHARD;
pub use stored::{StoredSchema, StoredSummary};
pub use strings::StringArena;
pub use texts::{TextReader, Texts, TextsWriter};
pub use verify::verify;
pub use writer::{CollectedDocnos, IndexWriter, SegmentWriter};
