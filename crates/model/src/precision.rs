//! The number formats in which a network computes.

use std::fmt;

/// The number format of the layers. Embeddings, means and maxima are always 32-bit floats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats throughout.
    #[default]
    Float32,
    /// Layers in bfloat16, which has 8 significant bits. Processors with instructions for it are
    /// about twice as fast.
    BFloat16,
    /// Layers in float16, which has 11 significant bits and overflows above 65,504. For devices
    /// without bfloat16.
    Float16,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float32 => "fp32",
            Self::BFloat16 => "bf16",
            Self::Float16 => "fp16",
        })
    }
}
