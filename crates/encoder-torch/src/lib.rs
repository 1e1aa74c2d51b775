//! The libtorch backend of SPLADE encoders, on processors and on GPUs.
//!
//! [`Torch`] is the [`Backend`](spork_encoder::Backend): [`batch::Batch`] →
//! [`transformer::Transformer`] → [`head::Head`] → [`pooling`] → weights, on a worker a core;
//! on a CPU, [`Screen`](spork_encoder_cpu::Screen) finds the terms that can have a weight at all
//! before the decoder computes them.
//!
//! The lower layers are public for training: [`Parameters`] hold tensors by name, a
//! [`network::Network`] computes on them with gradients, and the head's logits can be had for some
//! terms at a time.
//!
//! With the trainer this is the only crate that uses tch. In a program, call [`load_cuda`] before
//! anything else.

#![deny(unsafe_code)]

mod backend;
pub mod batch;
mod dense;
mod device;
mod error;
pub mod head;
mod layers;
pub mod network;
mod parameters;
pub mod pooling;
mod precision;
pub mod transformer;
mod worker;
mod workers;

pub use backend::Torch;
pub use device::{SelectedDevice, load_cuda, select};
pub use error::{Result, TorchError};
pub use parameters::Parameters;
pub use precision::cast_layers;
pub use tch::Device;
pub use worker::can_screen;
