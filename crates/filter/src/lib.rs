//! Filters: which documents a search may return, by their columns.
//!
//! ```
//! use spork_filter::Filter;
//! use spork_index::parse_schema;
//!
//! let columns = parse_schema("year:integer,lang:keyword")?;
//! let filter: Filter = r#"year >= 2020 and not exists lang"#.parse()?;
//! let bound = filter.bind(&columns)?;
//! // For each segment: bound.select(&segment_columns)? is a bit a document.
//! # let _ = bound;
//! let json = concat!(
//!     r#"{"and": [{"column": "year", "op": ">=", "value": 2020}, "#,
//!     r#"{"not": {"exists": "lang"}}]}"#
//! );
//! assert_eq!(filter.to_json(), json);
//! assert_eq!(json.parse::<Filter>()?, filter);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Filter`] is what was written, in either form; [`Filter::bind`] checks it against an index's
//! columns, and [`BoundFilter::select`] finds the documents of a segment. `docs/filters.md` says
//! what each part means.

#![forbid(unsafe_code)]

mod bind;
mod cursor;
mod decimal;
mod error;
mod filter;
mod grammar;
mod json;
mod lexer;
mod print;
mod select;
mod tree;

pub use bind::BoundFilter;
pub use error::{Fault, FilterError};
pub use filter::Filter;
