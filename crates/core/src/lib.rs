//! The words that every other crate speaks: ids, sparse vectors, the quantizer between weights and impacts,
//! the mass of a vector, how rare a term is, and the selection of the best k documents. No input or output happens here, and nothing is unsafe.

#![forbid(unsafe_code)]

mod idf;
mod ids;
mod kill_point;
mod mass;
mod quantizer;
mod random;
mod topk;
mod vector;

pub use idf::idf;
pub use ids::{DocId, TermId};
pub use kill_point::kill_point;
pub use mass::mass_threshold;
pub use quantizer::{Impact, Quantizer};
pub use random::Random;
pub use topk::{Hit, TopK};
pub use vector::{SparseVector, WeightError, check_weight};
