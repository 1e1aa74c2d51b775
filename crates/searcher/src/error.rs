//! Errors of searching.

/// An error of searching.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The index can't be read.
    #[error(transparent)]
    Index(#[from] spork_index::Error),
    /// Scores could exceed the accumulators.
    #[error(
        "a document could score {bound} on this query, beyond the accumulators' {limit}; \
         scale the query's weights down (divide them all by the same number)",
        limit = u32::MAX
    )]
    ScoreOverflow {
        /// Σ query weight × largest impact.
        bound: u128,
    },
    /// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
    #[error(transparent)]
    SimdCap(#[from] spork_core::SimdCapError),
    /// A query weight that is NaN, infinite or negative.
    #[error("the query weight of term {term:?} {error}; weights must be finite and not below zero")]
    Weight {
        /// The term.
        term: String,
        /// The fault.
        error: spork_core::WeightError,
    },
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;
