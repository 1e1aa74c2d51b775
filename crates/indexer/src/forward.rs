//! The forward file: every document's (term, weight) pairs in document order, on disk while a run
//! lasts.
//!
//! A record is the number of pairs (u32) and the pairs (u32 term number, f32 weight),
//! little-endian. The file has no name: a killed run leaves nothing of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use spork_postings::WINDOW;

use crate::{Error, Result};

const BUFFER: usize = 1 << 20;

/// Appends records.
pub(crate) struct ForwardWriter {
    folder: PathBuf,
    file: BufWriter<File>,
    position: u64,
    documents: u64,
    /// Where each window of documents starts.
    windows: Vec<u64>,
    record: Vec<u8>,
}

impl ForwardWriter {
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(folder)
            .map_err(|source| Error::Temporary { folder: folder.to_owned(), source })?;
        Ok(Self {
            folder: folder.to_owned(),
            file: BufWriter::with_capacity(BUFFER, file),
            position: 0,
            documents: 0,
            windows: Vec::new(),
            record: Vec::new(),
        })
    }

    pub(crate) fn push(&mut self, entries: &[(u32, f32)]) -> Result<()> {
        if self.documents.is_multiple_of(WINDOW as u64) {
            self.windows.push(self.position);
        }
        self.record.clear();
        self.record.extend((entries.len() as u32).to_le_bytes());
        for (term, weight) in entries {
            self.record.extend(term.to_le_bytes());
            self.record.extend(weight.to_le_bytes());
        }
        self.file
            .write_all(&self.record)
            .map_err(|source| Error::Temporary { folder: self.folder.clone(), source })?;
        self.position += self.record.len() as u64;
        self.documents += 1;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Forward> {
        let fail = |source| Error::Temporary { folder: self.folder.clone(), source };
        self.windows.push(self.position);
        let file = self.file.into_inner().map_err(|error| fail(error.into_error()))?;
        Ok(Forward { folder: self.folder, file, windows: self.windows, documents: self.documents })
    }
}

/// A finished forward file.
pub(crate) struct Forward {
    folder: PathBuf,
    file: File,
    /// Start of each window, and the end of the last.
    windows: Vec<u64>,
    documents: u64,
}

impl Forward {
    pub(crate) fn documents(&self) -> u64 {
        self.documents
    }

    /// Bytes of all records.
    pub(crate) fn bytes(&self) -> u64 {
        self.windows.last().copied().unwrap_or(0)
    }

    pub(crate) fn windows(&self) -> usize {
        self.windows.len() - 1
    }

    /// Documents of a window.
    pub(crate) fn documents_of(&self, window: usize) -> usize {
        self.documents.saturating_sub((window * WINDOW) as u64).min(WINDOW as u64) as usize
    }

    /// An upper bound on the number of postings of a window.
    pub(crate) fn postings_at_most(&self, window: usize) -> u64 {
        (self.windows[window + 1] - self.windows[window]) / 8
    }

    /// Reads the records of one window.
    pub(crate) fn window(&self, window: usize) -> ForwardReader<'_> {
        self.range(self.windows[window], self.windows[window + 1])
    }

    /// Reads all records.
    pub(crate) fn all(&self) -> ForwardReader<'_> {
        self.range(0, self.bytes())
    }

    fn range(&self, position: u64, end: u64) -> ForwardReader<'_> {
        ForwardReader { forward: self, position, end, buffer: Vec::new(), read: 0 }
    }
}

/// Records of a stretch of the file, in order. Several readers may work at once.
pub(crate) struct ForwardReader<'f> {
    forward: &'f Forward,
    position: u64,
    end: u64,
    buffer: Vec<u8>,
    read: usize,
}

impl ForwardReader<'_> {
    /// Replaces `entries` by those of the next record; false at the end.
    pub(crate) fn next_into(&mut self, entries: &mut Vec<(u32, f32)>) -> Result<bool> {
        entries.clear();
        if self.read == self.buffer.len() && self.position == self.end {
            return Ok(false);
        }
        let pairs = self.take(4)?.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let bytes = self.take(8 * pairs as usize)?;
        entries.extend(bytes.as_chunks::<8>().0.iter().map(|&[a, b, c, d, e, f, g, h]| {
            (u32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]))
        }));
        Ok(true)
    }

    fn take(&mut self, bytes: usize) -> Result<&[u8]> {
        if self.buffer.len() - self.read < bytes {
            self.refill(bytes)?;
        }
        let start = self.read;
        self.read += bytes;
        Ok(&self.buffer[start..self.read])
    }

    fn refill(&mut self, at_least: usize) -> Result<()> {
        self.buffer.drain(..self.read);
        self.read = 0;
        let kept = self.buffer.len();
        let left = (self.end - self.position).min(usize::MAX as u64) as usize;
        let more = at_least.max(BUFFER).saturating_sub(kept).min(left);
        self.buffer.resize(kept + more, 0);
        read_exact_at(&self.forward.file, &mut self.buffer[kept..], self.position)
            .map_err(|source| Error::Temporary { folder: self.forward.folder.clone(), source })?;
        self.position += more as u64;
        if self.buffer.len() < at_least {
            let source = std::io::ErrorKind::UnexpectedEof.into();
            return Err(Error::Temporary { folder: self.forward.folder.clone(), source });
        }
        Ok(())
    }
}

/// Fills `buffer` from byte `position` of `file`, whatever other readers do.
#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], position: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, position)
}

/// Fills `buffer` from byte `position` of `file`, whatever other readers do.
#[cfg(windows)]
pub(crate) fn read_exact_at(
    file: &File,
    mut buffer: &mut [u8],
    mut position: u64,
) -> std::io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, position)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        position += read as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn records_come_back(records in prop::collection::vec(
            prop::collection::vec((any::<u32>(), 0f32..1e9), 0..40), 0..30)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut writer = ForwardWriter::create(folder.path()).unwrap();
            for record in &records {
                writer.push(record).unwrap();
            }
            let forward = writer.finish().unwrap();
            let mut reader = forward.all();
            let mut entries = Vec::new();
            for record in &records {
                prop_assert!(reader.next_into(&mut entries).unwrap());
                prop_assert_eq!(&entries, record);
            }
            prop_assert!(!reader.next_into(&mut entries).unwrap());
        }
    }

    #[test]
    fn records_longer_than_the_buffer() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = ForwardWriter::create(folder.path()).unwrap();
        let long: Vec<(u32, f32)> = (0..300_000).map(|i| (i, i as f32)).collect();
        for _ in 0..3 {
            writer.push(&long).unwrap();
            writer.push(&[]).unwrap();
        }
        let forward = writer.finish().unwrap();
        let mut reader = forward.all();
        let mut entries = Vec::new();
        for _ in 0..3 {
            assert!(reader.next_into(&mut entries).unwrap() && entries == long);
            assert!(reader.next_into(&mut entries).unwrap() && entries.is_empty());
        }
        assert!(!reader.next_into(&mut entries).unwrap());
    }
}
