//! A tensor of a checkpoint, before its values are read.

use crate::tensor::Dtype;

/// One tensor of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointTensor {
    /// Its key in the state dict.
    pub name: String,
    /// The type of its values.
    pub dtype: Dtype,
    /// Its dimensions; none for a scalar.
    pub shape: Vec<usize>,
    /// Its values: contiguous, row-major, little-endian.
    pub bytes: Vec<u8>,
}
