//! Where the network runs: the CPU or a CUDA device, chosen once, with a reason that one line can say.
//!
//! One binary serves both. It is linked against libtorch's CPU library; where libtorch has CUDA, that library is
//! opened by name before anything else is asked of libtorch, and registers itself there.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use tch::{Cuda, Device};

/// How [`load_cuda`] ended: nothing, or why CUDA can't be used.
static CUDA_LIBRARY: OnceLock<Result<(), String>> = OnceLock::new();

/// Opens libtorch's CUDA library where there is one, and carries on where there is none.
///
/// Call it first in `main`: libtorch looks for its CUDA part once, at the first question about a device, and keeps
/// the answer for the life of the process.
pub fn load_cuda() {
    CUDA_LIBRARY.get_or_init(open_cuda_library);
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "opening a library is the one thing here that Rust can't vouch for")]
fn open_cuda_library() -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

    // SAFETY: opening a library runs its initialisers. This one is libtorch's own, found where the libtorch that is
    // linked in was found; its initialisers register CUDA with libtorch, which is what they are for and all they do.
    let library = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) };
    match library {
        Ok(library) => {
            // Registered once, it must stay for the life of the process.
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => Err(format!(
            "this libtorch has no CUDA library ({error}); build and run with LIBTORCH=/path/to/libtorch-with-cuda"
        )),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_cuda_library() -> Result<(), String> {
    Err("CUDA is supported on Linux only".to_owned())
}

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
    ///
    /// # Errors
    /// Words that name no device, or `cuda:all` where there is no CUDA.
    pub fn list(text: &str) -> Result<Vec<Self>, DeviceError> {
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
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Words that name no device.
    #[error("{0:?} is no device; expected auto, cpu, cuda or cuda:N")]
    Unknown(String),
    /// CUDA can't be used at all.
    #[error("{name} was asked for, but {reason}; --device cpu works everywhere")]
    NoCuda {
        /// What was asked for.
        name: String,
        /// Why there is none.
        reason: String,
    },
    /// There is CUDA, but not that many devices.
    #[error("cuda:{index} was asked for, but there are {count} CUDA devices, numbered from 0")]
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

/// A device that can be used. It displays as the line that says which one, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedDevice {
    /// The device as libtorch knows it.
    pub device: Device,
    /// Why this one.
    pub reason: String,
}

impl fmt::Display for SelectedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.device {
            Device::Cuda(index) => write!(f, "device: cuda:{index} ({})", self.reason),
            _ => write!(f, "device: cpu, {} threads ({})", tch::get_num_threads(), self.reason),
        }
    }
}

impl DeviceChoice {
    /// The device to use. `auto` always finds one.
    ///
    /// # Errors
    /// A CUDA device asked for by name that isn't there, with the reason.
    pub fn select(self) -> Result<SelectedDevice, DeviceError> {
        let asked = || "as asked".to_owned();
        match self {
            Self::Cpu => Ok(SelectedDevice { device: Device::Cpu, reason: asked() }),
            Self::Auto => Ok(match cuda_devices() {
                Ok(count) => {
                    SelectedDevice { device: Device::Cuda(0), reason: format!("the first of {count}") }
                }
                Err(reason) => {
                    SelectedDevice { device: Device::Cpu, reason: format!("CUDA not used: {reason}") }
                }
            }),
            Self::Cuda(index) => match cuda_devices() {
                Ok(count) if index < count => {
                    Ok(SelectedDevice { device: Device::Cuda(index), reason: asked() })
                }
                Ok(count) => Err(DeviceError::NoSuchCuda { index, count }),
                Err(reason) => Err(DeviceError::NoCuda { name: self.to_string(), reason }),
            },
        }
    }
}

/// How many CUDA devices can be used, at least one; or why none can.
fn cuda_devices() -> Result<usize, String> {
    CUDA_LIBRARY.get_or_init(open_cuda_library).clone()?;
    // A driver that answers with an error code counts as no device; libtorch does not throw here.
    match usize::try_from(Cuda::device_count()) {
        Ok(count) if count > 0 && Cuda::is_available() => Ok(count),
        _ => Err("libtorch has CUDA but finds no device (does nvidia-smi list one, and is its driver new \
                  enough for this libtorch?)"
            .to_owned()),
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
        assert_eq!(DeviceChoice::list("cpu"), Ok(vec![cpu]));
        assert_eq!(DeviceChoice::list("cpu,cuda:1,cpu"), Ok(vec![cpu, second, cpu]));
        assert_eq!(DeviceChoice::list("cpu,").unwrap_err(), DeviceError::Unknown(String::new()));
        assert_eq!(second.to_string().parse(), Ok(second));
        assert!(DeviceChoice::list("cuda:all").is_ok_and(|all| !all.is_empty()) || cuda_devices().is_err());
    }

    #[test]
    fn auto_finds_a_device_and_says_why() {
        load_cuda();
        let selected = DeviceChoice::Auto.select().unwrap();
        assert!(selected.to_string().starts_with("device: c"), "{selected}");
        assert_eq!(DeviceChoice::Cpu.select().unwrap().device, Device::Cpu);
        assert!(DeviceChoice::Cuda(9_999).select().is_err());
    }
}
