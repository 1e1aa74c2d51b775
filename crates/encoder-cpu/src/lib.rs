//! The backend of SPLADE encoders in Rust, for processors: [`Cpu`].

#![deny(unsafe_code)]

mod backend;

pub use backend::Cpu;
