//! What can't be fused.

/// An error of fusing runs.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FusionError {
    /// Nothing to fuse with.
    #[error("{0} run given; fusion needs at least two")]
    Runs(usize),
    /// Not a weight for each run.
    #[error("{weights} weights for {runs} runs; give one for each, in their order")]
    Weights {
        /// Number of runs.
        runs: usize,
        /// Number of weights.
        weights: usize,
    },
    /// A weight that is none.
    #[error("the weight {0} is not a number from 0 up")]
    Weight(f64),
    /// Nothing has weight.
    #[error("all weights are 0; give one run at least a weight above it")]
    NoWeight,
    /// The constant of reciprocal ranks.
    #[error("the constant of reciprocal ranks is {0}, not a number from 0 up")]
    RankConstant(f64),
    /// A score that can't be added.
    #[error(
        "the score of document {docno:?} in topic {qid:?} is infinite; fuse by reciprocal ranks, or \
         leave it out"
    )]
    Infinite {
        /// The topic.
        qid: String,
        /// The document.
        docno: String,
    },
}
