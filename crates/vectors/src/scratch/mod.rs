//! Vectors on disk while a conversion lasts, for formats that can't be written or read in one pass.
//!
//! Temporary files have no name: a killed run leaves nothing of them.

mod columns;
mod rows;
mod strings;
mod varint;

pub(crate) use columns::Columns;
pub(crate) use rows::{RowWriter, Rows};
pub(crate) use strings::{StringReader, StringWriter};

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Where temporary files are made, and how much memory their readers may take.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// The folder of temporary files: that of the output, which has the room.
    pub folder: PathBuf,
    /// Bytes of memory.
    pub memory: u64,
}

impl Scratch {
    pub(crate) fn file(&self) -> Result<File> {
        tempfile::tempfile_in(&self.folder).map_err(|error| self.error(error))
    }

    pub(crate) fn error(&self, source: std::io::Error) -> Error {
        Error::Temporary { folder: self.folder.clone(), source }
    }

    /// The bytes left beside `lasting` bytes that stay allocated, at least `work`.
    pub(crate) fn left_beside(&self, path: &Path, lasting: u64, work: u64) -> Result<u64> {
        match self.memory.checked_sub(lasting) {
            Some(left) if left >= work => Ok(left),
            _ => Err(Error::Memory {
                path: path.to_owned(),
                bound: self.memory >> 20,
                needed: (lasting + work).div_ceil(1 << 20),
            }),
        }
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self { folder: std::env::temp_dir(), memory: 4 << 30 }
    }
}
