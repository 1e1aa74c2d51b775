//! Measurement: how long searches take, what work they are, what an index holds, and pictures of
//! it.
//!
//! - [`Experiment`] times queries over indexes, strategies, cutoffs and threads, and gives a
//!   [`Benchmark`]: a record that is written as JSON and as a table.
//! - [`IndexStatistics`] is what an index says of itself, [`expected_flops`] what queries cost in
//!   it.
//! - [`Machine`] describes what the figures were measured on.
//! - With the feature `plot`, `plot` draws panels as SVG and PNG, `table` reads what it draws, and
//!   `report` makes an HTML page of benchmarks.

#![forbid(unsafe_code)]

mod bench;
mod error;
mod flops;
mod index_statistics;
mod machine;
mod pruning_record;

#[cfg(feature = "plot")]
pub mod plot;
#[cfg(feature = "plot")]
pub mod report;
#[cfg(feature = "plot")]
pub mod table;

pub use bench::{Arrivals, Benchmark, Experiment, QuerySource};
#[cfg(feature = "plot")]
pub use error::{DrawError, TableError};
pub use error::{Error, Result};
pub use flops::{expected_flops, field_flops};
pub use index_statistics::{FieldStatistics, IndexBytes, IndexStatistics, bytes_per_posting};
pub use machine::Machine;
pub use pruning_record::PruningRecord;
