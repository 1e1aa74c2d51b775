//! Writing forward vectors, 64 documents at a time.

use std::path::Path;

use spork_core::{Impact, TermId};

use super::{GROUP, PADDING, part};
use crate::Result;
use crate::file_summary::FileSummary;
use crate::frame::{FrameWriter, Kind};

/// Writes `vectors.bin`: each document's postings in docid order.
pub struct ForwardVectorsWriter {
    file: FrameWriter,
    /// Number of terms of each field.
    terms: Vec<u32>,
    documents: u32,
    group: Group,
    bases: Vec<u64>,
    starts: Vec<u16>,
}

/// The documents since the last multiple of 64.
#[derive(Default)]
struct Group {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl ForwardVectorsWriter {
    /// Starts the file in a folder, for documents of fields that have so many terms.
    ///
    /// # Errors
    /// The file exists, or can't be made.
    pub fn create(folder: &Path, terms: &[u32]) -> Result<Self> {
        Ok(Self {
            file: FrameWriter::create(folder, Kind::ForwardVectors)?,
            terms: terms.to_vec(),
            documents: 0,
            group: Group::default(),
            bases: Vec::new(),
            starts: Vec::new(),
        })
    }

    /// Appends the next document's postings of all fields.
    ///
    /// # Errors
    /// Writing fails.
    ///
    /// # Panics
    /// If terms do not ascend, or one is of no field.
    pub fn push(&mut self, postings: &[(TermId, Impact)]) -> Result<()> {
        assert!(postings.is_sorted_by(|(a, _), (b, _)| a < b), "terms that ascend");
        if self.group.ends.len() == GROUP {
            self.write_group()?;
        }
        let mut rest = postings;
        let mut first = 0;
        for &terms in &self.terms {
            let (part, after) = rest.split_at(rest.partition_point(|(t, _)| t.0 - first < terms));
            part::encode(&mut self.group.bytes, first, part);
            rest = after;
            first += terms;
        }
        assert!(rest.is_empty(), "terms of the fields");
        self.group.ends.push(self.group.bytes.len());
        self.documents += 1;
        Ok(())
    }

    /// Writes the rest of the file, through to the disk.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self) -> Result<FileSummary> {
        if !self.group.ends.is_empty() {
            self.write_group()?;
        }
        let length = self.file.length();
        self.file.write(&[0; PADDING])?;
        for base in &self.bases {
            self.file.write(&base.to_le_bytes())?;
        }
        for start in &self.starts {
            self.file.write(&start.to_le_bytes())?;
        }
        for terms in &self.terms {
            self.file.write(&terms.to_le_bytes())?;
        }
        self.file.write(&length.to_le_bytes())?;
        self.file.write(&self.documents.to_le_bytes())?;
        self.file.write(&(self.terms.len() as u32).to_le_bytes())?;
        self.file.finish()
    }

    fn write_group(&mut self) -> Result<()> {
        let (shift, starts) = self.group.starts();
        self.bases.push(self.file.length() | u64::from(shift) << 56);
        let mut written = 0;
        let mut from = 0;
        for (start, &end) in starts.zip(&self.group.ends) {
            self.starts.push((start >> shift) as u16);
            zeros(&mut self.file, start - written)?;
            self.file.write(&self.group.bytes[from..end])?;
            written = start + end - from;
            from = end;
        }
        self.group.bytes.clear();
        self.group.ends.clear();
        Ok(())
    }
}

impl Group {
    /// The least shift that lets 16 bits hold the start of each document, and these starts.
    fn starts(&self) -> (u8, impl Iterator<Item = usize>) {
        let last = |shift: u8| self.starts_by(shift).last().unwrap_or_default() >> shift;
        let shift = (0..32).find(|&shift| last(shift) <= usize::from(u16::MAX)).unwrap_or(32);
        (shift, self.starts_by(shift).collect::<Vec<_>>().into_iter())
    }

    fn starts_by(&self, shift: u8) -> impl Iterator<Item = usize> {
        let mut next = 0;
        let mut from = 0;
        self.ends.iter().map(move |&end| {
            let start = next;
            next = (start + end - from).next_multiple_of(1 << shift);
            from = end;
            start
        })
    }
}

fn zeros(file: &mut FrameWriter, mut count: usize) -> Result<()> {
    while count > 0 {
        let some = count.min(64);
        file.write(&[0; 64][..some])?;
        count -= some;
    }
    Ok(())
}
