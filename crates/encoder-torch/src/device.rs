//! Where the network runs: the CPU or a CUDA device, chosen once, with a reason that one line can
//! say.
//!
//! One binary serves both. It is linked against libtorch's CPU library; where libtorch has CUDA,
//! that library is opened by name before anything else is asked of libtorch, and registers itself
//! there.

use std::fmt;
use std::sync::OnceLock;

use spork_model::{DeviceChoice, DeviceError};
use tch::{Cuda, Device};

/// How [`load_cuda`] ended: nothing, or why CUDA can't be used.
static CUDA_LIBRARY: OnceLock<Result<(), String>> = OnceLock::new();

/// Opens libtorch's CUDA library where there is one, and carries on where there is none.
///
/// Call it first in `main`: libtorch looks for its CUDA part once, at the first question about a
/// device, and keeps the answer for the life of the process.
pub fn load_cuda() {
    CUDA_LIBRARY.get_or_init(open_cuda_library);
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "opening a library is the one thing here that Rust can't vouch for")]
fn open_cuda_library() -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

    // SAFETY: opening a library runs its initializers. This one is libtorch's own, found where the
    // libtorch that is linked in was found; its initializers register CUDA with libtorch, which is
    // what they are for and all they do.
    let library = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) };
    match library {
        Ok(library) => {
            // Registered once, it must stay for the life of the process.
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => Err(format!(
            "this libtorch has no CUDA library ({error}); build and run with \
             LIBTORCH=/path/to/libtorch-with-cuda"
        )),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_cuda_library() -> Result<(), String> {
    Err("CUDA is supported on Linux only".to_owned())
}

/// A device that can be used. It displays as the line that says which one, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedDevice {
    /// The device as libtorch knows it.
    pub device: Device,
    /// Why this one; none where there is no other.
    pub reason: Option<String>,
}

impl fmt::Display for SelectedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.device {
            Device::Cuda(index) => write!(f, "device: cuda:{index}")?,
            _ => write!(f, "device: cpu, {} threads", tch::get_num_threads())?,
        }
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
    }
}

/// The device to use. [`DeviceChoice::Auto`] always finds one.
///
/// # Errors
/// `choice` names a CUDA device that isn't there; with the reason.
pub fn select(choice: DeviceChoice) -> Result<SelectedDevice, DeviceError> {
    let asked = || Some("as asked".to_owned());
    match choice {
        DeviceChoice::Cpu => Ok(SelectedDevice { device: Device::Cpu, reason: asked() }),
        DeviceChoice::Auto => Ok(match cuda_devices() {
            Ok(count) => SelectedDevice {
                device: Device::Cuda(0),
                reason: Some(format!("the first of {count}")),
            },
            Err(reason) if has_nvidia_device() => SelectedDevice {
                device: Device::Cpu,
                reason: Some(format!("CUDA not used: {reason}")),
            },
            Err(_) => SelectedDevice { device: Device::Cpu, reason: None },
        }),
        DeviceChoice::Cuda(index) => match cuda_devices() {
            Ok(count) if index < count => {
                Ok(SelectedDevice { device: Device::Cuda(index), reason: asked() })
            }
            Ok(count) => Err(DeviceError::NoSuchCuda { index, count }),
            Err(reason) => Err(DeviceError::NoCuda { name: choice.to_string(), reason }),
        },
    }
}

/// Whether the machine has a device of NVIDIA's: only then is it worth a word that CUDA can't be
/// used.
fn has_nvidia_device() -> bool {
    std::path::Path::new("/proc/driver/nvidia").exists()
}

/// How many CUDA devices can be used, at least one; or why none can.
pub(crate) fn cuda_devices() -> Result<usize, String> {
    CUDA_LIBRARY.get_or_init(open_cuda_library).clone()?;
    // A driver that answers with an error code counts as no device; libtorch does not throw here.
    match usize::try_from(Cuda::device_count()) {
        Ok(count) if count > 0 && Cuda::is_available() => Ok(count),
        _ => Err("libtorch has CUDA but finds no device (does nvidia-smi list one, and is its \
                  driver new enough for this libtorch?)"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_finds_a_device_and_says_why() {
        load_cuda();
        let selected = select(DeviceChoice::Auto).unwrap();
        assert!(selected.to_string().starts_with("device: c"), "{selected}");
        assert_eq!(select(DeviceChoice::Cpu).unwrap().device, Device::Cpu);
        assert!(select(DeviceChoice::Cuda(9_999)).is_err());
    }

    #[test]
    fn all_devices_are_one_at_least_or_refused_with_the_reason() {
        let all = DeviceChoice::list("cuda:all", cuda_devices);
        assert!(all.is_ok_and(|all| !all.is_empty()) || cuda_devices().is_err());
    }
}
