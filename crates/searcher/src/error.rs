//! Errors of searching.

/// An error of searching.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The index can't be read.
    #[error(transparent)]
    Index(#[from] spork_index::Error),
    /// The search was asked to stop.
    #[error(transparent)]
    Stopped(#[from] spork_core::Stopped),
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
    /// A query for one field, and an index of several.
    #[error("the index has the fields {fields}; say which of them the query is for")]
    SeveralFields {
        /// Their names.
        fields: String,
    },
    /// A query for a field that the index lacks.
    #[error("the index has no field {field:?}; it has {fields}")]
    NoField {
        /// The name that was given.
        field: String,
        /// The names of the index's fields.
        fields: String,
    },
    /// A mix that leaves a field out.
    #[error(
        "the mix says nothing of the field {field}; give each of {fields} a weight, 0 to leave it \
         out"
    )]
    Unmixed {
        /// The field.
        field: String,
        /// The names of the index's fields.
        fields: String,
    },
    /// Statistics of a collection that say nothing of a term of the query.
    #[error(
        "the collection's statistics say nothing of the query's term {term:?}; gather them from all \
         shards for the query that is searched"
    )]
    NoStatistics {
        /// The term.
        term: String,
    },
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
