//! The machine that figures were measured on.

use serde::{Deserialize, Serialize};
use spork_core::SimdLevel;

use crate::error::Result;

/// The machine, as far as it tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Operating system and architecture, such as `linux x86_64`.
    pub system: String,
    /// The processor's name; none where the system does not tell it.
    pub processor: Option<String>,
    /// Cores that this process may use.
    pub cores: usize,
    /// Main memory, in bytes; none where the system does not tell it.
    pub memory_bytes: Option<u64>,
    /// The vector instructions that searches use: `scalar`, `avx2` or `avx512`.
    pub instructions: String,
}

impl Machine {
    /// The machine that this program runs on.
    ///
    /// # Errors
    /// The environment caps instructions in a way that this machine can't keep.
    pub fn current() -> Result<Self> {
        Ok(Self {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: field("/proc/meminfo", "MemTotal").and_then(|text| kibibytes(&text)),
            instructions: SimdLevel::permitted()?.name().to_owned(),
        })
    }
}

/// The value of the first line `name: …` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let (_, value) =
        text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}

/// `16 kB` as bytes.
fn kibibytes(text: &str) -> Option<u64> {
    text.split(' ').next()?.parse::<u64>().ok()?.checked_mul(1024)
}
