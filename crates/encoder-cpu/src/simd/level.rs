//! Which instructions are used, and how a task gets them.

use spork_core::{SimdCapError, SimdLevel};
use spork_model::Precision;

use super::lanes::{Simd, Task};
use super::portable::Portable;

/// Instructions that this processor has and this process may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Level {
    /// None in particular.
    Portable,
    /// Vector instructions.
    Vectors(vectors::Vectors),
}

impl Level {
    /// The levels that may be used, the best first.
    ///
    /// # Errors
    /// `SPORK_MAX_SIMD` names no level, or one that the machine lacks.
    pub(crate) fn permitted() -> Result<Vec<Self>, SimdCapError> {
        let vectors = vectors::permitted(SimdLevel::permitted()?);
        Ok(vectors.into_iter().map(Self::Vectors).chain([Self::Portable]).collect())
    }

    /// The best that may be used.
    ///
    /// # Errors
    /// As [`Self::permitted`].
    pub(crate) fn best() -> Result<Self, SimdCapError> {
        Ok(Self::permitted()?.first().copied().unwrap_or(Self::Portable))
    }

    /// Whether it has an instruction for products of bfloat16.
    pub(crate) fn has_bfloats(self) -> bool {
        matches!(self, Self::Vectors(vectors) if vectors.has_bfloats())
    }

    /// Whether it multiplies bfloat16 by tiles.
    pub(crate) fn has_tiles(self) -> bool {
        matches!(self, Self::Vectors(vectors) if vectors.has_tiles())
    }

    /// Whether it has vectors at all.
    pub(crate) fn has_vectors(self) -> bool {
        self != Self::Portable
    }

    /// The name of what a vector's last bits depend on in `precision`: the instruction that
    /// multiplies bfloat16, or floats in its place. Floats are the same everywhere.
    pub(crate) fn bits(self, precision: Precision) -> Option<&'static str> {
        match precision {
            Precision::Float32 => None,
            _ if self.has_tiles() => Some("amxbf16"),
            _ if self.has_bfloats() => Some("avx512bf16"),
            _ => Some("floats"),
        }
    }

    /// [`Simd::NARROW`]
    pub(crate) fn is_narrow(self) -> bool {
        match self {
            Self::Portable => Portable::NARROW,
            Self::Vectors(vectors) => vectors.is_narrow(),
        }
    }

    /// Runs a task with this level's instructions.
    pub(crate) fn run<T: Task>(self, task: T) -> T::Output {
        match self {
            Self::Portable => task.run(Portable),
            Self::Vectors(vectors) => vectors.run(task),
        }
    }
}

/// Vector instructions of x86-64.
#[cfg(all(target_arch = "x86_64", not(spork_portable)))]
mod vectors {
    use spork_core::SimdLevel;

    use crate::simd::avx2::Avx2;
    use crate::simd::avx512::Avx512;
    use crate::simd::lanes::Simd;
    use crate::simd::lanes::Task;

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) enum Vectors {
        /// AVX2 and FMA.
        Avx2(Avx2),
        /// AVX-512 with VNNI.
        Avx512(Avx512<false>),
        /// AVX-512 with VNNI and BF16.
        Avx512Bf16(Avx512<true>),
        /// AVX-512 with VNNI and BF16, and AMX for bfloat16.
        Amx(Avx512<true, true>),
    }

    pub(super) fn permitted(most: SimdLevel) -> Vec<Vectors> {
        let mut levels = Vec::new();
        if most >= SimdLevel::Avx512 {
            levels.extend(Avx512::<true, true>::detect().map(Vectors::Amx));
            levels.extend(Avx512::<true>::detect().map(Vectors::Avx512Bf16));
            levels.extend(Avx512::<false>::detect().map(Vectors::Avx512));
        }
        if most >= SimdLevel::Avx2 {
            levels.extend(Avx2::detect().map(Vectors::Avx2));
        }
        levels
    }

    impl Vectors {
        pub(super) fn has_bfloats(self) -> bool {
            matches!(self, Self::Avx512Bf16(_) | Self::Amx(_))
        }

        pub(super) fn has_tiles(self) -> bool {
            matches!(self, Self::Amx(_))
        }

        pub(super) fn is_narrow(self) -> bool {
            match self {
                Self::Avx2(_) => Avx2::NARROW,
                Self::Avx512(_) => Avx512::<false>::NARROW,
                Self::Avx512Bf16(_) => Avx512::<true>::NARROW,
                Self::Amx(_) => Avx512::<true, true>::NARROW,
            }
        }

        pub(super) fn run<T: Task>(self, task: T) -> T::Output {
            match self {
                Self::Avx2(avx2) => avx2.run(task),
                Self::Avx512(avx512) => avx512.run(task),
                Self::Avx512Bf16(avx512) => avx512.run(task),
                Self::Amx(avx512) => avx512.run(task),
            }
        }
    }
}

/// No vector instructions: plain Rust is all there is.
#[cfg(not(all(target_arch = "x86_64", not(spork_portable))))]
mod vectors {
    use spork_core::SimdLevel;

    use crate::simd::lanes::Task;

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) enum Vectors {}

    pub(super) fn permitted(_: SimdLevel) -> Vec<Vectors> {
        Vec::new()
    }

    impl Vectors {
        pub(super) fn has_bfloats(self) -> bool {
            match self {}
        }

        pub(super) fn has_tiles(self) -> bool {
            match self {}
        }

        pub(super) fn is_narrow(self) -> bool {
            match self {}
        }

        pub(super) fn run<T: Task>(self, _: T) -> T::Output {
            match self {}
        }
    }
}
