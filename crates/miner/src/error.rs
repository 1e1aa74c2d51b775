//! Errors that can stop a mining run.

use std::path::PathBuf;

/// An error of mining.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input can't be read, a line of it is wrong, or the output can't be written.
    #[error(transparent)]
    Input(#[from] spork_files::Error),
    /// The run was asked to stop.
    #[error(transparent)]
    Stopped(#[from] spork_core::Stopped),
    /// The index can't be read.
    #[error(transparent)]
    Index(#[from] spork_index::Error),
    /// The temporary BM25 index can't be built.
    #[error(transparent)]
    Indexer(Box<spork_indexer::Error>),
    /// A query can't be searched.
    #[error("{path}:{line}: {source}", path = path.display())]
    Search {
        /// The pairs file.
        path: PathBuf,
        /// The first line that has the query.
        line: u64,
        /// The error of the searcher.
        source: Box<spork_searcher::Error>,
    },
    /// The folder of the temporary BM25 index.
    #[error("temporary folder: {0}; TMPDIR chooses its place")]
    Temporary(std::io::Error),
    /// A corpus that can be read only once.
    #[error(
        "{path}: the corpus is read twice; expected a file, got a pipe or standard input",
        path = path.display()
    )]
    NotAFile {
        /// The corpus.
        path: PathBuf,
    },
    /// No pair.
    #[error(
        "{path}: no pair in it; expected {{\"query\": text, \"positive\": text}} per line",
        path = path.display()
    )]
    NoPairs {
        /// The pairs file.
        path: PathBuf,
    },
    /// A document that appears twice.
    #[error(
        "{path}:{line}: docno {docno:?} appears twice in the corpus; remove one of the two",
        path = path.display()
    )]
    DuplicateDocno {
        /// The file of the second occurrence.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// The id.
        docno: String,
    },
    /// An index with documents of which nobody has given the text.
    #[error(
        "{index}: {missing} of its {documents} documents are not in --corpus, for example \
         {docno:?}; give all files that the index was made of",
        index = index.display()
    )]
    MissingText {
        /// The index.
        index: PathBuf,
        /// How many texts are missing.
        missing: usize,
        /// How many documents there are.
        documents: usize,
        /// The first of those without text.
        docno: String,
    },
    /// The teacher failed.
    #[error("teacher: {0}")]
    Teacher(TeacherError),
}

/// Whatever a teacher can't do.
pub type TeacherError = Box<dyn std::error::Error + Send + Sync>;

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

impl From<spork_indexer::Error> for Error {
    fn from(error: spork_indexer::Error) -> Self {
        Self::Indexer(Box::new(error))
    }
}
