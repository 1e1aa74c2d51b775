//! Reads `columns.bin`: values of documents, and which documents have a value in a range.

use std::ops::Bound;
use std::path::Path;

use super::dictionary::Dictionary;
use super::numbers::value_of;
use super::range::{CodeRange, ValueRange, merged};
use super::scan::{Codes, contains};
use super::schema::{ColumnKind, ColumnSpec, check_schema};
use super::table::{ENTRY, Entry, Parts, blocks};
use super::value::{Value, ValueError};
use crate::Result;
use crate::file_summary::FileSummary;
use crate::frame::{Frame, Kind};

/// A view on `columns.bin`.
///
/// Sets of documents are words of 64 bits: bit d mod 64 of word d / 64 is 1 if document d is in the
/// set. Bits behind the last document are 0.
#[derive(Debug)]
pub struct Columns {
    frame: Frame,
    documents: u32,
    columns: Vec<Column>,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) spec: ColumnSpec,
    pub(super) entry: Entry,
    pub(super) parts: Parts,
}

/// Keywords beside a document's first: the documents, ascending, and the keywords' codes.
#[derive(Clone, Copy)]
pub(super) struct Further<'f> {
    pub(super) docids: &'f [[u8; 4]],
    pub(super) codes: &'f [[u8; 4]],
}

impl Columns {
    /// Opens the file of a segment that has so many documents and these columns. Reads nothing but
    /// the table.
    ///
    /// # Errors
    /// The file can't be read, or is not that of such documents and columns.
    pub fn open(folder: &Path, documents: u32, schema: &[ColumnSpec]) -> Result<Self> {
        check_schema(schema)?;
        let frame = Frame::open(folder, Kind::Columns)?;
        let length = frame.payload().len() as u64;
        let table = (ENTRY * schema.len()) as u64;
        let Some(start) = length.checked_sub(table) else {
            let expected = format!("a table of {} columns", schema.len());
            return Err(frame.corrupt(0, expected, format!("a payload of {length} bytes")));
        };
        let mut columns = Vec::with_capacity(schema.len());
        let (entries, _) = frame.slice(start, table)?.as_chunks::<ENTRY>();
        for (place, (bytes, spec)) in entries.iter().zip(schema).enumerate() {
            let at = start + (ENTRY * place) as u64;
            let entry = Entry::from_bytes(bytes).filter(|entry| entry.kind == spec.kind);
            let entry = entry.ok_or_else(|| frame.corrupt(at, spec, "a column of another kind"))?;
            let parts = entry
                .parts(documents)
                .map_err(|(expected, got)| frame.corrupt(at, expected, got))?;
            frame.slice(entry.start, entry.length)?;
            columns.push(Column { spec: spec.clone(), entry, parts });
        }
        Ok(Self { frame, documents, columns })
    }

    /// Length and checksum of the file.
    pub fn summary(&self) -> FileSummary {
        self.frame.summary()
    }

    /// Number of documents.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// The columns.
    pub fn schema(&self) -> impl ExactSizeIterator<Item = &ColumnSpec> {
        self.columns.iter().map(|column| &column.spec)
    }

    /// How many documents have a value in a column, given by its place in the schema.
    ///
    /// # Panics
    /// There is no such column.
    pub fn present_count(&self, column: usize) -> u64 {
        self.columns[column].entry.present
    }

    /// The value of a document in a column, given by its place in the schema; none if it has none.
    ///
    /// # Errors
    /// There is no such document, or the file is damaged.
    ///
    /// # Panics
    /// There is no such column.
    pub fn value(&self, docid: u32, column: usize) -> Result<Option<Value>> {
        let column = &self.columns[column];
        if docid >= self.documents {
            let expected = format!("a docid below {}", self.documents);
            return Err(self.frame.corrupt(column.entry.start, expected, docid));
        }
        if !self.is_present(column, docid)? {
            return Ok(None);
        }
        let code = self.codes(column)?.get(docid as usize).unwrap_or_default();
        let value = match column.entry.kind {
            ColumnKind::Keyword => self.keywords(column, docid, code)?,
            kind => column.number(code).and_then(|number| value_of(kind, number)),
        };
        let at = column.parts.codes;
        value.map(Some).ok_or_else(|| self.frame.corrupt(at, &column.spec, format!("code {code}")))
    }

    /// The values of a document, one or none for each column: what
    /// [`ColumnsWriter::push`](super::ColumnsWriter::push) takes.
    ///
    /// # Errors
    /// There is no such document, or the file is damaged.
    pub fn row(&self, docid: u32) -> Result<Vec<Option<Value>>> {
        (0..self.columns.len()).map(|column| self.value(docid, column)).collect()
    }

    /// The documents that have a value in a column.
    ///
    /// # Errors
    /// The file is damaged.
    ///
    /// # Panics
    /// There is no such column.
    pub fn present(&self, column: usize) -> Result<Vec<u64>> {
        let mut words = vec![u64::MAX; blocks(self.documents)];
        self.keep_present(&self.columns[column], &mut words)?;
        Ok(words)
    }

    /// The documents of which a value in a column is in one of the ranges.
    ///
    /// # Errors
    /// A range of another kind of value, or of NaN; damage.
    ///
    /// # Panics
    /// There is no such column.
    pub fn matches(&self, column: usize, ranges: &[ValueRange]) -> Result<Vec<u64>> {
        let column = &self.columns[column];
        for value in ranges.iter().flat_map(ValueRange::bounds) {
            column.spec.check_bound(value)?;
        }
        let mut codes = Vec::with_capacity(ranges.len());
        for range in ranges {
            codes.extend(self.code_range(column, range)?);
        }
        let ranges = merged(codes);
        let mut words = vec![0; blocks(self.documents)];
        if !ranges.is_empty() {
            self.codes(column)?.matches(&ranges, &mut words);
            self.keep_present(column, &mut words)?;
            self.add_further(column, &ranges, &mut words)?;
        }
        Ok(words)
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.frame
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn codes(&self, column: &Column) -> Result<Codes<'_>> {
        let Parts { codes, codes_length, .. } = column.parts;
        let bytes = self.frame.slice(codes, codes_length)?;
        Ok(Codes { bits: column.entry.bits, bytes })
    }

    /// The words of a column's presence; none if all documents have a value.
    pub(super) fn presence(&self, column: &Column) -> Result<Option<&[[u8; 8]]>> {
        let Some(start) = column.parts.presence else { return Ok(None) };
        let bytes = self.frame.slice(start, 8 * blocks(self.documents) as u64)?;
        Ok(Some(bytes.as_chunks().0))
    }

    pub(super) fn dictionary<'c>(&'c self, column: &Column) -> Dictionary<'c> {
        // The table was checked: there are at most 2³² - 1 strings.
        Dictionary::new(&self.frame, column.parts.dictionary, column.entry.strings as u32)
    }

    /// Documents and codes of further keywords.
    pub(super) fn further(&self, column: &Column) -> Result<Further<'_>> {
        let length = 4 * column.entry.further;
        let docids = self.frame.slice(column.parts.further_docids, length)?;
        let codes = self.frame.slice(column.parts.further_codes, length)?;
        Ok(Further { docids: docids.as_chunks().0, codes: codes.as_chunks().0 })
    }

    fn is_present(&self, column: &Column, docid: u32) -> Result<bool> {
        let word =
            |words: &[[u8; 8]]| words.get(docid as usize / 64).copied().map(u64::from_le_bytes);
        let Some(words) = self.presence(column)? else { return Ok(true) };
        Ok(word(words).is_some_and(|word| word >> (docid % 64) & 1 == 1))
    }

    fn keywords(&self, column: &Column, docid: u32, first: u128) -> Result<Option<Value>> {
        let dictionary = self.dictionary(column);
        let Ok(first) = u32::try_from(first) else { return Ok(None) };
        let mut keywords = vec![dictionary.get(first)?.to_owned()];
        let Further { docids, codes } = self.further(column)?;
        let start = docids.partition_point(|&other| u32::from_le_bytes(other) < docid);
        let own = docids[start..].iter().take_while(|&&other| u32::from_le_bytes(other) == docid);
        for (_, &code) in own.zip(&codes[start..]) {
            keywords.push(dictionary.get(u32::from_le_bytes(code))?.to_owned());
        }
        Ok(Value::keywords(keywords))
    }

    /// Clears the bits of documents without a value, and those behind the last document.
    fn keep_present(&self, column: &Column, words: &mut [u64]) -> Result<()> {
        if let Some(presence) = self.presence(column)? {
            for (word, &present) in words.iter_mut().zip(presence) {
                *word &= u64::from_le_bytes(present);
            }
        }
        let rest = self.documents % u64::BITS;
        if let Some(last) = words.last_mut().filter(|_| rest > 0) {
            *last &= (1 << rest) - 1;
        }
        Ok(())
    }

    fn add_further(&self, column: &Column, ranges: &[CodeRange], words: &mut [u64]) -> Result<()> {
        let Further { docids, codes } = self.further(column)?;
        let mut hits = vec![0; codes.len().div_ceil(64)];
        let whole = codes.len() / 64 * 64;
        let bytes = codes[..whole].as_flattened();
        Codes { bits: 32, bytes }.matches(ranges, &mut hits);
        for (place, &code) in codes.iter().enumerate().skip(whole) {
            let hit = contains(ranges, u32::from_le_bytes(code).into());
            hits[place / 64] |= u64::from(hit) << (place % 64);
        }
        for (word, mut bits) in hits.into_iter().enumerate() {
            while bits != 0 {
                let place = 64 * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let docid = u32::from_le_bytes(docids[place]);
                if docid >= self.documents {
                    let expected = format!("a docid below {}", self.documents);
                    return Err(self.frame.corrupt(column.parts.further_docids, expected, docid));
                }
                words[docid as usize / 64] |= 1 << (docid % 64);
            }
        }
        Ok(())
    }

    /// The codes of a range's values; none if it is empty.
    fn code_range(&self, column: &Column, range: &ValueRange) -> Result<Option<CodeRange>> {
        if column.entry.kind != ColumnKind::Keyword {
            return Ok(range.numbers().and_then(|(first, last)| column.code_range(first, last)));
        }
        let dictionary = self.dictionary(column);
        let first = match &range.from {
            Bound::Included(Value::Keyword(keyword)) => dictionary.before(keyword)?,
            Bound::Excluded(Value::Keyword(keyword)) => dictionary.up_to(keyword)?,
            _ => 0,
        };
        let end = match &range.to {
            Bound::Included(Value::Keyword(keyword)) => dictionary.up_to(keyword)?,
            Bound::Excluded(Value::Keyword(keyword)) => dictionary.before(keyword)?,
            _ => column.entry.strings as u32,
        };
        Ok((first < end).then(|| CodeRange { first: first.into(), last: u128::from(end) - 1 }))
    }
}

impl Column {
    /// The number of a code; none if that is beyond 128 bits.
    pub(super) fn number(&self, code: u128) -> Option<i128> {
        self.entry.least.checked_add_unsigned(code.checked_mul(self.entry.unit)?)
    }

    /// The codes of the numbers from the first to the last; none if there are none.
    fn code_range(&self, first: i128, last: i128) -> Option<CodeRange> {
        let Entry { least, unit, .. } = self.entry;
        if last < least {
            return None;
        }
        let first = if first <= least { 0 } else { first.abs_diff(least).div_ceil(unit) };
        let last = last.abs_diff(least) / unit;
        (first <= last).then_some(CodeRange { first, last })
    }
}

impl ColumnSpec {
    /// Whether a value may bound a range of the column: one keyword, an infinity, but no NaN.
    fn check_bound(&self, value: &Value) -> std::result::Result<(), ValueError> {
        let fits = match value {
            Value::Keywords(_) => false,
            Value::Float(number) => !number.is_nan(),
            _ => true,
        };
        if fits && value.kind() == self.kind {
            return Ok(());
        }
        let got = value.to_string();
        Err(ValueError { column: self.name.clone(), kind: self.kind, got })
    }
}
