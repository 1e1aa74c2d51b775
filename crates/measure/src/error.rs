//! Why a measurement, a report or a picture can't be made.

use std::path::{Path, PathBuf};

/// An error of measuring.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// A file of results, or a line in it.
    #[error(transparent)]
    File(#[from] spork_files::Error),
    /// An index can't be read.
    #[error(transparent)]
    Index(#[from] spork_index::Error),
    /// A search failed.
    #[error(transparent)]
    Search(#[from] spork_searcher::Error),
    /// Vector instructions are capped in a way that this machine can't keep.
    #[error(transparent)]
    Simd(#[from] spork_core::SimdCapError),
    /// A query that can't be one of an index.
    #[error(transparent)]
    Queries(Box<dyn std::error::Error + Send + Sync>),
    /// A strategy's ranking differs from that of exhaustive scoring.
    #[error(
        "{index}: query {number} at k = {k}: {strategy} and exhaustive scoring differ; \
         please report this",
        index = index.display()
    )]
    NotExact {
        /// The index folder.
        index: PathBuf,
        /// The query, from 1.
        number: usize,
        /// The cutoff.
        k: usize,
        /// The strategy's name.
        strategy: &'static str,
    },
    /// The reference lacks a document of the index that is measured.
    #[error(
        "{reference}: no document {docno:?}; --reference must be an index of the same documents",
        reference = reference.display()
    )]
    OtherDocuments {
        /// The reference's folder.
        reference: PathBuf,
        /// The document.
        docno: String,
    },
    /// A thread that answers queries panicked.
    #[error("a thread panicked")]
    Panicked,
    /// A file that is no benchmark.
    #[error("{path}: not a result of `spork bench --json`: {source}", path = path.display())]
    NotABenchmark {
        /// The file.
        path: PathBuf,
        /// Where its JSON differs.
        source: serde_json::Error,
    },
    /// A benchmark whose rows are about an index that it does not describe.
    #[error(
        "{path}: a row is about the index {index}, which \"indexes\" lacks",
        path = path.display()
    )]
    UnknownIndex {
        /// The file.
        path: PathBuf,
        /// The index.
        index: String,
    },
    /// A table that does not hold what is asked of it.
    #[cfg(feature = "plot")]
    #[error(transparent)]
    Table(#[from] TableError),
    /// A picture that can't be drawn.
    #[cfg(feature = "plot")]
    #[error(transparent)]
    Draw(#[from] DrawError),
}

/// Result with this crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An input or output error at `path`.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

/// A table that does not hold what is asked of it.
#[cfg(feature = "plot")]
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not even a first line.
    #[error("{path}: no line in it; the first one names the columns", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Only a first line.
    #[error("{path}: no row below the names of the columns", path = path.display())]
    NoRow {
        /// The file.
        path: PathBuf,
    },
    /// A row with other cells than columns.
    #[error(
        "{path}:{line}: {got} cells; the first line names {expected} columns",
        path = path.display()
    )]
    Cells {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Its cells.
        got: usize,
        /// The columns.
        expected: usize,
    },
    /// A column that there is not.
    #[error("{path}: no column {name:?}; there are {columns}", path = path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The name that was given.
        name: String,
        /// The names that there are.
        columns: String,
    },
    /// A cell of a column of numbers that holds none.
    #[error("{path}: column {name:?}: {got:?} where a number was expected", path = path.display())]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// The column.
        name: String,
        /// The cell.
        got: String,
    },
    /// A table of evaluations without a measure.
    #[error("{path}: no column beside index; each measure needs one", path = path.display())]
    NoMeasure {
        /// The file.
        path: PathBuf,
    },
}

/// The reason why something can't be drawn.
#[cfg(feature = "plot")]
pub(crate) type Reason = Box<dyn std::error::Error + Send + Sync>;

/// A picture that can't be drawn.
#[cfg(feature = "plot")]
#[derive(Debug, thiserror::Error)]
#[error("{picture}: {reason}")]
pub struct DrawError {
    /// Its file or title.
    picture: String,
    reason: Reason,
}

#[cfg(feature = "plot")]
impl DrawError {
    /// The reason why `picture`, a file or title, can't be drawn.
    pub(crate) fn new(picture: impl ToString, reason: impl Into<Reason>) -> Self {
        Self { picture: picture.to_string(), reason: reason.into() }
    }
}
