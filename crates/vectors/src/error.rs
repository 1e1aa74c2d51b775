//! Errors with their place: which file, which line, what was wrong there.

use std::path::{Path, PathBuf};

use spork_core::WeightError;

use crate::binary::Damage;

/// What can go wrong with a file of vectors or text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system's word on a file.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line that does not say what it should.
    #[error("{path}:{line}: {error}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        error: LineError,
    },
    /// A binary vectors file that is damaged.
    #[error("{path}: the block at byte {position} {damage}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the block begins, in bytes of the uncompressed file.
        position: u64,
        /// What is wrong with it.
        damage: Damage,
    },
    /// A result of a run that was cut off, in the way of a new one.
    #[error("{path} is left of a run that was cut off; go on with --resume, or remove it", path = path.display())]
    Unfinished {
        /// The partial file.
        path: PathBuf,
    },
    /// A result of another run, which this one can't go on with.
    #[error(
        "{path} was begun with other settings: {got}, expected {expected}; give the same again, or remove the file",
        path = path.display()
    )]
    OtherRun {
        /// The partial file.
        path: PathBuf,
        /// Its header.
        got: String,
        /// This run's.
        expected: String,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Not UTF-8.
    #[error("not valid UTF-8 at byte {0} of the line; convert the file to UTF-8")]
    Utf8(usize),
    /// Longer than any record should be.
    #[error("a line of more than {0} bytes; expected one record a line")]
    TooLong(usize),
    /// Not the JSON that was expected.
    #[error("{0}")]
    Json(String),
    /// Not the columns that were expected.
    #[error("expected {expected}, got {got:?}")]
    Columns {
        /// The shape of a good line.
        expected: &'static str,
        /// The start of this one.
        got: String,
    },
    /// A weight that is none.
    #[error("the weight of term {term:?} of {id:?} {error}; weights must be finite and not below zero")]
    Weight {
        /// The vector's id.
        id: String,
        /// The term.
        term: String,
        /// What is wrong with the weight.
        error: WeightError,
    },
    /// An id that a run file could not carry.
    #[error("the id {0:?} is empty or holds white space, which run files can't carry; rename it")]
    Id(String),
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An input or output error at `path`.
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// An error in line `line` (from 1) of `path`.
    pub fn line(path: &Path, line: u64, error: LineError) -> Self {
        Self::Line { path: path.to_owned(), line, error }
    }
}

impl LineError {
    /// A line whose columns are wrong, quoted up to a readable length.
    pub fn columns(expected: &'static str, line: &str) -> Self {
        Self::Columns { expected, got: line.chars().take(60).collect() }
    }
}

/// Ids become columns of run files: they can neither be empty nor hold white space.
pub(crate) fn check_id(id: &str) -> std::result::Result<(), LineError> {
    if id.is_empty() || id.contains(char::is_whitespace) {
        return Err(LineError::Id(id.to_owned()));
    }
    Ok(())
}
