//! Levels of vector instructions: the machine's, and the cap that a test can set on it.

use std::sync::OnceLock;

/// The environment variable that caps vector instructions: `scalar`, `avx2` or `avx512`.
pub const MAX_SIMD: &str = "SPORK_MAX_SIMD";

/// Sets of vector instructions, each including those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimdLevel {
    /// None.
    Scalar,
    /// AVX2 and POPCNT.
    Avx2,
    /// AVX-512 as Intel has it from Ice Lake on and AMD from Zen 4 on: F, BW, CD, VBMI, VBMI2, VNNI
    /// and VPOPCNTDQ, with BMI1 and BMI2.
    Avx512,
}

/// A cap on vector instructions that can't be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimdCapError {
    /// Not the name of a level.
    #[error("{MAX_SIMD}={got:?}: expected scalar, avx2 or avx512")]
    Unknown {
        /// The variable's value.
        got: String,
    },
    /// Above the machine's level: a test that sets it would not test that level.
    #[error(
        "{MAX_SIMD}={cap}: this machine has {machine} at most; unset it, or set it to {machine}",
        cap = cap.name(),
        machine = machine.name()
    )]
    AboveMachine {
        /// The level that the variable names.
        cap: SimdLevel,
        /// The machine's level.
        machine: SimdLevel,
    },
}

impl SimdLevel {
    /// All levels, ascending.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Avx2, Self::Avx512];

    /// The name in [`MAX_SIMD`] and in descriptions of machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The highest level that this machine has.
    pub fn of_machine() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx512() {
                return Self::Avx512;
            }
            if has_avx2() {
                return Self::Avx2;
            }
        }
        Self::Scalar
    }

    /// The highest level that may be used: the machine's, or a lower one that [`MAX_SIMD`] names.
    /// The variable is read once a process.
    ///
    /// # Errors
    /// The variable names no level, or one that the machine has not got.
    pub fn permitted() -> Result<Self, SimdCapError> {
        static PERMITTED: OnceLock<Result<SimdLevel, SimdCapError>> = OnceLock::new();
        let read = || capped(cap().as_deref(), Self::of_machine());
        PERMITTED.get_or_init(read).clone()
    }

    /// Whether [`MAX_SIMD`] sets a cap.
    pub fn is_capped() -> bool {
        cap().is_some_and(|name| !name.is_empty())
    }
}

/// The value of [`MAX_SIMD`], which may be empty; none where it is not set.
fn cap() -> Option<String> {
    Some(std::env::var_os(MAX_SIMD)?.to_string_lossy().into_owned())
}

fn capped(cap: Option<&str>, machine: SimdLevel) -> Result<SimdLevel, SimdCapError> {
    let Some(name) = cap.filter(|name| !name.is_empty()) else { return Ok(machine) };
    let level = SimdLevel::ALL.into_iter().find(|level| level.name() == name);
    let cap = level.ok_or_else(|| SimdCapError::Unknown { got: name.to_owned() })?;
    if cap > machine { Err(SimdCapError::AboveMachine { cap, machine }) } else { Ok(cap) }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt")
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512cd")
        && is_x86_feature_detected!("avx512vbmi")
        && is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("avx512vnni")
        && is_x86_feature_detected!("avx512vpopcntdq")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
}

#[cfg(test)]
mod tests {
    use super::*;
    use SimdLevel::{Avx2, Avx512, Scalar};

    #[test]
    fn caps_lower_the_level_and_never_raise_it() {
        assert_eq!(capped(None, Avx2), Ok(Avx2));
        assert_eq!(capped(Some(""), Avx512), Ok(Avx512));

        assert_eq!(capped(Some("scalar"), Avx512), Ok(Scalar));
        assert_eq!(capped(Some("avx2"), Avx2), Ok(Avx2));
        let above = SimdCapError::AboveMachine { cap: Avx512, machine: Avx2 };
        assert_eq!(capped(Some("avx512"), Avx2), Err(above.clone()));
        assert_eq!(
            above.to_string(),
            "SPORK_MAX_SIMD=avx512: this machine has avx2 at most; unset it, or set it to avx2"
        );
        assert_eq!(capped(Some("sse"), Avx2), Err(SimdCapError::Unknown { got: "sse".to_owned() }));
    }
}
