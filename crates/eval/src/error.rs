//! Errors with their place and their remedy.

use std::io;
use std::path::{Path, PathBuf};

/// An error of reading judgments and runs, or of evaluating them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that can't be read.
    #[error(transparent)]
    File(#[from] spork_files::Error),
    /// A line that does not say what it should.
    #[error("{path}:{line}: {error}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The fault of the line.
        error: RecordError,
    },
    /// A split whose topics have no texts.
    #[error(
        "none of the {judged} topics of {qrels} is in queries.jsonl; are both of one collection?",
        qrels = qrels.display()
    )]
    NoSplitTopics {
        /// The judgments of the split.
        qrels: PathBuf,
        /// How many topics they have.
        judged: usize,
    },
    /// A run and qrels that have no topic in common.
    #[error(
        "no topic of the run is judged: the qrels have {judged} topics (the first: \
         {judged_first:?}), the run has {ran} (the first: {ran_first:?}); give the qrels of the \
         topics that were searched"
    )]
    NoTopics {
        /// Number of topics in the qrels.
        judged: usize,
        /// The first of them, empty where there is none.
        judged_first: String,
        /// Number of topics in the run.
        ran: usize,
        /// The first of them, empty where there is none.
        ran_first: String,
    },
}

/// The fault of a judgment or a hit.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not UTF-8, or not the columns that were expected.
    #[error(transparent)]
    Shape(#[from] spork_files::LineError),
    /// A grade that is not an integer.
    #[error(
        "the grade {0:?} is not an integer of 32 bits; grades are 0, 1, 2, …, or negative for \
         \"not judged\""
    )]
    Grade(String),
    /// A score that is not a number.
    #[error("the score {0:?} is not a number; scores are decimal numbers, the better the higher")]
    Score(String),
    /// A rank that is not an integer from 1.
    #[error(
        "the rank {0:?} is not an integer from 1; three columns are read as MS MARCO's qid, docno, \
         rank"
    )]
    Rank(String),
    /// A document that appears twice in one topic.
    #[error("document {docno:?} appears twice in topic {qid:?}; keep one of the two lines")]
    Duplicate {
        /// The topic.
        qid: String,
        /// The document.
        docno: String,
    },
}

/// A metric that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("metric {metric:?}: {problem}")]
pub struct MetricError {
    /// The metric as it was given.
    pub metric: String,
    /// The fault of the metric.
    pub problem: MetricProblem,
}

/// The fault of a metric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetricProblem {
    /// No such measure.
    #[error("unknown; supported are {}", crate::metric::SUPPORTED)]
    Unknown,
    /// No metric where one was expected.
    #[error("no metric given; supported are {}", crate::metric::SUPPORTED)]
    Empty,
    /// Brackets that don't close, or something after them that is no cutoff.
    #[error("expected NAME, NAME@K or NAME(rel=N)@K")]
    Shape,
    /// A measure that is only defined with a cutoff.
    #[error("needs a cutoff: {0}@K")]
    NeedsCutoff(&'static str),
    /// A measure that has no cutoff.
    #[error("{0} takes no cutoff")]
    TakesNoCutoff(&'static str),
    /// A cutoff that is not an integer from 1.
    #[error("the cutoff {0:?} is not an integer from 1")]
    Cutoff(String),
    /// A parameter that is not known.
    #[error("the parameter {0:?} is not supported; only rel=N (relevant from grade N on) is")]
    Parameter(String),
    /// A measure that has no relevance level.
    #[error("{0} takes no rel=")]
    TakesNoLevel(&'static str),
}

/// An error of writing a run.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output can't be written.
    #[error("can't write the run: {0}")]
    Io(#[from] io::Error),
    /// A column that a run file can't carry.
    #[error(
        "the {column} {value:?} can't be written to a run file: it is empty, holds white space, or \
         begins a line with # as comments do; rename it"
    )]
    Column {
        /// Which column.
        column: &'static str,
        /// The value that can't be written.
        value: String,
    },
    /// A score that can't be ordered.
    #[error("the score of document {docno:?} in topic {qid:?} is not a number")]
    Score {
        /// The topic.
        qid: String,
        /// The document.
        docno: String,
    },
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error in line `line` (from 1) of `path`.
    pub(crate) fn line(path: &Path, line: u64, error: impl Into<RecordError>) -> Self {
        Self::Line { path: path.to_owned(), line, error: error.into() }
    }
}
