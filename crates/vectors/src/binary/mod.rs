//! The compact vectors format: blocks of vectors, each compressed and checked, one after the other.
//!
//! A file says at its start who encoded it and how ([`Header`]), holds blocks of [`BLOCK`] vectors
//! (the last may have fewer), and ends with a mark, so that a file cut short is told from a whole
//! one. Terms are numbered in the order of their first occurrence; a block begins with those that
//! it adds. So a file can be written and read as a stream, and an interrupted run resumes after the
//! last whole block. A block may carry the [digest](TextDigest) of the texts that it was made of,
//! so that a resumed run knows its input. docs/format/vectors.md has the bytes.
//!
//! - [`BinaryWriter`] and [`BinaryReader`] are the two ends.
//! - [`BinaryFile`] is an unfinished file, which can be [resumed](BinaryFile::resume).

mod block;
pub(crate) mod damage;
mod digest;
mod file;
mod format;
mod frame;
mod header;
mod reader;
mod varint;
mod writer;

pub use block::{Block, NumberedVector};
pub use damage::Damage;
pub use digest::{TextDigest, TextHasher};
pub use file::{BinaryFile, Resumed};
pub use format::{BLOCK, ENDING, is_binary_name};
pub use header::{Header, WeightFormat};
pub use reader::{BinaryReader, is_binary};
pub use writer::BinaryWriter;
