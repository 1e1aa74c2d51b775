//! Reading forward vectors, any document by its docid.

use std::path::Path;

use spork_core::{DocId, Impact, TermId};

use super::part::{self, Part};
use super::{FOOTER, GROUP, PADDING};
use crate::Result;
use crate::frame::{Frame, Kind};
use crate::strings::{read_u16, read_u32, read_u64};

/// A view on `vectors.bin`.
#[derive(Debug)]
pub struct ForwardVectors {
    pub(crate) frame: Frame,
    documents: u32,
    /// The first term of each field and its number of terms.
    fields: Vec<(u32, u32)>,
    /// Where documents end, and where the tables are.
    data_end: u64,
    bases_at: u64,
    starts_at: u64,
}

impl ForwardVectors {
    /// Opens the vectors of a segment of `documents` documents, whose fields have so many `terms`.
    /// Reads the last bytes alone.
    ///
    /// # Errors
    /// The file is missing, damaged, or of another segment.
    pub fn open(folder: &Path, documents: u32, terms: &[u32]) -> Result<Self> {
        let frame = Frame::open(folder, Kind::ForwardVectors)?;
        let length = frame.payload().len() as u64;
        let Some(footer_at) = length.checked_sub(FOOTER) else {
            return Err(frame.corrupt(0, format!("{FOOTER} bytes or more"), length));
        };
        let footer = frame.slice(footer_at, FOOTER)?;
        let data_end = read_u64(footer, 0);
        let (got, fields) = (read_u32(footer, 8), read_u32(footer, 12));
        if (got, fields as usize) != (documents, terms.len()) {
            let expected = format!("{documents} documents of {} fields", terms.len());
            let got = format!("{got} of {fields}");
            return Err(frame.corrupt(footer_at + 8, expected, got));
        }
        let groups = u64::from(documents).div_ceil(GROUP as u64);
        let tables = 8 * groups + 2 * u64::from(documents) + 4 * u64::from(fields);
        let bases_at = data_end.saturating_add(PADDING as u64);
        if bases_at.checked_add(tables) != Some(footer_at) {
            let expected = format!("{tables} bytes of tables and {PADDING} before them");
            let got = format!("documents that end at {data_end}");
            return Err(frame.corrupt(footer_at, expected, got));
        }
        let starts_at = bases_at + 8 * groups;
        let terms_at = starts_at + 2 * u64::from(documents);
        let mut first = 0u32;
        let mut read = Vec::with_capacity(terms.len());
        for (field, &terms) in terms.iter().enumerate() {
            let at = terms_at + 4 * field as u64;
            let got = read_u32(frame.slice(at, 4)?, 0);
            if got != terms {
                return Err(frame.corrupt(at, format!("{terms} terms"), got));
            }
            read.push((first, terms));
            first = first.saturating_add(terms);
        }
        Ok(Self { frame, documents, fields: read, data_end, bases_at, starts_at })
    }

    /// Replaces the content of `postings` by a document's, of all fields. Terms ascend, unless the
    /// file is damaged; they are terms of the fields in any case.
    ///
    /// # Errors
    /// There is no such document, or the file is damaged.
    pub fn get(&self, docid: DocId, postings: &mut Vec<(TermId, Impact)>) -> Result<()> {
        postings.clear();
        let (start, end) = self.range(docid)?;
        let mut rest = self.frame.slice(start, end - start + PADDING as u64)?;
        for (field, &(first, terms)) in self.fields.iter().enumerate() {
            let part = Part::open(rest).and_then(|part| part.decode(first, terms, postings));
            rest = part.ok_or_else(|| {
                let expected = format!("postings of field {field} with terms below {terms}");
                self.frame.corrupt(start, expected, format!("others, or some that pass {end}"))
            })?;
        }
        Ok(())
    }

    /// Checks that a document has these postings, such as those of the posting lists.
    ///
    /// # Errors
    /// It has others, there is no such document, or the file is damaged.
    pub fn check(&self, docid: DocId, postings: &[(TermId, Impact)]) -> Result<()> {
        let mut stored = Vec::new();
        self.get(docid, &mut stored)?;
        if stored == postings {
            return Ok(());
        }
        let differ = stored.iter().zip(postings).find(|(stored, other)| stored != other);
        let (expected, got) = match differ {
            Some((stored, other)) => (format!("{other:?}"), format!("{stored:?}")),
            None => (format!("{} postings", postings.len()), stored.len().to_string()),
        };
        let expected = format!("{expected} of document {}, as in its posting lists", docid.0);
        Err(self.frame.corrupt(self.range(docid)?.0, expected, got))
    }

    /// Number of documents.
    pub fn len(&self) -> u32 {
        self.documents
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.documents == 0
    }

    /// Reads the whole file against its checksum and every promise of the format.
    ///
    /// # Errors
    /// The first damage, with its place.
    pub fn verify(&self) -> Result<()> {
        self.frame.verify_checksum()?;
        let padding = self.frame.slice(self.data_end, PADDING as u64)?;
        if padding != [0; PADDING] {
            return Err(self.frame.corrupt(self.data_end, "zeros", format!("{padding:?}")));
        }
        let mut verifier = Verifier::default();
        for docid in (0..self.documents).map(DocId) {
            verifier.document(self, docid)?;
        }
        verifier.group_ends(self, self.data_end)
    }

    /// Where a document starts.
    fn start(&self, docid: u32) -> Result<u64> {
        let (base, shift) = self.base(docid)?;
        let start = self.frame.slice(self.starts_at + 2 * u64::from(docid), 2)?;
        Ok(base.saturating_add(u64::from(read_u16(start, 0)) << shift))
    }

    /// Where the 64 documents around this one start, and the shift of their starts.
    pub(super) fn base(&self, docid: u32) -> Result<(u64, u8)> {
        let at = self.bases_at + 8 * u64::from(docid / GROUP as u32);
        let entry = read_u64(self.frame.slice(at, 8)?, 0);
        let (base, shift) = (entry & (u64::MAX >> 8), (entry >> 56) as u8);
        if base <= self.data_end && shift <= 32 {
            return Ok((base, shift));
        }
        let expected = format!("a start up to {} and a shift up to 32", self.data_end);
        Err(self.frame.corrupt(at, expected, format!("{base} and {shift}")))
    }

    /// Where a document starts, and where the next does.
    fn range(&self, docid: DocId) -> Result<(u64, u64)> {
        if docid.0 >= self.documents {
            let expected = format!("a docid below {}", self.documents);
            return Err(self.frame.corrupt(0, expected, docid.0));
        }
        let start = self.start(docid.0)?;
        let last = docid.0 + 1 == self.documents;
        let end = if last { self.data_end } else { self.start(docid.0 + 1)? };
        if start <= end && end <= self.data_end {
            return Ok((start, end));
        }
        let at = self.starts_at + 2 * u64::from(docid.0);
        let expected = format!("a start up to {}", end.min(self.data_end));
        Err(self.frame.corrupt(at, expected, start))
    }
}

/// Reads documents in their order, and compares with how they would be written.
#[derive(Default)]
struct Verifier {
    postings: Vec<(TermId, Impact)>,
    encoded: Vec<u8>,
    /// The shift of the group, and the end of its last document as a shorter shift has it.
    shift: u8,
    end: u64,
    shorter_end: u64,
    last_start: u64,
}

impl Verifier {
    fn document(&mut self, vectors: &ForwardVectors, docid: DocId) -> Result<()> {
        let (start, next) = vectors.range(docid)?;
        let (base, shift) = vectors.base(docid.0)?;
        let corrupt =
            |expected: String, got: String| Err(vectors.frame.corrupt(start, expected, got));
        if docid.0.is_multiple_of(GROUP as u32) {
            self.group_ends(vectors, start)?;
            if start != base {
                return corrupt(format!("the first of 64 documents at {base}"), start.to_string());
            }
            (self.shift, self.end, self.shorter_end, self.last_start) = (shift, base, 0, 0);
        } else if start != base + (self.end - base).next_multiple_of(1 << shift) {
            return corrupt(format!("a document after {}", self.end), start.to_string());
        }
        vectors.get(docid, &mut self.postings)?;
        if !self.postings.is_sorted_by(|(a, _), (b, _)| a < b) {
            return corrupt("ascending terms".into(), format!("{:?}", self.postings));
        }
        if self.postings.iter().any(|&(_, impact)| impact == 0) {
            return corrupt("impacts above 0".into(), "an impact of 0".into());
        }
        self.encode(vectors);
        let length = self.encoded.len() as u64;
        let bytes = vectors.frame.slice(start, next - start)?;
        let (document, padding) = bytes.split_at_checked(self.encoded.len()).unwrap_or_default();
        if document != self.encoded || padding.iter().any(|&byte| byte != 0) {
            return corrupt("a document as it is written".into(), "other bytes".into());
        }
        let shorter = shift.saturating_sub(1);
        self.last_start = self.shorter_end.next_multiple_of(1 << shorter);
        self.shorter_end = self.last_start + length;
        self.end = start + length;
        Ok(())
    }

    /// The document as it should be.
    fn encode(&mut self, vectors: &ForwardVectors) {
        self.encoded.clear();
        let mut rest = &self.postings[..];
        for &(first, terms) in &vectors.fields {
            let (part, after) = rest.split_at(rest.partition_point(|(t, _)| t.0 - first < terms));
            part::encode(&mut self.encoded, first, part);
            rest = after;
        }
    }

    /// Checks that the group which ends here has no padding behind it and the least shift.
    fn group_ends(&self, vectors: &ForwardVectors, end: u64) -> Result<()> {
        if self.end != end {
            return Err(vectors.frame.corrupt(self.end, format!("an end at {end}"), self.end));
        }
        if self.shift > 0 && self.last_start >> (self.shift - 1) <= u64::from(u16::MAX) {
            let expected = format!("a shift below {}", self.shift);
            return Err(vectors.frame.corrupt(self.end, expected, self.shift));
        }
        Ok(())
    }
}
