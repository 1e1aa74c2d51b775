//! Which backend computes a network: the one that was asked for, or that of a fixed table.

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use crate::args::{BackendArg, EncoderArgs, PrecisionArg};

/// A backend, by the name that vectors record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BackendName {
    /// The one in Rust, for processors.
    Rust,
    /// libtorch.
    Torch,
}

/// Displays as it is asked for: `rust` or `torch`.
impl fmt::Display for BackendName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "rust",
            Self::Torch => "torch",
        })
    }
}

impl From<BackendName> for BackendArg {
    fn from(name: BackendName) -> Self {
        match name {
            BackendName::Rust => Self::Rust,
            BackendName::Torch => Self::Torch,
        }
    }
}

/// A backend, and why this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BackendChoice {
    pub(crate) name: BackendName,
    /// The reason, in a few words for the log.
    pub(crate) reason: &'static str,
    /// Whether hardware goes unused that libtorch would use.
    pub(crate) leaves_gpu: bool,
}

/// Displays as the log has it.
impl fmt::Display for BackendChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "backend {} ({})", self.name, self.reason)
    }
}

/// What the table looks at, beside the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Whether libtorch can be had: it is linked into this program, or spork-torch is there.
    pub(crate) torch: bool,
    /// Whether there is a device of NVIDIA's that libtorch, as far as is known here, can use.
    pub(crate) nvidia: bool,
    pub(crate) processor: Processor,
}

/// What of a processor decides which backend is faster on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processor {
    /// x86 without AVX2 and FMA.
    Old,
    /// Every other.
    Usual,
}

/// Where a network is to run, as far as the table asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    Cpu,
    Cuda,
}

impl Place {
    /// Of a `--device`, which may be a list: CUDA where one of the devices is, so that all parts of
    /// a file are encoded alike.
    fn of(device: &str) -> Self {
        let any = |wanted: fn(&str) -> bool| device.split(',').any(wanted);
        if any(|device| device.starts_with("cuda")) {
            Self::Cuda
        } else if any(|device| device == "auto") {
            Self::Anywhere
        } else {
            Self::Cpu
        }
    }
}

impl BackendChoice {
    /// The backend for what `args` ask for on `machine`.
    ///
    /// # Errors
    /// A backend and a device that do not go together.
    pub(crate) fn of(args: &EncoderArgs, machine: Machine) -> Result<Self> {
        let place = Place::of(&args.device);
        let asked = |name| Self { name, reason: "as asked", leaves_gpu: false };
        match args.backend {
            BackendArg::Auto => Ok(by_table(place, args.precision, machine)),
            BackendArg::Torch => Ok(asked(BackendName::Torch)),
            BackendArg::Rust if place == Place::Cuda => bail!(
                "--backend rust computes on processors, and --device {} names a GPU; give --device \
                 cpu, or --backend torch",
                args.device
            ),
            BackendArg::Rust => Ok(asked(BackendName::Rust)),
        }
    }
}

/// What `--backend auto` means. Rows are tried in their order; nothing is timed.
///
/// | asked, or found | with libtorch at hand | without |
/// |---|---|---|
/// | `--device cuda…` | torch | torch, which is refused with the remedy |
/// | `--precision fp16` | torch | torch, which is refused with the remedy |
/// | `--device auto`, and an NVIDIA device | torch | rust, and a warning |
/// | x86 without AVX2 and FMA | torch | rust |
/// | anything else | rust | rust |
///
/// Training is libtorch's alone and asks the table for its teachers only.
fn by_table(place: Place, precision: PrecisionArg, machine: Machine) -> BackendChoice {
    use BackendName::{Rust, Torch};
    let choice = |name, reason| BackendChoice { name, reason, leaves_gpu: false };
    let Machine { torch, nvidia, processor } = machine;
    match (place, precision, processor) {
        (Place::Cuda, ..) => choice(Torch, "for CUDA"),
        (_, PrecisionArg::Fp16, _) => choice(Torch, "for fp16"),
        (Place::Anywhere, ..) if nvidia && torch => choice(Torch, "for the NVIDIA device"),
        (Place::Anywhere, ..) if nvidia => BackendChoice {
            leaves_gpu: true,
            ..choice(Rust, "without spork-torch for the NVIDIA device")
        },
        (.., Processor::Old) if torch => choice(Torch, "for a processor without AVX2"),
        (.., Processor::Old) => choice(Rust, "without spork-torch for a processor without AVX2"),
        (.., Processor::Usual) => choice(Rust, "the default"),
    }
}

impl Machine {
    /// This machine, where libtorch is at hand or not.
    pub(crate) fn this(torch: bool) -> Self {
        let nvidia = Path::new("/proc/driver/nvidia").exists();
        Self { torch, nvidia, processor: Processor::this() }
    }
}

impl Processor {
    /// This machine's. `SPORK_MAX_SIMD` changes nothing here: it caps kernels, not what there is.
    fn this() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if !(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")) {
                return Self::Old;
            }
        }
        Self::Usual
    }
}

#[cfg(test)]
mod tests {
    use BackendName::{Rust, Torch};

    use super::*;

    const PRECISIONS: [PrecisionArg; 4] =
        [PrecisionArg::Auto, PrecisionArg::Fp32, PrecisionArg::Bf16, PrecisionArg::Fp16];
    const PROCESSORS: [Processor; 2] = [Processor::Old, Processor::Usual];

    /// Calls `check` with every machine.
    fn machines(mut check: impl FnMut(Machine)) {
        for torch in [false, true] {
            for nvidia in [false, true] {
                for processor in PROCESSORS {
                    check(Machine { torch, nvidia, processor });
                }
            }
        }
    }

    fn chosen(device: &str, precision: PrecisionArg, machine: Machine) -> BackendChoice {
        let args = EncoderArgs { device: device.to_owned(), precision, ..EncoderArgs::default() };
        BackendChoice::of(&args, machine).unwrap()
    }

    /// The table, cell by cell, in the form of a list of all that goes to libtorch.
    #[test]
    fn the_whole_table() {
        for device in ["auto", "cpu", "cuda", "cuda:3", "cuda:all", "cpu,cuda:1", "auto,cpu"] {
            for precision in PRECISIONS {
                machines(|machine| {
                    let Machine { torch, nvidia, processor } = machine;
                    let needs = device.contains("cuda") || precision == PrecisionArg::Fp16;
                    let gains = processor == Processor::Old
                        || (nvidia && matches!(device, "auto" | "auto,cpu"));
                    let name = if needs || (gains && torch) { Torch } else { Rust };
                    let choice = chosen(device, precision, machine);
                    assert_eq!(choice.name, name, "{device} {precision:?} {machine:?}");
                    let leaves = nvidia && device.starts_with("auto") && name == Rust;
                    assert_eq!(choice.leaves_gpu, leaves, "{device} {precision:?} {machine:?}");
                });
            }
        }
    }

    #[test]
    fn what_is_asked_for_counts_on_every_machine() {
        let of = |backend, device: &str, machine| {
            let device = device.to_owned();
            BackendChoice::of(&EncoderArgs { backend, device, ..EncoderArgs::default() }, machine)
        };
        machines(|machine| {
            for device in ["auto", "cpu"] {
                assert_eq!(of(BackendArg::Rust, device, machine).unwrap().name, Rust);
                assert_eq!(of(BackendArg::Torch, device, machine).unwrap().name, Torch);
            }
            assert_eq!(of(BackendArg::Torch, "cuda:1", machine).unwrap().name, Torch);
            let said = of(BackendArg::Rust, "cpu,cuda:1", machine).unwrap_err().to_string();
            assert!(said.contains("--device cpu,") && said.contains("--backend torch"), "{said}");
        });
    }
}
