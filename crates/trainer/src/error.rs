//! Errors of training, with the place and the remedy.

use std::io;
use std::path::{Path, PathBuf};

use spork_encoder::EncodeError;
use spork_encoder_torch::TorchError;
use spork_model::ModelError;
use tch::TchError;

/// The result of anything here.
pub type Result<T> = std::result::Result<T, TrainError>;

/// Why training could not start or continue.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The model could not be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The network could not be built or computed.
    #[error(transparent)]
    Network(#[from] TorchError),
    /// A teacher's model could not be loaded or computed.
    #[error("teacher: {0}")]
    Teacher(#[from] EncodeError),
    /// libtorch refused an operation; usually memory is full.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    /// A line of an input file, or the file itself.
    #[error(transparent)]
    Input(#[from] spork_files::Error),
    /// A file or folder.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// The cause as the system tells it.
        source: io::Error,
    },
    /// A setting with an impossible value.
    #[error("{path}: {what}")]
    Config {
        /// The file of settings.
        path: PathBuf,
        /// The fault, and a right value.
        what: String,
    },
    /// The training data can't serve the settings.
    #[error("{0}")]
    Data(String),
    /// A checkpoint that can't be read.
    #[error("{path}: {what}; delete this folder to resume from an earlier checkpoint")]
    Checkpoint {
        /// Its folder or file.
        path: PathBuf,
        /// The fault.
        what: String,
    },
    /// The vectors have lost their meaning.
    #[error("step {step}: {what}")]
    Collapse {
        /// The step at which it was seen.
        step: u64,
        /// The symptom and the remedy.
        what: String,
    },
    /// The validator failed.
    #[error("validation: {0}")]
    Validation(Box<dyn std::error::Error + Send + Sync>),
}

impl TrainError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}
