//! Values of a column until it is written: in memory while they are few, then in a file without a
//! name, of which a killed run leaves nothing.

use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;

use crate::{Error, Result};

/// Bytes of a column that stay in memory.
const IN_MEMORY: usize = 1 << 20;
const BUFFER: usize = 1 << 16;

/// Appends records of one length.
pub(super) struct ScratchWriter {
    folder: PathBuf,
    file: BufWriter<SpooledTempFile>,
}

impl ScratchWriter {
    pub(super) fn new(folder: &Path) -> Self {
        let file = tempfile::spooled_tempfile_in(IN_MEMORY, folder);
        Self { folder: folder.to_owned(), file: BufWriter::with_capacity(BUFFER, file) }
    }

    pub(super) fn push(&mut self, record: &[u8]) -> Result<()> {
        self.file.write_all(record).map_err(|error| Error::io(&self.folder, error))
    }

    pub(super) fn read(self) -> Result<ScratchReader> {
        let Self { folder, file } = self;
        let mut file = file.into_inner().map_err(|error| Error::io(&folder, error.into_error()))?;
        file.rewind().map_err(|error| Error::io(&folder, error))?;
        Ok(ScratchReader { folder, file: BufReader::with_capacity(BUFFER, file) })
    }
}

/// Reads the records in their order, once or again.
pub(super) struct ScratchReader {
    folder: PathBuf,
    file: BufReader<SpooledTempFile>,
}

impl ScratchReader {
    pub(super) fn next<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut record = [0; N];
        self.file.read_exact(&mut record).map_err(|error| Error::io(&self.folder, error))?;
        Ok(record)
    }

    pub(super) fn rewind(&mut self) -> Result<()> {
        self.file.rewind().map_err(|error| Error::io(&self.folder, error))
    }
}
