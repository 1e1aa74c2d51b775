//! Readers of training data. A bad line is an error with its number.

mod pairs;
mod plain;
mod triples;

pub use pairs::read_pairs;
pub use plain::read_texts;
pub use triples::read_triples;
