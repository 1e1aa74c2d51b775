//! Length and checksum of a file, by which files of one index know each other.

use bincode::{Decode, Encode};

/// Length and checksum of one file's payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct FileSummary {
    /// Bytes after the header.
    pub length: u64,
    /// Their CRC-32.
    pub checksum: u32,
}
