//! What the figures were measured on.

use serde::{Deserialize, Serialize};
use spork_core::SimdLevel;

/// The machine, as far as it tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) system: String,
    pub(super) processor: Option<String>,
    pub(super) cores: usize,
    pub(super) memory_bytes: Option<u64>,
    /// The vector instructions that searches use.
    pub(super) instructions: String,
}

impl Machine {
    pub(super) fn this() -> Self {
        Self {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: field("/proc/meminfo", "MemTotal")
                .and_then(|text| Some(text.split(' ').next()?.parse::<u64>().ok()? * 1024)),
            instructions: SimdLevel::permitted().unwrap_or(SimdLevel::Scalar).name().to_owned(),
        }
    }
}

/// What the first line `name: …` of a file says.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let (_, value) =
        text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}
