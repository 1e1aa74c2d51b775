//! Sparse vectors as files: the seam between encoder and engine.
//!
//! Everything to the right of this crate (index, search, evaluation) builds and runs without
//! libtorch; any encoder may fill the files that it reads.
//!
//! - [`VectorLine`] is one document or query vector: JSONL in Anserini's `vector` shape, or
//!   `qid<TAB>term term …`.
//! - [`binary`] is the compact format: blocks of vectors, compressed and checked.
//! - [`VectorReader`] reads files of any [`Format`], which it recognizes by content and name;
//!   [`CiffReader`] reads a CIFF file with the lengths of its documents.
//! - [`CollectingWriter`] writes the formats that other engines read, and says in [`Losses`] what
//!   they do not hold.
//!
//! docs/formats.md lists the formats, and what each keeps and loses.

#![forbid(unsafe_code)]

mod bigann;
pub mod binary;
mod ciff;
mod collected;
mod error;
mod folder;
mod format;
mod integers;
mod lines;
mod losses;
mod numbering;
mod reader;
mod recognize;
mod scratch;
mod seen;
mod seismic;
mod shard;
mod terms;
mod text_writer;
mod tokens;
mod vector;
mod writer;

pub use ciff::{CiffBlock, CiffHeader, CiffReader, Description, Values};
pub use error::{Error, Result, WeightFault};
pub use format::Format;
pub use losses::{IdsWritten, Losses};
pub use reader::{ReadOptions, VectorReader, recorded_encoder, recorded_shard, recorded_values};
pub use recognize::{has_mark, recognize};
pub use scratch::Scratch;
pub use seen::SeenVectors;
pub use shard::Shard;
pub use vector::{VectorFormat, VectorLine, write_vector_line};
pub use writer::{CollectingWriter, WriteOptions};
