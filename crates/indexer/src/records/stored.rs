//! Records on disk while a run lasts.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bincode::{Decode, Encode};
use spork_index::Value;

use crate::forward::read_exact_at;
use crate::{Error, Result};

/// Bytes that are read at once: of records in the order of the file, and of others.
const AHEAD: usize = 1 << 20;
const APART: usize = 1 << 12;
/// Bytes before a record: its length.
const LENGTH: usize = 8;

/// What is stored of a document.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Record {
    /// The value of each column, or none.
    pub values: Vec<Option<Value>>,
    /// The text, where texts are stored and the document has a record.
    pub text: Option<RecordText>,
}

/// A text with its title.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct RecordText {
    /// Title and text with a blank between, trimmed.
    pub text: String,
    /// Where in `text` the text proper begins, after the title; bytes.
    pub body: usize,
}

/// Where a record was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Origin {
    /// The file, by its place in the input.
    pub(super) file: u32,
    pub(super) line: u64,
}

/// Appends records in the order in which they are read.
pub(super) struct RecordFileWriter {
    folder: PathBuf,
    file: BufWriter<File>,
    position: u64,
    /// By docid, one more than where the record starts; 0 where there is none.
    starts: Vec<u64>,
    columns: usize,
    bytes: Vec<u8>,
}

impl RecordFileWriter {
    pub(super) fn create(folder: &Path, documents: u32, columns: usize) -> Result<Self> {
        let file = tempfile::tempfile_in(folder)
            .map_err(|source| Error::Temporary { folder: folder.to_owned(), source })?;
        Ok(Self {
            folder: folder.to_owned(),
            file: BufWriter::with_capacity(AHEAD, file),
            position: 0,
            starts: vec![0; documents as usize],
            columns,
            bytes: Vec::new(),
        })
    }

    /// Appends the record of a document; gives the origin of the one that it has already.
    pub(super) fn push(
        &mut self,
        docid: u32,
        origin: Origin,
        record: &Record,
    ) -> Result<Option<Origin>> {
        let Some(start) = self.starts.get_mut(docid as usize) else {
            return Err(self.fail(std::io::Error::other(format!("no document {docid}"))));
        };
        if *start != 0 {
            let start = *start - 1;
            self.file.flush().map_err(|source| self.fail(source))?;
            return read(self.file.get_ref(), start, APART)
                .and_then(|bytes| decode(&bytes).map(|(origin, _)| Some(origin)))
                .map_err(|source| self.fail(source));
        }
        *start = self.position + 1;
        self.bytes.clear();
        self.bytes.extend([0; LENGTH]);
        bincode::encode_into_std_write(
            (origin, record),
            &mut self.bytes,
            bincode::config::standard(),
        )
        .map_err(|error| self.fail(std::io::Error::other(error)))?;
        let length = (self.bytes.len() - LENGTH) as u64;
        self.bytes[..LENGTH].copy_from_slice(&length.to_le_bytes());
        self.file.write_all(&self.bytes).map_err(|source| self.fail(source))?;
        self.position += self.bytes.len() as u64;
        Ok(None)
    }

    pub(super) fn finish(self) -> Result<RecordFile> {
        let Self { folder, file, starts, columns, .. } = self;
        let file = file.into_inner().map_err(|error| Error::Temporary {
            folder: folder.clone(),
            source: error.into_error(),
        })?;
        Ok(RecordFile { folder, file, starts, columns })
    }

    fn fail(&self, source: std::io::Error) -> Error {
        Error::Temporary { folder: self.folder.clone(), source }
    }
}

/// The records of all documents.
#[derive(Debug)]
pub struct RecordFile {
    folder: PathBuf,
    file: File,
    starts: Vec<u64>,
    columns: usize,
}

impl RecordFile {
    /// Number of documents, with a record or without.
    pub fn documents(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Whether a document has a record.
    pub fn has(&self, docid: u32) -> bool {
        self.starts.get(docid as usize).is_some_and(|&start| start != 0)
    }

    /// Bytes that stay allocated.
    pub fn memory(&self) -> u64 {
        (self.starts.capacity() * size_of::<u64>()) as u64
    }

    /// Reads records. In the order in which they were read that is fastest; several readers may
    /// work at once.
    pub fn reader(&self) -> RecordFileReader<'_> {
        RecordFileReader { records: self, buffer: Vec::new(), start: 0, next: 0 }
    }
}

/// Reads the records of documents, in any order.
#[derive(Debug)]
pub struct RecordFileReader<'r> {
    records: &'r RecordFile,
    /// Bytes of the file from `start` on.
    buffer: Vec<u8>,
    start: u64,
    /// Where the record after the one read last starts.
    next: u64,
}

impl RecordFileReader<'_> {
    /// The record of a document: without values and text where the document has none.
    ///
    /// # Errors
    /// The disk fails.
    pub fn read(&mut self, docid: u32) -> Result<Record> {
        let start = self.records.starts.get(docid as usize).copied().unwrap_or(0);
        let Some(start) = start.checked_sub(1) else {
            return Ok(Record { values: vec![None; self.records.columns], text: None });
        };
        let fail = |source| Error::Temporary { folder: self.records.folder.clone(), source };
        let within = start.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let whole = within.and_then(|at| whole_record(self.buffer.get(at..)?));
        let (record, length) = match whole {
            Some(bytes) => (decode(bytes).map_err(fail)?.1, bytes.len()),
            None => {
                let most = if start == self.next { AHEAD } else { APART };
                self.buffer = read(&self.records.file, start, most).map_err(fail)?;
                self.start = start;
                let bytes = whole_record(&self.buffer);
                let bytes = bytes.ok_or_else(|| fail(std::io::ErrorKind::UnexpectedEof.into()))?;
                (decode(bytes).map_err(fail)?.1, bytes.len())
            }
        };
        self.next = start + length as u64;
        Ok(record)
    }
}

/// The record, with its length before it, that bytes begin with; none if they end before it does.
fn whole_record(bytes: &[u8]) -> Option<&[u8]> {
    let length = u64::from_le_bytes(*bytes.first_chunk()?);
    bytes.get(..usize::try_from(length).ok()?.checked_add(LENGTH)?)
}

/// Bytes from a record's start: at least all of it, and about `most` if the file has them.
fn read(file: &File, start: u64, most: usize) -> std::io::Result<Vec<u8>> {
    let left = usize::try_from(file.metadata()?.len().saturating_sub(start)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; most.min(left)];
    read_exact_at(file, &mut bytes, start)?;
    let length = bytes.first_chunk().map_or(0, |&length| u64::from_le_bytes(length)) as usize;
    let have = bytes.len();
    if have < length + LENGTH {
        bytes.resize(length + LENGTH, 0);
        read_exact_at(file, &mut bytes[have..], start + have as u64)?;
    }
    Ok(bytes)
}

fn decode(bytes: &[u8]) -> std::io::Result<(Origin, Record)> {
    let bytes = whole_record(bytes).unwrap_or_default();
    let record = bytes.get(LENGTH..).unwrap_or_default();
    bincode::decode_from_slice(record, bincode::config::standard())
        .map(|(record, _)| record)
        .map_err(std::io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(size: usize) -> Record {
        let values = vec![None, Some(Value::Integer(size as i64))];
        Record { values, text: Some(RecordText { text: "é".repeat(size), body: 2 }) }
    }

    proptest! {
        #[test]
        fn records_come_back_in_any_order(
            sizes in prop::collection::vec(prop_oneof![0..40usize, 0..9_000usize], 1..60),
            order in prop::collection::vec(any::<prop::sample::Index>(), 1..200),
        ) {
            let folder = tempfile::tempdir().unwrap();
            // Every other document has a record; they are read from the last on.
            let documents = 2 * sizes.len();
            let mut writer = RecordFileWriter::create(folder.path(), documents as u32, 2).unwrap();
            for (place, &size) in sizes.iter().enumerate().rev() {
                let origin = Origin { file: 1, line: place as u64 };
                prop_assert_eq!(writer.push(2 * place as u32, origin, &record(size)).unwrap(), None);
            }
            let origin = Origin { file: 1, line: 0 };
            let again = Origin { file: 2, line: 7 };
            prop_assert_eq!(writer.push(0, again, &record(1)).unwrap(), Some(origin));
            let records = writer.finish().unwrap();
            let mut reader = records.reader();
            let missing = Record { values: vec![None, None], text: None };
            let backwards = (0..documents).rev();
            for docid in order.iter().map(|index| index.index(documents)).chain(backwards) {
                let expected = if docid % 2 == 0 { record(sizes[docid / 2]) } else { missing.clone() };
                prop_assert_eq!(records.has(docid as u32), docid % 2 == 0);
                prop_assert_eq!(reader.read(docid as u32).unwrap(), expected);
            }
        }
    }

    #[test]
    fn records_longer_than_what_is_read_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = RecordFileWriter::create(folder.path(), 3, 2).unwrap();
        for docid in [2, 0, 1] {
            writer.push(docid, Origin { file: 0, line: 1 }, &record(1_500_000)).unwrap();
        }
        let records = writer.finish().unwrap();
        let mut reader = records.reader();
        for docid in [2, 0, 1, 1, 2] {
            assert!(reader.read(docid).unwrap() == record(1_500_000), "{docid}");
        }
    }
}
