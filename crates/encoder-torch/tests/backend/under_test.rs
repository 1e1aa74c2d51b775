//! The backend of this crate, and what it promises.

use spork_encoder_torch::Torch;
use spork_model::Precision;

use crate::shared::tally::close;

pub(crate) fn backend() -> Torch {
    Torch
}

/// In bf16 a text's last digits depend on its batch.
pub(crate) const FIXED: &[Precision] = &[Precision::Float32];

pub(crate) fn same(a: f32, b: f32) -> bool {
    close(a, b)
}
