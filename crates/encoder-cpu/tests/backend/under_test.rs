//! The backend of this crate, and what it promises.

use spork_encoder_cpu::Cpu;
use spork_model::Precision;

pub(crate) fn backend() -> Cpu {
    Cpu::default()
}

/// In every precision a text's vector is the same in any batch.
pub(crate) const FIXED: &[Precision] = &[Precision::Float32, Precision::BFloat16];

/// To the last bit.
pub(crate) fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits()
}
