//! The device that a user asks for. Whether it can be had is for a backend to say.

use std::fmt;
use std::str::FromStr;

/// What a user can ask for: `auto`, `cpu`, `cuda` or `cuda:N`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first CUDA device if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The CUDA device of this number.
    Cuda(usize),
}

impl DeviceChoice {
    /// Several devices: choices with commas between them, or `cuda:all`, every CUDA device.
    /// `cuda_devices` says how many of those there are, at least one, or why none can be used.
    ///
    /// # Errors
    /// Words that name no device, or `cuda:all` where there is no CUDA.
    pub fn list(
        text: &str,
        cuda_devices: impl FnOnce() -> Result<usize, String>,
    ) -> Result<Vec<Self>, DeviceError> {
        if text != "cuda:all" {
            return text.split(',').map(str::parse).collect();
        }
        match cuda_devices() {
            Ok(count) => Ok((0..count).map(Self::Cuda).collect()),
            Err(reason) => Err(DeviceError::NoCuda { name: text.to_owned(), reason }),
        }
    }
}

/// As it is written: `auto`, `cpu` or `cuda:N`.
impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

/// Why a device can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Words that name no device.
    #[error("{0:?} is no device; expected auto, cpu, cuda or cuda:N")]
    Unknown(String),
    /// CUDA can't be used at all.
    #[error("{name} was requested, but {reason}; --device cpu works everywhere")]
    NoCuda {
        /// What was asked for.
        name: String,
        /// Why there is none.
        reason: String,
    },
    /// There is CUDA, but not that many devices.
    #[error("cuda:{index} was requested, but there are {count} CUDA devices, numbered from 0")]
    NoSuchCuda {
        /// The device asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
}

impl FromStr for DeviceChoice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown(text.to_owned());
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let index = text.strip_prefix("cuda:").ok_or_else(unknown)?;
                index.parse().map(Self::Cuda).map_err(|_| unknown())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_user_writes() {
        assert_eq!("auto".parse(), Ok(DeviceChoice::Auto));
        assert_eq!("cpu".parse(), Ok(DeviceChoice::Cpu));
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        assert_eq!("cuda:3".parse(), Ok(DeviceChoice::Cuda(3)));
        for bad in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "CPU"] {
            assert_eq!(bad.parse::<DeviceChoice>(), Err(DeviceError::Unknown(bad.to_owned())));
        }
    }

    #[test]
    fn reads_several() {
        let (cpu, second) = (DeviceChoice::Cpu, DeviceChoice::Cuda(1));
        let none = || Err("there is no driver".to_owned());
        assert_eq!(DeviceChoice::list("cpu", none), Ok(vec![cpu]));
        assert_eq!(DeviceChoice::list("cpu,cuda:1,cpu", none), Ok(vec![cpu, second, cpu]));
        assert_eq!(
            DeviceChoice::list("cpu,", none).unwrap_err(),
            DeviceError::Unknown(String::new())
        );
        assert_eq!(second.to_string().parse(), Ok(second));
        assert_eq!(
            DeviceChoice::list("cuda:all", || Ok(2)),
            Ok(vec![DeviceChoice::Cuda(0), second])
        );
        let said = DeviceChoice::list("cuda:all", none).unwrap_err().to_string();
        assert!(said.contains("cuda:all") && said.contains("no driver"), "{said}");
    }
}
