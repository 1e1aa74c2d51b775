//! The memory bound: bytes that stay allocated for the whole run, and bytes left for each step.

use crate::{Error, Result};

/// Batches of lines in flight, file buffers and the program itself.
const RESERVE: u64 = 64 << 20;

/// A bound in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryBound(pub(crate) u64);

impl MemoryBound {
    /// The bytes left beside `lasting` bytes that stay allocated; an error if they are fewer than
    /// `work`.
    pub(crate) fn left_beside(self, lasting: u64, work: u64) -> Result<u64> {
        let fixed = lasting + RESERVE;
        match self.0.checked_sub(fixed) {
            Some(left) if left >= work => Ok(left),
            _ => {
                Err(Error::Memory { bound: self.0 >> 20, needed: (fixed + work).div_ceil(1 << 20) })
            }
        }
    }
}
