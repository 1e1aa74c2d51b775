//! `.csr` to vectors.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use spork_core::{SparseVector, TermId, check_weight};
use spork_files::Source;

use super::header::Shape;
use crate::binary::{BLOCK, Block, NumberedVector};
use crate::error::{Error, Result};
use crate::scratch::Scratch;
use crate::tokens::{Ids, NumberedTerms};

/// Entries of a block, so that a few long vectors do not fill the memory.
const BLOCK_ENTRIES: u64 = 1 << 20;

/// Reads a file vector by vector. What comes before the weights is copied to temporary files, so
/// that a file can be a pipe, or compressed.
pub(crate) struct CsrReader {
    path: PathBuf,
    scratch: Scratch,
    shape: Shape,
    starts: BufReader<File>,
    columns: BufReader<File>,
    weights: Box<dyn BufRead + Send>,
    terms: NumberedTerms,
    ids: Ids,
    row: u64,
    /// Where the next row starts.
    start: u64,
    zeros: u64,
    repeated: u64,
}

impl CsrReader {
    /// Begins to read. Terms are those of the token table `tokens`, or of the table beside the
    /// file, or else the digits of columns.
    pub(crate) fn open(source: Source, tokens: Option<&Path>, scratch: &Scratch) -> Result<Self> {
        let (path, mut reader) = source.into_parts();
        let terms = NumberedTerms::of(&path, tokens)?;
        let ids = Ids::of(&path)?;
        let shape = Shape::read(&mut reader)
            .map_err(|error| unreadable(&path, "the header", error))?
            .map_err(|fault| Error::fault(&path, "the header", fault))?;
        let mut copy = |length: u64, place: &str| {
            let mut file = BufWriter::new(scratch.file()?);
            let copied = io::copy(&mut (&mut reader).take(length), &mut file)
                .map_err(|error| Error::io(&path, error))?;
            if copied < length {
                return Err(unreadable(&path, place, io::ErrorKind::UnexpectedEof.into()));
            }
            let file = file.flush().and_then(|()| {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind().map(|()| file)
            });
            file.map(BufReader::new).map_err(|error| scratch.error(error))
        };
        let starts = copy(8 * (shape.rows + 1), "the starts of rows")?;
        let columns = copy(4 * shape.entries, "the columns of entries")?;
        let mut csr = Self {
            path,
            scratch: scratch.clone(),
            shape,
            starts,
            columns,
            weights: reader,
            terms,
            ids,
            row: 0,
            start: 0,
            zeros: 0,
            repeated: 0,
        };
        match csr.start()? {
            0 => Ok(csr),
            start => Err(csr.fault(format!("the first row starts at {start}, expected 0"))),
        }
    }

    pub(crate) fn next_block(&mut self) -> Result<Option<Block>> {
        let mut block = Block::default();
        let first = self.start;
        while self.row < self.shape.rows
            && block.vectors.len() < BLOCK
            && self.start - first < BLOCK_ENTRIES
        {
            let vector = self.vector()?;
            block.vectors.push(NumberedVector { id: self.ids.next()?, vector });
        }
        block.new_terms = self.terms.take_new();
        if block.vectors.is_empty() { self.end().map(|()| None) } else { Ok(Some(block)) }
    }

    fn vector(&mut self) -> Result<SparseVector> {
        let end = self.start()?;
        if end < self.start || end > self.shape.entries {
            return Err(self.fault(format!(
                "its entries end at {end}, after a start at {}, in a file of {} entries",
                self.start, self.shape.entries
            )));
        }
        let mut entries = Vec::new();
        for _ in self.start..end {
            entries.extend(self.entry()?);
        }
        self.start = end;
        self.row += 1;
        let all = entries.len();
        let vector = SparseVector::new(entries)
            .map_err(|(_, error)| self.fault(format!("a sum of weights {error}")))?;
        self.repeated += (all - vector.len()) as u64;
        Ok(vector)
    }

    /// The next entry, unless its weight is zero.
    fn entry(&mut self) -> Result<Option<(TermId, f32)>> {
        let mut bytes = [0; 4];
        self.columns.read_exact(&mut bytes).map_err(|error| self.scratch.error(error))?;
        let given = i32::from_le_bytes(bytes);
        let read = self.weights.read_exact(&mut bytes);
        read.map_err(|error| unreadable(&self.path, &self.place(), error))?;
        let weight = f32::from_le_bytes(bytes);
        let column = u32::try_from(given).ok().filter(|&c| u64::from(c) < self.shape.columns);
        let Some(column) = column else {
            return Err(
                self.fault(format!("column {given}, expected 0 to below {}", self.shape.columns))
            );
        };
        if let Err(error) = check_weight(weight) {
            return Err(self.fault(format!("the weight of column {column} {error}")));
        }
        if weight == 0.0 {
            self.zeros += 1;
            return Ok(None);
        }
        match self.terms.number(column) {
            Ok(term) => Ok(Some((term, weight))),
            Err(fault) => Err(self.fault(fault)),
        }
    }

    /// The next of the starts of rows.
    fn start(&mut self) -> Result<u64> {
        let mut bytes = [0; 8];
        self.starts.read_exact(&mut bytes).map_err(|error| self.scratch.error(error))?;
        u64::try_from(i64::from_le_bytes(bytes))
            .map_err(|_| self.fault("a start below zero".to_owned()))
    }

    /// Checks that nothing is left, and tells what was left out.
    fn end(&mut self) -> Result<()> {
        if self.start != self.shape.entries {
            return Err(self.fault(format!(
                "rows end at entry {}, the header says {}",
                self.start, self.shape.entries
            )));
        }
        let rest = self.weights.fill_buf().map_err(|error| Error::io(&self.path, error))?;
        if !rest.is_empty() {
            return Err(self.fault("more bytes than its entries have".to_owned()));
        }
        self.ids.end()?;
        let path = self.path.display();
        if self.zeros > 0 {
            tracing::warn!("{path}: {} weights of zero left out", self.zeros);
        }
        if self.repeated > 0 {
            tracing::warn!(
                "{path}: {} weights of terms that a row has already were added to those",
                self.repeated
            );
        }
        (self.zeros, self.repeated) = (0, 0);
        Ok(())
    }

    fn place(&self) -> String {
        format!("row {} (from 0)", self.row)
    }

    fn fault(&self, fault: String) -> Error {
        Error::fault(&self.path, self.place(), format!("{fault}; the file is damaged"))
    }
}

fn unreadable(path: &Path, place: &str, error: io::Error) -> Error {
    if error.kind() != io::ErrorKind::UnexpectedEof {
        return Error::io(path, error);
    }
    Error::fault(path, place, "the file ends here; it was cut short, copy it again")
}
