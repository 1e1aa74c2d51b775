//! Errors with their place: which file, which line, what was wrong there.

use std::path::{Path, PathBuf};

use crate::foreign::Foreign;

/// An error of a file or of a line in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system's error on a file.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause as the system tells it.
        source: std::io::Error,
    },
    /// A line that does not hold the expected record.
    #[error("{path}:{line}: {error}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The fault of the line.
        error: LineError,
    },
    /// A file that is not what its name says.
    #[error("{path}: {foreign}", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        foreign: Foreign,
    },
    /// An output that would destroy an input.
    #[error("{output} {what} {other}, which it would destroy; give the output another place")]
    Conflict {
        /// The name and path of the output.
        output: String,
        /// How the two are related: "is".
        what: &'static str,
        /// The name and path of the other.
        other: String,
    },
    /// A piece that a BEIR folder lacks.
    #[error("{path}: not there; {hint}", path = path.display())]
    NoBeirFile {
        /// The file that was looked for.
        path: PathBuf,
        /// Where it may be.
        hint: String,
    },
    /// Two outputs that are one file.
    #[error("{0} and {1} name the same file; give each another place")]
    SameOutput(String, String),
    /// A file without any record.
    #[error("{path}: no query in it; expected one per line", path = path.display())]
    NoQuery {
        /// The file.
        path: PathBuf,
    },
}

/// The fault of a line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Not UTF-8.
    #[error("not valid UTF-8 at byte {0} of the line; convert the file to UTF-8")]
    Utf8(usize),
    /// Zero bytes where text should be.
    #[error(
        "holds NUL bytes: text of 16 bits a character, or the padding of a copy that was cut short; \
         convert the file to UTF-8, or remove them (`tr -d '\\000'`)"
    )]
    Nul,
    /// Lines that end as on old Macs.
    #[error("its lines end in carriage returns alone; convert the file (`tr '\\r' '\\n'`)")]
    CarriageReturns,
    /// Longer than any record should be.
    #[error("a line of more than {0} bytes; expected one record per line")]
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
    /// An id that a run file could not carry.
    #[error("the id {0:?} is empty or holds white space, which run files can't carry; rename it")]
    Id(String),
    /// An id that an earlier line has.
    #[error(
        "id {id:?} already appears in line {earlier}{}; remove one of the two",
        file.as_ref().map_or(String::new(), |file| format!(" of {}", file.display()))
    )]
    Repeated {
        /// The id.
        id: String,
        /// The line that has it, from 1.
        earlier: u64,
        /// The file of that line, where it is another one.
        file: Option<PathBuf>,
    },
    /// A fault that only the reader of this kind of record can name.
    #[error(transparent)]
    Record(Box<dyn std::error::Error + Send + Sync>),
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

/// Accepts the ids of documents and queries that can be columns of a run file: not empty, no white
/// space.
///
/// # Errors
/// [`LineError::Id`] for any other.
pub fn check_id(id: &str) -> std::result::Result<(), LineError> {
    if id.is_empty() || id.contains(char::is_whitespace) {
        return Err(LineError::Id(id.to_owned()));
    }
    Ok(())
}
