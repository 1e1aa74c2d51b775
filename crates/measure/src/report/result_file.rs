//! A benchmark and the file that it was read from.

use std::path::{Path, PathBuf};

use crate::bench::Benchmark;
use crate::error::Result;

/// A benchmark and the file that it was read from.
pub(super) struct ResultFile {
    pub(super) path: PathBuf,
    pub(super) benchmark: Benchmark,
}

impl ResultFile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), benchmark: Benchmark::read(path)? })
    }
}
