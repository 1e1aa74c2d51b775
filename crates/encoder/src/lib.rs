//! SPLADE encoders: from text to sparse vectors.
//!
//! [`Model::open`] takes a model directory (see [`spork_model::Directory`]); [`Model::encode`]
//! makes one [`SparseVector`](spork_core::SparseVector) a text. [`DenseModel`] is the same for the
//! dense encoders that teach.
//!
//! text → token ids → batches of similar length → [`SpladeNetwork`] → vectors, in the order of the
//! texts.
//!
//! No network is computed here. A [`Backend`] does that: `spork-encoder-cpu` on processors,
//! `spork-encoder-torch` on GPUs. A model whose queries are weighted by a table encodes them
//! without any.

#![forbid(unsafe_code)]

mod backend;
mod batching;
mod dense;
mod error;
mod model;
mod network_encoder;
mod progress;

pub use backend::{
    Backend, Batch, DenseNetwork, NetworkSpec, Placement, SpladeNetwork, TermWeights,
};
pub use dense::DenseModel;
pub use error::{EncodeError, Result};
pub use model::{Model, TokenizedTexts, needs_network};
pub use progress::Progress;
