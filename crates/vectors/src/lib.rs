//! Sparse vectors as files: the seam between encoder and engine.
//!
//! Everything to the right of this crate (index, search, evaluation) builds and runs without
//! libtorch; any encoder may fill the files that it reads.
//!
//! - [`VectorLine`] is one document or query vector: JSONL in Anserini's `vector` shape, or
//!   `qid<TAB>term term …`.
//! - [`binary`] is the compact format: blocks of vectors, compressed and checked.

#![forbid(unsafe_code)]

pub mod binary;
mod error;
mod vector;

pub use error::{Error, Result, WeightFault};
pub use vector::{VectorFormat, VectorLine, write_vector_line};
