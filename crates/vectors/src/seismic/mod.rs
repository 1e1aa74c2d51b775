//! Seismic's formats: JSONL with integer ids, which the reader of JSONL reads, and `.bin`.
//!
//! `.bin`, little-endian: the number of vectors as `u32`; then each vector, its number of terms as
//! `u32`, its terms as `u32`, ascending, and their weights as `f32`. kANNolo and Linscan read it
//! too. Terms are numbers of a token table, a JSON object beside the file; vectors have no ids.

mod reader;
mod writer;

pub(crate) use reader::{BinReader, may_be_bin};
pub(crate) use writer::{write_bin, write_jsonl};
