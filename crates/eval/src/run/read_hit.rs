//! A hit as a file has it.

use super::ranking::Hit;
use crate::error::RecordError;

/// A hit as it was read.
#[derive(Clone, Copy)]
pub(super) struct ReadHit {
    pub(super) hit: Hit,
    /// The rank that the line says.
    pub(super) rank: Option<f64>,
    pub(super) line: u64,
}

impl ReadHit {
    pub(super) fn score(&self) -> f64 {
        self.hit.score
    }
}

/// A line that does not fit those before it.
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) error: RecordError,
}
