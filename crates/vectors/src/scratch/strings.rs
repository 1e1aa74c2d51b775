//! Strings on disk, in their order.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

use super::{Scratch, varint};
use crate::error::Result;

/// Appends strings.
pub(crate) struct StringWriter {
    scratch: Scratch,
    file: BufWriter<File>,
    length: Vec<u8>,
    strings: u64,
}

impl StringWriter {
    pub(crate) fn create(scratch: &Scratch) -> Result<Self> {
        let file = BufWriter::new(scratch.file()?);
        Ok(Self { scratch: scratch.clone(), file, length: Vec::new(), strings: 0 })
    }

    pub(crate) fn push(&mut self, string: &str) -> Result<()> {
        self.length.clear();
        varint::write(&mut self.length, string.len() as u32);
        let written =
            self.file.write_all(&self.length).and_then(|()| self.file.write_all(string.as_bytes()));
        self.strings += 1;
        written.map_err(|error| self.scratch.error(error))
    }

    pub(crate) fn finish(self) -> Result<StringReader> {
        let fail = |error| self.scratch.error(error);
        let mut file = self.file.into_inner().map_err(|error| fail(error.into_error()))?;
        file.rewind().map_err(fail)?;
        Ok(StringReader { scratch: self.scratch, file: BufReader::new(file), left: self.strings })
    }
}

/// Reads strings back, once.
pub(crate) struct StringReader {
    scratch: Scratch,
    file: BufReader<File>,
    left: u64,
}

impl StringReader {
    /// The next string; none after the last.
    pub(crate) fn next(&mut self) -> Result<Option<String>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.read().map(Some).map_err(|error| self.scratch.error(error))
    }

    fn read(&mut self) -> std::io::Result<String> {
        let length = varint::read(&mut self.file)?;
        let mut string = String::new();
        (&mut self.file).take(u64::from(length)).read_to_string(&mut string)?;
        Ok(string)
    }

    /// Goes back to the first of `strings` strings.
    pub(crate) fn rewind(&mut self, strings: u64) -> Result<()> {
        self.left = strings;
        self.file.rewind().map_err(|error| self.scratch.error(error))
    }
}
