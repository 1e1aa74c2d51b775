//! The compact vectors format: blocks of vectors, each compressed and checked, one after the other.
//!
//! A file says at its start who encoded it and how ([`Header`]), holds blocks of [`BLOCK`] vectors (the last may have
//! fewer), and ends with a mark, so that a file cut short is told from a whole one. Terms are numbered in the order of
//! their first occurrence; a block begins with those that it adds. So a file can be written and read as a stream, and a
//! run that was cut off goes on after the last whole block. docs/format/vectors.md has the bytes.
//!
//! - [`BinaryWriter`] and [`BinaryReader`] are the two ends.
//! - [`BinaryFile`] is a file in the making, which [`resumes`](BinaryFile::resume) where it was left.

mod block;
mod file;
mod frame;
mod header;
mod reader;
mod varint;
mod writer;

pub use block::{Block, NumberedVector};
pub use file::{BinaryFile, Resumed};
pub use header::{Header, Shard, WeightFormat};
pub use reader::BinaryReader;
pub use writer::BinaryWriter;

/// Vectors a block. Encoding takes texts in groups of as many.
pub const BLOCK: usize = 4096;

/// How a file of this format begins.
const MAGIC: [u8; 8] = *b"SPORKVEC";

/// What this version writes, and the only one that it reads.
const VERSION: u16 = 1;

/// How the name of a file of this format ends.
pub const ENDING: &str = "svec";

/// Whether a file of this name holds this format.
pub fn is_binary_name(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

/// Whether what follows in `source` is a file of this format, compressed once more or not; consumes nothing.
///
/// # Errors
/// The source can't be read.
pub fn is_binary(source: &mut spork_files::Source) -> spork_files::Result<bool> {
    source.starts_with(&MAGIC)
}

/// What is wrong with the bytes of a file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Another file, or another version.
    #[error("begins with {got:?}, expected the header of a vectors file, version {VERSION}")]
    Header {
        /// The first bytes.
        got: String,
    },
    /// The end is missing.
    #[error("is cut short; encode with --resume to finish the file, or copy it again")]
    CutShort,
    /// Bytes changed since they were written.
    #[error("has the checksum {got:08x}, expected {expected:08x}; copy or encode the file again")]
    Checksum {
        /// As stored.
        expected: u32,
        /// Of the bytes as they are.
        got: u32,
    },
    /// Checked bytes that make no sense: a faulty writer.
    #[error("{0}; the file is no work of this program, or damaged")]
    Content(String),
}
