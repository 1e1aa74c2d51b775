//! How samples are drawn where there are too many to enumerate.

/// Number and seed of samples, of a randomization test or a bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// Number of samples.
    pub samples: u32,
    /// Seed: the same data and seed give the same figures.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { samples: 100_000, seed: 0 }
    }
}
