//! What libtorch says when it fails, in one line.

use spork_core::SimdCapError;
use spork_encoder::EncodeError;
use spork_model::DeviceError;
use tch::TchError;

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, TorchError>;

/// Why a network can't be built or computed.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// No such device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A cap on vector instructions that can't be kept.
    #[error(transparent)]
    SimdCap(#[from] SimdCapError),
    /// A parameter that the network needs is not among those given.
    #[error("the parameters lack {0}; give all that the network's configuration needs")]
    Parameter(String),
    /// libtorch failed.
    #[error("libtorch: {}", torch_message(.0))]
    Torch(#[from] TchError),
}

impl TorchError {
    /// Whether it is that memory is full.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        matches!(self, Self::Torch(error) if tells_of_memory(&error.to_string()))
    }
}

impl From<TorchError> for EncodeError {
    fn from(error: TorchError) -> Self {
        match error {
            TorchError::Device(error) => error.into(),
            error => Self::Backend(Box::new(error)),
        }
    }
}

/// The first line of a libtorch message (the rest is a C++ stack), with advice where memory ran
/// out.
fn torch_message(error: &TchError) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().to_owned();
    let memory = tells_of_memory(&text);
    if memory { format!("{first}; give a smaller --batch-tokens or --max-length") } else { first }
}

/// Whether a message of libtorch says that the device's or the machine's memory is full.
fn tells_of_memory(message: &str) -> bool {
    message.contains("out of memory") || message.contains("can't allocate memory")
}
