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
    /// An input or output error at `path`.
    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File(spork_files::Error::io(path, source))
    }
}
