//! Damage of a file.

use super::format::VERSION;

/// The fault of the bytes of a file.
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
        /// The stored checksum.
        expected: u32,
        /// The checksum of the bytes as they are.
        got: u32,
    },
    /// Checked bytes that make no sense: a faulty writer.
    #[error("{0}; the file is damaged, or was not written by Spork")]
    Content(String),
}
