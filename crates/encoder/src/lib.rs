//! SPLADE encoders: from text to sparse vectors, with libtorch.
//!
//! [`Model::open`] takes a model directory as Hugging Face transformers or sentence-transformers writes it (BERT or
//! DistilBERT with masked-language-model head, safetensors or PyTorch checkpoint); [`Model::encode`] makes one
//! [`SparseVector`](spork_core::SparseVector) a text, equal to the reference's. [`hub::resolve`] finds a model by its Hub id.
//!
//! text → [`TextTokenizer`] → ids → [`network::Batch`] → [`transformer::Transformer`] → [`head::Head`] →
//! [`Pooling`] → vector. Without a network, [`TokenEncoder`] weighs a text's own tokens.
//!
//! The lower layers are public for training: [`Checkpoint`] and [`Parameters`] hold tensors by name, a
//! [`network::Network`] computes on them with gradients, and the head's logits can be had for some terms at a time.
//!
//! This is the only crate that uses tch. In a program, call [`load_cuda`] before anything else.

#![deny(unsafe_code)]

mod batching;
pub mod config;
mod dense;
mod device;
mod directory;
mod error;
pub mod head;
pub mod hub;
mod identity;
mod json;
mod layers;
mod model;
mod names;
pub mod network;
mod network_encoder;
mod options;
mod pickle;
mod pooling;
mod precision;
mod screen;
mod tokenizer;
mod tokens;
pub mod transformer;
mod weights;
mod worker;
mod workers;

pub use dense::DenseModel;
pub use device::{DeviceChoice, DeviceError, SelectedDevice, load_cuda};
pub use directory::TokenWeights;
pub use error::{EncodeError, Result, TensorMismatch, WrongShape};
pub use identity::Identity;
pub use model::{Model, TokenizedTexts};
pub use options::{EncodeOptions, Kind, LoadOptions, Progress, Sides};
pub use pickle::PickleError;
pub use pooling::{Pooling, Saturation, Strategy};
pub use precision::Precision;
pub use tch::Device;
pub use tokenizer::TextTokenizer;
pub use tokens::TokenEncoder;
pub use weights::{Checkpoint, Expected, Parameters};
