//! Errors with their place: which file, which block, what was wrong there.

use std::path::PathBuf;

use spork_core::WeightError;
use spork_files::LineError;

use crate::binary::damage::Damage;

/// An error of a file of vectors.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read or written, or a line of it is wrong.
    #[error(transparent)]
    File(#[from] spork_files::Error),
    /// A binary vectors file that is damaged.
    #[error("{path}: the block at byte {position} {damage}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first byte of the block in the uncompressed file.
        position: u64,
        /// The fault of the block.
        damage: Damage,
    },
    /// A file that is not as its format says.
    #[error("{path}: {place}: {fault}", path = path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: String,
        /// What is wrong there, what was expected, and what can be done.
        fault: String,
    },
    /// A file whose format can't be told, or is not the one that was asked for.
    #[error("{path}: {fault}", path = path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What its name and its content say.
        fault: String,
    },
    /// Vectors that a format can't hold.
    #[error("{format} can't hold {what}; {remedy}")]
    Unfit {
        /// The format.
        format: &'static str,
        /// What it can't hold.
        what: String,
        /// What can be done.
        remedy: String,
    },
    /// The memory bound is too low.
    #[error(
        "{path}: --memory is {bound}M; at least {needed}M are needed here; raise it",
        path = path.display()
    )]
    Memory {
        /// The file that is read or written.
        path: PathBuf,
        /// The bound in units of 2²⁰ bytes.
        bound: u64,
        /// The bound that would suffice, in the same units.
        needed: u64,
    },
    /// A temporary file.
    #[error("temporary file in {folder}: {source}", folder = folder.display())]
    Temporary {
        /// The folder.
        folder: PathBuf,
        /// The system's error; a full disk shows here.
        source: std::io::Error,
    },
    /// A result of a run that was cut off, in the way of a new one.
    #[error(
        "{path} was left by an interrupted run; resume with --resume, or replace it with --force",
        path = path.display()
    )]
    Unfinished {
        /// The partial file.
        path: PathBuf,
    },
    /// The file of a run with other settings, which can't be resumed.
    #[error(
        "{path} was made with other settings: {differences}; give the same again, another \
         --output, or --force to encode from the start",
        path = path.display()
    )]
    OtherRun {
        /// The file, finished or not.
        path: PathBuf,
        /// Its settings that differ, and what they are now.
        differences: String,
    },
    /// A file that can't be compared with the input of a run that is to be resumed.
    #[error(
        "{path} does not say which texts it was made of, as files of earlier versions and of spork \
         convert don't, so that a changed input would not be noticed; encode from the start with \
         --force, or give another --output",
        path = path.display()
    )]
    TextsUnknown {
        /// The file, finished or not.
        path: PathBuf,
    },
}

/// A weight that no vector can have.
#[derive(Debug, thiserror::Error)]
#[error("the weight of term {term:?} of {id:?} {error}; weights must be finite and not below zero")]
pub struct WeightFault {
    /// The vector's id.
    pub id: String,
    /// The term.
    pub term: String,
    /// The fault of the weight.
    pub error: WeightError,
}

impl From<WeightFault> for LineError {
    fn from(fault: WeightFault) -> Self {
        Self::Record(Box::new(fault))
    }
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A fault at `place` of `path`.
    pub(crate) fn fault(
        path: &std::path::Path,
        place: impl Into<String>,
        fault: impl Into<String>,
    ) -> Self {
        Self::Fault { path: path.to_owned(), place: place.into(), fault: fault.into() }
    }

    /// An input or output error at `path`.
    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File(spork_files::Error::io(path, source))
    }
}
