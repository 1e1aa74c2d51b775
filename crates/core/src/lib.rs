//! The words that every other crate speaks: ids, sparse vectors, the quantizer between weights and
//! impacts, the mass of a vector, inverse document frequency, the best k of a stream or of an
//! index, seeded random numbers, the level of vector instructions, requests to stop, and points at
//! which tests kill. No files, no threads, nothing unsafe.

#![forbid(unsafe_code)]

mod docno_order;
mod idf;
mod ids;
mod kill_point;
mod mass;
mod property;
mod quantizer;
mod random;
mod simd_level;
mod stop;
mod top_documents;
mod topk;
mod vector;

pub use docno_order::{DocnoOrder, DocnoRank};
pub use idf::idf;
pub use ids::{DocId, TermId};
pub use kill_point::kill_point;
pub use mass::mass_threshold;
pub use property::ENCODER_PROPERTY;
pub use quantizer::{Impact, Quantizer};
pub use random::Random;
pub use simd_level::{MAX_SIMD, SimdCapError, SimdLevel};
pub use stop::{Stop, Stopped};
pub use top_documents::TopDocuments;
pub use topk::{Hit, RankKey, TopK};
pub use vector::{SparseVector, WeightError, check_weight};
