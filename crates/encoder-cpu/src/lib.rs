//! The backend of SPLADE encoders in Rust, for processors.
//!
//! [`Cpu`] is the [`Backend`](spork_encoder::Backend): token ids → `transformer` → `head` →
//! weights, on a worker a core. In the head [`Screen`] finds the terms that can have a weight at
//! all before `logits` computes them. Nearly all time is spent in `product`, the one kernel of
//! floats, bfloat16 and bytes, written once over the vector instructions of `simd`.
//!
//! A text's vector has the same bits alone, in any batch and on any number of threads: each number
//! is a sum in a fixed order. In 32-bit floats it has the same bits at every level of instructions,
//! too.

#![deny(unsafe_code)]

mod attention;
mod backend;
mod dense;
mod error;
mod format;
mod head;
mod logits;
mod math;
mod norm;
mod panels;
mod placement;
mod product;
#[cfg(feature = "rates")]
mod rates;
mod screening;
mod simd;
mod splade;
mod tensors;
mod transformer;
mod workers;

pub use backend::Cpu;
#[cfg(feature = "rates")]
pub use rates::{Rate, rates};
pub use screening::Screen;
