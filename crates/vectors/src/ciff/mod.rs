//! CIFF, the Common Index File Format, version 1: an inverted index as protocol buffers.
//!
//! A file is a header, the posting lists, and the records of documents, each a message behind its
//! length. Reading turns lists into documents, within a memory bound, over a temporary file.
//!
//! The format does not say whether a posting's number is a term count, which BM25 has yet to weigh,
//! or an impact, which is a weight already. Files of ours say it in their description, as JSON
//! ([`Description`]).

mod description;
mod documents;
mod header;
mod message;
mod postings;
mod reader;
mod writer;

pub use description::{Description, Values};
pub use header::CiffHeader;
pub(crate) use header::is_ciff;
pub use reader::{CiffBlock, CiffReader};
pub(crate) use writer::write;
