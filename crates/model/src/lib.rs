//! A SPLADE model, apart from the network that computes it.
//!
//! [`Directory::read`] understands a model directory as Hugging Face transformers or
//! sentence-transformers writes it: which parts encode documents and queries, and how.
//! [`NetworkConfig`] says which network that takes, [`Checkpoint`] reads its weights (safetensors
//! or PyTorch) as [`Tensors`], plain memory, and [`TextTokenizer`] turns text into token ids.
//! [`hub::resolve`] finds a model by its Hub id.
//!
//! [`TokenEncoder`] encodes without a network: a text's own tokens, weighted by a table.
//! [`average`] makes one model of several. [`Identity`] is what vectors and indexes record about
//! the encoder that made them.

#![forbid(unsafe_code)]

mod average;
mod checkpoint;
pub mod config;
mod dense;
mod device;
mod directory;
mod error;
mod fit;
pub mod hub;
mod identity;
mod json;
mod kind;
mod modules;
mod options;
pub mod pickle;
mod pooling;
mod precision;
pub mod query_weights;
mod record;
mod route;
mod sentence_transformers;
mod table;
mod tensor;
mod tensor_names;
mod tokenizer;
mod tokens;

pub use average::average;
pub use checkpoint::{Checkpoint, Expected};
pub use config::NetworkConfig;
pub use dense::DenseDirectory;
pub use device::{DeviceChoice, DeviceError};
pub use directory::{Directory, MOST_IDF_POWER};
pub use error::{BeyondRows, ModelError, Result, TensorMismatch, WrongShape};
pub use fit::{EncoderMismatch, QueryEncoder, check_query_encoder, check_query_record};
pub use identity::Identity;
pub use kind::Kind;
pub use options::{EncodeOptions, LoadOptions, Sides};
pub use pooling::{Pooling, PoolingStrategy, Saturation};
pub use precision::Precision;
pub use record::{ArithmeticMismatch, Comparison, EncoderRecord};
pub use route::{Lengths, NetworkRoute, Route, TokenRoute, TokenWeights};
pub use table::TokenTable;
pub use tensor::{Dtype, FloatTensor, Tensors};
pub use tensor_names::{Architecture, LayerNames, Names};
pub use tokenizer::TextTokenizer;
pub use tokens::TokenEncoder;
