//! Which instructions are used, and how a task gets them.

use spork_core::{SimdCapError, SimdLevel};
use spork_model::Precision;

use super::Simd;
use super::portable::Portable;
#[cfg(all(target_arch = "x86_64", not(spork_portable)))]
use super::{avx2::Avx2, avx512::Avx512};

/// What can be computed at any level.
pub(crate) trait Task {
    /// What comes out.
    type Output;

    /// Computes it. Implementations are `inline(always)`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Instructions that this processor has and this process may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Level {
    /// None in particular.
    Portable(Portable),
    /// AVX2 and FMA.
    #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
    Avx2(Avx2),
    /// AVX-512 with VNNI.
    #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
    Avx512(Avx512<false>),
    /// AVX-512 with VNNI and BF16.
    #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
    Avx512Bf16(Avx512<true>),
}

impl Level {
    /// The levels that may be used, the best first.
    ///
    /// # Errors
    /// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
    pub(crate) fn permitted() -> Result<Vec<Self>, SimdCapError> {
        let most = SimdLevel::permitted()?;
        let mut levels = Vec::new();
        #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
        {
            if most >= SimdLevel::Avx512 {
                levels.extend(Avx512::<true>::detect().map(Self::Avx512Bf16));
                levels.extend(Avx512::<false>::detect().map(Self::Avx512));
            }
            if most >= SimdLevel::Avx2 {
                levels.extend(Avx2::detect().map(Self::Avx2));
            }
        }
        let _ = most;
        levels.push(Self::Portable(Portable));
        Ok(levels)
    }

    /// The best that may be used.
    ///
    /// # Errors
    /// As [`Self::permitted`].
    pub(crate) fn best() -> Result<Self, SimdCapError> {
        Ok(Self::permitted()?.first().copied().unwrap_or(Self::Portable(Portable)))
    }

    /// Whether it multiplies bfloat16 faster than floats.
    pub(crate) fn has_bfloats(self) -> bool {
        #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
        if matches!(self, Self::Avx512Bf16(_)) {
            return true;
        }
        false
    }

    /// Whether it has vectors at all.
    pub(crate) fn has_vectors(self) -> bool {
        !matches!(self, Self::Portable(_))
    }

    /// The name of what a vector's last bits depend on in `precision`: the instruction that
    /// multiplies bfloat16, or floats in its place. Floats are the same everywhere.
    pub(crate) fn bits(self, precision: Precision) -> Option<&'static str> {
        match precision {
            Precision::Float32 => None,
            _ if self.has_bfloats() => Some("avx512bf16"),
            _ => Some("floats"),
        }
    }

    /// Lines a panel at most.
    pub(crate) fn widest(self) -> usize {
        match self {
            Self::Portable(_) => Portable::WIDEST,
            #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
            Self::Avx2(_) => Avx2::WIDEST,
            #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
            Self::Avx512(_) => Avx512::<false>::WIDEST,
            #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
            Self::Avx512Bf16(_) => Avx512::<true>::WIDEST,
        }
    }

    /// Runs a task with this level's instructions.
    pub(crate) fn run<T: Task>(self, task: T) -> T::Output {
        match self {
            Self::Portable(portable) => task.run(portable),
            #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
            Self::Avx2(avx2) => avx2.run(task),
            #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
            Self::Avx512(avx512) => avx512.run(task),
            #[cfg(all(target_arch = "x86_64", not(spork_portable)))]
            Self::Avx512Bf16(avx512) => avx512.run(task),
        }
    }
}
