//! Errors of loading a network.

use spork_core::SimdCapError;
use spork_encoder::EncodeError;

/// Why a network can't be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CpuError {
    /// The configuration implies a tensor that the network has not got.
    #[error("the network has no tensor {0:?}, which its configuration implies")]
    Tensor(String),
    /// The cap on vector instructions can't be kept.
    #[error(transparent)]
    Simd(#[from] SimdCapError),
}

impl From<CpuError> for EncodeError {
    fn from(error: CpuError) -> Self {
        Self::Backend(Box::new(error))
    }
}

/// Result with this crate's error.
pub(crate) type Result<T> = std::result::Result<T, CpuError>;
