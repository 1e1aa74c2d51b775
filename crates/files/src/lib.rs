//! Lines from files and results into files: plain, gzip, zstd, standard input and output.
//!
//! - [`Source`] opens a file and hands out its lines, each with its number, one at a time or in
//!   batches that several threads can parse. Elements of a JSON array are handed out as lines, too.
//! - [`Foreign`] is a file that is not what its name says: an archive, a pointer, a web page.
//! - [`Output`] is where results go: standard output, or a file that appears only when it is
//!   complete. [`PartialFile`] is such a file before it has its name. [`check_places`] finds
//!   outputs that would destroy an input. [`replace_folder`] does for a folder what [`Output`] does
//!   for a file.
//! - [`TextLine`] is one document or query as text: BEIR JSONL and its relatives, or
//!   `id<TAB>text`.
//! - [`read_topics`] reads a file of topics, [`TopicReader`] one topic after the other; [`SeenIds`]
//!   finds ids that come twice.
//! - [`BeirFolder`] is a test collection as BEIR lays it out.
//! - [`PairLine`] is one training pair: a query, its positive, its negatives and their scores.
//! - [`json`] holds the pieces that all records of one JSON object a line share.
//!
//! Every [`Error`] says which file, which line, and what was wrong there.

#![forbid(unsafe_code)]

mod beir;
mod columns;
mod error;
mod folders;
mod foreign;
mod gzip;
pub mod json;
mod line;
mod links;
mod output;
mod pair;
mod partial;
mod places;
mod record;
mod source;
mod text;
mod topics;
mod values;

pub use beir::BeirFolder;
pub use columns::Columns;
pub use error::{Error, LineError, Result, check_id};
pub use folders::{remove_folder, replace_folder};
pub use foreign::{Foreign, HEAD};
pub use line::{Line, LineBatch};
pub use output::Output;
pub use pair::PairLine;
pub use partial::PartialFile;
pub use places::{Place, check_places};
pub use source::Source;
pub use text::{TextFormat, TextLine};
pub use topics::{SeenIds, TopicReader, read_topics};
