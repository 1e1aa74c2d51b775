//! Errors of loading a model and of encoding with it.

use std::path::PathBuf;

use spork_model::{DeviceError, ModelError};

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, EncodeError>;

/// Why a model can't be loaded or a text can't be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The model can't be read, a text can't be tokenized, or a weight is NaN or infinite.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Encoding was asked to stop.
    #[error(transparent)]
    Stopped(#[from] spork_core::Stopped),
    /// A truncation length outside what the model can do.
    #[error(
        "a maximum length of {asked} tokens is not possible; this model takes {least} to {most}"
    )]
    MaxLength {
        /// The length that the caller chose.
        asked: usize,
        /// The special tokens and one token of text.
        least: usize,
        /// The rows of the position embedding.
        most: usize,
    },
    /// The encoder of documents or queries was not loaded, or the model has none.
    #[error("{name} was loaded without its {side} encoder")]
    SideAbsent {
        /// The model's name.
        name: String,
        /// "document" or "query".
        side: &'static str,
    },
    /// A model with a network, and no backend to compute it.
    #[error(
        "{directory}: the model's {side} encoder is a network, and this program has no backend \
         that computes one",
        directory = directory.display()
    )]
    NoBackend {
        /// The model directory.
        directory: PathBuf,
        /// "document" or "query".
        side: &'static str,
    },
    /// No such device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A number format that the backend does not compute in.
    #[error("the backend {backend} does not compute in {asked}; it has {offered}")]
    Precision {
        /// The backend's name.
        backend: &'static str,
        /// The precision that the caller chose.
        asked: spork_model::Precision,
        /// Those that it has, and where the other is to be had.
        offered: &'static str,
    },
    /// The backend failed.
    #[error(transparent)]
    Backend(Box<dyn std::error::Error + Send + Sync>),
}

impl EncodeError {
    /// The same error about the `first`-th text and those after it: batches count from their own
    /// start.
    pub(crate) fn shifted(self, first: usize) -> Self {
        match self {
            Self::Model(error) => Self::Model(error.shifted(first)),
            other => other,
        }
    }
}
