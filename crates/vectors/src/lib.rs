//! The seam between encoder and engine: sparse vectors and text collections as files.
//!
//! Everything to the right of this crate (index, search, evaluation) builds and runs without libtorch; any
//! encoder may fill the files that it reads. Input may be plain, gzip or zstd, a file or standard input.
//!
//! - [`Source`] opens a file and hands out its lines, each with its number, one at a time or in batches that
//!   several threads can parse.
//! - [`VectorLine`] is one document or query vector: JSONL in Anserini's `vector` shape, or `qid<TAB>term term …`.
//! - [`binary`] is the compact format: blocks of vectors, compressed and checked.
//! - [`TextLine`] is one document or query text: BEIR JSONL, or `id<TAB>text`.
//! - [`Output`] is where results go: standard output, or a file that appears only when it is complete.

#![forbid(unsafe_code)]

pub mod binary;
mod error;
mod json;
mod output;
mod source;
mod text;
mod vector;

pub use error::{Error, LineError, Result};
pub use output::Output;
pub use source::{Line, LineBatch, Source};
pub use text::{TextFormat, TextLine};
pub use vector::{VectorFormat, VectorLine, write_vector_line};
