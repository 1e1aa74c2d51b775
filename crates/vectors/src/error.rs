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
        "{path} was left by an interrupted run; resume with --resume, or remove it",
        path = path.display()
    )]
    Unfinished {
        /// The partial file.
        path: PathBuf,
    },
    /// A result of another run, which this one can't go on with.
    #[error(
        "{path} was begun with other settings: {got}, expected {expected}; give the same again, or \
         remove the file",
        path = path.display()
    )]
    OtherRun {
        /// The partial file.
        path: PathBuf,
        /// Its header.
        got: String,
        /// This run's header.
        expected: String,
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
