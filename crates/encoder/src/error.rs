//! What can go wrong between a model and its vectors.

use std::path::PathBuf;

use spork_model::{DeviceError, ModelError};

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, EncodeError>;

/// Why a model can't be loaded or a text can't be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The model can't be read, a text can't be tokenized, or a weight is none.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A truncation length outside what the model can do.
    #[error(
        "a maximum length of {asked} tokens is not possible; this model takes {least} to {most}"
    )]
    MaxLength {
        /// What was asked for.
        asked: usize,
        /// The special tokens and one token of text.
        least: usize,
        /// The rows of the position embedding.
        most: usize,
    },
    /// The side that is asked for was not loaded, or the model has none.
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
