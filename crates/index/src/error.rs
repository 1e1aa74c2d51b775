//! Errors of reading and writing an index, with their place and a remedy.

use std::io;
use std::path::{Path, PathBuf};

use crate::columns::{SchemaError, ValueError};

/// An error of reading or writing an index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system could not read or write a file.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// There is no index here.
    #[error(
        "{path}: no Spork index here ({why}); build one with `spork index --output {path}`",
        path = path.display()
    )]
    NotAnIndex {
        /// The folder.
        path: PathBuf,
        /// The part that is missing.
        why: String,
    },
    /// Written in another version of the format.
    #[error(
        "{path}: index format version {got}, this Spork reads version {expected}; \
         build the index again from its vectors, or use the Spork that wrote it",
        path = path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The version that this code reads.
        expected: u32,
        /// The version that the file states.
        got: u32,
    },
    /// Bytes that can't be what was written.
    #[error(
        "{path}: damaged at byte {offset}: expected {expected}, got {got}; copy the index again or \
         rebuild it",
        path = path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// The expected content.
        expected: String,
        /// The content found.
        got: String,
    },
    /// The folder holds something that is not ours to replace.
    #[error(
        "{path}: is neither empty nor a Spork index; choose another --output or empty the folder",
        path = path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// No folder where at least one is needed.
    #[error("no index is named; name one or more")]
    NoIndex,
    /// Indexes that can't be searched as one.
    #[error(
        "{one} and {other} {what}; build the shards of a collection with one --like, each with its \
         own --shard",
        one = one.display(),
        other = other.display()
    )]
    NotAsOne {
        /// One of them.
        one: PathBuf,
        /// The other.
        other: PathBuf,
        /// What they have fixed differently.
        what: String,
    },
    /// A document that two indexes that are open together have.
    #[error(
        "docno {docno:?} is a document of {one} and of {other}; what is searched as one must not \
         have a document twice",
        one = one.display(),
        other = other.display()
    )]
    SharedDocno {
        /// The document.
        docno: String,
        /// One of the indexes.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// Two writers at once.
    #[error(
        "{path}: {writer}; wait for it to end",
        path = path.display(),
        writer = writer_of(holder)
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who it is, as its lock says.
        holder: String,
    },
    /// More than the format can number.
    #[error(
        "{what}: the index format holds at most {limit}; split the collection into several indexes"
    )]
    TooLarge {
        /// The thing that there is too much of.
        what: String,
        /// The most of it.
        limit: u64,
    },
    /// A value that its column can't hold.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Columns that an index can't have.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An input or output error at `path`.
    pub fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// Damage at `offset` of `path`.
    pub(crate) fn corrupt(
        path: &Path,
        offset: u64,
        expected: impl ToString,
        got: impl ToString,
    ) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            offset,
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }
}

/// Who writes an index, by what its lock says.
fn writer_of(holder: &str) -> String {
    let process = holder.strip_prefix("process ").and_then(|rest| rest.split(':').next());
    if process.and_then(|number| number.parse().ok()) == Some(std::process::id()) {
        return "another call of this process is writing this index, or was interrupted and is \
                about to end"
            .to_owned();
    }
    let by = if holder.is_empty() { String::new() } else { format!(" ({holder})") };
    format!("another process is writing this index{by}")
}
