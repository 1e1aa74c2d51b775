//! Rows of a sparse matrix, one after the other.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, Write};

use super::{Scratch, varint};
use crate::error::Result;

const BUFFER: usize = 1 << 18;

/// Appends rows. An entry is the gap to the column before, which is at least 1 and follows a column
/// −1, and the value; a gap of 0 ends the row.
pub(crate) struct RowWriter {
    scratch: Scratch,
    file: BufWriter<File>,
    bytes: Vec<u8>,
    /// Where the next column is counted from.
    next: u32,
    counts: Vec<u32>,
    rows: u32,
    entries: u64,
}

impl RowWriter {
    pub(crate) fn create(scratch: &Scratch) -> Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER, scratch.file()?),
            scratch: scratch.clone(),
            bytes: Vec::new(),
            next: 0,
            counts: Vec::new(),
            rows: 0,
            entries: 0,
        })
    }

    /// Adds an entry to the row; columns ascend.
    pub(crate) fn entry(&mut self, column: u32, value: u32) -> Result<()> {
        debug_assert!(column >= self.next || self.next == 0, "columns ascend");
        varint::write(&mut self.bytes, column - self.next + 1);
        varint::write(&mut self.bytes, value);
        self.next = column + 1;
        if self.counts.len() <= column as usize {
            self.counts.resize(column as usize + 1, 0);
        }
        self.counts[column as usize] += 1;
        self.entries += 1;
        if self.bytes.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Ends the row.
    pub(crate) fn end_row(&mut self) -> Result<()> {
        varint::write(&mut self.bytes, 0);
        self.next = 0;
        self.rows += 1;
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.bytes).map_err(|error| self.scratch.error(error))?;
        self.bytes.clear();
        Ok(())
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    pub(crate) fn finish(self) -> Result<Rows> {
        let file = self.file.into_inner();
        let file = file.map_err(|error| self.scratch.error(error.into_error()))?;
        Ok(Rows {
            scratch: self.scratch,
            file,
            counts: self.counts,
            rows: self.rows,
            entries: self.entries,
        })
    }
}

/// Finished rows.
pub(crate) struct Rows {
    scratch: Scratch,
    file: File,
    /// Entries a column, up to the last column that has one.
    counts: Vec<u32>,
    rows: u32,
    entries: u64,
}

impl Rows {
    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    pub(crate) fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Reads all rows from the first.
    pub(crate) fn read(&mut self) -> Result<RowReader<'_>> {
        self.file.rewind().map_err(|error| self.scratch.error(error))?;
        let reader = BufReader::with_capacity(BUFFER, &self.file);
        Ok(RowReader { scratch: &self.scratch, reader, left: self.rows, next: 0 })
    }
}

/// Reads rows in their order.
pub(crate) struct RowReader<'r> {
    scratch: &'r Scratch,
    reader: BufReader<&'r File>,
    left: u32,
    next: u32,
}

impl RowReader<'_> {
    /// Whether no row is left.
    pub(crate) fn is_at_end(&self) -> bool {
        self.left == 0
    }

    /// The next entry of the row, column and value; none at its end.
    pub(crate) fn entry(&mut self) -> Result<Option<(u32, u32)>> {
        let fail = |error| self.scratch.error(error);
        let gap = varint::read(&mut self.reader).map_err(fail)?;
        if gap == 0 {
            self.next = 0;
            self.left -= 1;
            return Ok(None);
        }
        let column = self.next + (gap - 1);
        self.next = column + 1;
        Ok(Some((column, varint::read(&mut self.reader).map_err(fail)?)))
    }

    /// Replaces `entries` by those of the next row; `false` after the last.
    pub(crate) fn row(&mut self, entries: &mut Vec<(u32, u32)>) -> Result<bool> {
        entries.clear();
        if self.left == 0 {
            return Ok(false);
        }
        while let Some(entry) = self.entry()? {
            entries.push(entry);
        }
        Ok(true)
    }
}
