//! BigANN's sparse vectors, `.csr`: a matrix of which rows are vectors.
//!
//! Little-endian: the numbers of rows, columns and entries as `i64`; where each row's entries start
//! and the last one's end, as `i64`; then the columns of all entries as `i32`, and their weights as
//! `f32`. Vectors have no ids, and terms are the numbers of columns unless a token table says more.

mod header;
mod reader;
mod writer;

pub(crate) use header::is_csr;
pub(crate) use reader::CsrReader;
pub(crate) use writer::write;
