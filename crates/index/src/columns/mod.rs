//! Columns: stored values of documents, which filters test.
//!
//! `columns.bin` has a section for each column of the index's schema, then a table of entries:
//!
//! ```text
//! 0              …       the columns' sections, each starting at a multiple of 8
//! length − 80·C  80·C    the table, an entry a column
//! ```
//!
//! Values are ordered numbers: integers themselves, times in nanoseconds, floats by an
//! order-preserving form of their bits, booleans 0 and 1, keywords their rank in a sorted
//! dictionary. A document's **code** is (number − minimum) / unit, in as few bits as hold the
//! largest, so that a comparison is a range of codes, and testing it a pass over plain numbers.
//! A document without value has code 0, and its bit in the presence bitmap is 0.
//!
//! A document may have several keywords. The first is its code; the others are in a list of
//! (docid, code).
//!
//! The bytes depend on nothing but the schema and the sequence of documents.

mod dictionary;
mod numbers;
mod range;
mod reader;
mod scan;
mod schema;
mod scratch;
mod table;
mod time;
mod value;
mod verify;
mod writer;

pub use range::ValueRange;
pub use reader::Columns;
pub use schema::{ColumnKind, ColumnSpec, SchemaError, parse_schema};
pub use time::{Time, TimeError};
pub use value::{Value, ValueError};
pub use writer::ColumnsWriter;
