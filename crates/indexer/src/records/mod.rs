//! Records: the columns and texts of documents, read from the files that hold them and given back
//! in the order of docids, or in any other.
//!
//! A file of records is JSONL as collections have it, with the columns as further keys, or
//! `id<TAB>text` where only texts are asked for. What is read goes to a file without a name while
//! the run lasts. In memory are eight bytes a document, and some batches of lines.

mod read;
mod stored;
mod values;

pub use read::{RecordOptions, RecordReport, read_records};
pub use stored::{Record, RecordFile, RecordFileReader, RecordText};
