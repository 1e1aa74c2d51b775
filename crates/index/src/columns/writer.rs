//! Writes `columns.bin`: values are collected column by column, and written when all are known.

use std::path::{Path, PathBuf};

use super::dictionary::{Numbering, Sorted};
use super::numbers::{common_divisor, number_of};
use super::schema::{ColumnKind, ColumnSpec, check_schema};
use super::scratch::{ScratchReader, ScratchWriter};
use super::table::{Entry, bits_for, blocks};
use super::value::{Value, ValueError};
use crate::file_summary::FileSummary;
use crate::frame::{FrameWriter, Kind};
use crate::{Error, Result};

/// Documents that an index holds at most.
const MAX_DOCUMENTS: u32 = u32::MAX;

/// Collects the values of documents in the order of docids, and writes them.
///
/// Memory: a bit a document and column, about 1 MiB a column, and the different keywords of all
/// columns with some 16 bytes each besides. The values themselves go to disk.
pub struct ColumnsWriter {
    folder: PathBuf,
    documents: u32,
    columns: Vec<ColumnWriter>,
}

impl ColumnsWriter {
    /// A writer of `columns.bin` in `folder`.
    ///
    /// # Errors
    /// Columns that an index can't have.
    pub fn create(folder: &Path, schema: &[ColumnSpec]) -> Result<Self> {
        check_schema(schema)?;
        let columns = schema.iter().map(|spec| ColumnWriter::new(folder, spec.clone())).collect();
        Ok(Self { folder: folder.to_owned(), documents: 0, columns })
    }

    /// Appends a document: the value of each column, or none.
    ///
    /// # Errors
    /// A value of another kind than its column's, NaN, an infinity; a full disk.
    ///
    /// # Panics
    /// There are more or fewer values than columns.
    pub fn push(&mut self, values: &[Option<Value>]) -> Result<()> {
        assert_eq!(values.len(), self.columns.len(), "a value or none for each column");
        for (column, value) in self.columns.iter().zip(values) {
            value.as_ref().map_or(Ok(()), |value| column.spec.check(value))?;
        }
        let document = self.documents;
        self.documents = document.checked_add(1).ok_or_else(|| Error::TooLarge {
            what: "documents".to_owned(),
            limit: MAX_DOCUMENTS.into(),
        })?;
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(document, value.as_ref())?;
        }
        Ok(())
    }

    /// Documents so far.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Writes the file, through to the disk.
    ///
    /// # Errors
    /// The file exists or can't be written.
    pub fn finish(self) -> Result<FileSummary> {
        let mut file = FrameWriter::create(&self.folder, Kind::Columns)?;
        let mut table = Vec::new();
        for column in self.columns {
            let entry = column.write(self.documents, &mut file)?;
            table.push(entry.to_bytes());
        }
        file.align(8)?;
        for entry in table {
            file.write(&entry)?;
        }
        file.finish()
    }
}

impl ColumnSpec {
    /// Whether the column can hold a value.
    ///
    /// # Errors
    /// A value of another kind, NaN, an infinity.
    pub fn check(&self, value: &Value) -> std::result::Result<(), ValueError> {
        let finite = !matches!(value, Value::Float(number) if !number.is_finite());
        if value.kind() == self.kind && finite {
            return Ok(());
        }
        let got = value.to_string();
        Err(ValueError { column: self.name.clone(), kind: self.kind, got })
    }
}

struct ColumnWriter {
    spec: ColumnSpec,
    /// Bit d of the words is 1 if document d has a value.
    presence: Vec<u64>,
    present: u64,
    /// The numbers of documents that have a value: of keywords, that of their first.
    numbers: ScratchWriter,
    statistics: Statistics,
    keywords: Keywords,
}

/// What is known of the numbers so far.
#[derive(Clone, Copy, Default)]
struct Statistics {
    /// The first number, from which differences are taken.
    first: i128,
    least: i128,
    greatest: i128,
    /// The greatest common divisor of all differences; 0 while all numbers are equal.
    divisor: u128,
}

/// What only a column of keywords has.
struct Keywords {
    numbering: Numbering,
    /// Documents and numbers of keywords beside the first.
    further: ScratchWriter,
    count: u64,
}

impl ColumnWriter {
    fn new(folder: &Path, spec: ColumnSpec) -> Self {
        let further = ScratchWriter::new(folder);
        Self {
            spec,
            presence: Vec::new(),
            present: 0,
            numbers: ScratchWriter::new(folder),
            statistics: Statistics::default(),
            keywords: Keywords { numbering: Numbering::default(), further, count: 0 },
        }
    }

    fn push(&mut self, document: u32, value: Option<&Value>) -> Result<()> {
        if document.is_multiple_of(u64::BITS) {
            self.presence.push(0);
        }
        let Some(value) = value else { return Ok(()) };
        if let Some(word) = self.presence.last_mut() {
            *word |= 1 << (document % u64::BITS);
        }
        match value {
            Value::Keyword(keyword) => {
                self.push_keywords(document, std::slice::from_ref(keyword))?;
            }
            Value::Keywords(keywords) if keywords.is_sorted_by(|a, b| a < b) => {
                self.push_keywords(document, keywords)?;
            }
            Value::Keywords(keywords) => {
                let mut keywords = keywords.clone();
                keywords.sort_unstable();
                keywords.dedup();
                self.push_keywords(document, &keywords)?;
            }
            value => {
                // Any value of these kinds that passed the check has a number.
                let number = number_of(value).unwrap_or_default();
                self.statistics.add(number, self.present == 0);
                let bytes = number.to_le_bytes();
                self.numbers.push(&bytes[..bytes_of(self.spec.kind)])?;
            }
        }
        self.present += 1;
        Ok(())
    }

    fn push_keywords(&mut self, document: u32, keywords: &[String]) -> Result<()> {
        for (place, keyword) in keywords.iter().enumerate() {
            let number = self.keywords.numbering.number(keyword)?.to_le_bytes();
            if place == 0 {
                self.numbers.push(&number)?;
            } else {
                let [a, b, c, d] = document.to_le_bytes();
                let [e, f, g, h] = number;
                self.keywords.further.push(&[a, b, c, d, e, f, g, h])?;
                self.keywords.count += 1;
            }
        }
        Ok(())
    }

    fn write(self, documents: u32, file: &mut FrameWriter) -> Result<Entry> {
        file.align(8)?;
        let start = file.length();
        let entry = Entry {
            kind: self.spec.kind,
            bits: 0,
            present: self.present,
            start,
            length: 0,
            further: self.keywords.count,
            strings: self.keywords.numbering.len() as u64,
            least: 0,
            unit: 1,
        };
        if self.present < documents.into() {
            write_words(file, &self.presence)?;
        }
        let numbers = self.numbers.read()?;
        let presence = Presence { words: &self.presence, documents };
        let entry = if self.spec.kind == ColumnKind::Keyword {
            write_keywords(entry, numbers, self.keywords, presence, file)?
        } else {
            write_numbers(entry, numbers, self.statistics, presence, file)?
        };
        Ok(Entry { length: file.length() - start, ..entry })
    }
}

impl Statistics {
    fn add(&mut self, number: i128, is_first: bool) {
        if is_first {
            *self = Self { first: number, least: number, greatest: number, divisor: 0 };
        }
        self.least = self.least.min(number);
        self.greatest = self.greatest.max(number);
        if self.divisor != 1 {
            self.divisor = common_divisor(self.divisor, number.abs_diff(self.first));
        }
    }

    fn unit(&self) -> u128 {
        self.divisor.max(1)
    }

    fn code(&self, number: i128) -> u128 {
        divided(number.abs_diff(self.least), self.unit())
    }
}

/// A quotient, most of the time in 64 bits.
fn divided(number: u128, unit: u128) -> u128 {
    match (u64::try_from(number), u64::try_from(unit)) {
        (Ok(number), Ok(unit)) => u128::from(number / unit),
        _ => number / unit,
    }
}

/// Bytes of a number until it is written.
fn bytes_of(kind: ColumnKind) -> usize {
    match kind {
        ColumnKind::Keyword => 4,
        ColumnKind::Boolean => 1,
        ColumnKind::Integer | ColumnKind::Float => 8,
        ColumnKind::Time => 16,
    }
}

fn next_number(kind: ColumnKind, numbers: &mut ScratchReader) -> Result<i128> {
    Ok(match kind {
        ColumnKind::Keyword => u32::from_le_bytes(numbers.next()?).into(),
        ColumnKind::Boolean => u8::from_le_bytes(numbers.next()?).into(),
        ColumnKind::Integer => i64::from_le_bytes(numbers.next()?).into(),
        ColumnKind::Float => u64::from_le_bytes(numbers.next()?).into(),
        ColumnKind::Time => i128::from_le_bytes(numbers.next()?),
    })
}

#[derive(Clone, Copy)]
struct Presence<'p> {
    words: &'p [u64],
    documents: u32,
}

fn write_words(file: &mut FrameWriter, words: &[u64]) -> Result<()> {
    words.iter().try_for_each(|word| file.write(&word.to_le_bytes()))
}

/// Writes the codes of all documents, 0 for those without a value, up to whole blocks.
fn write_codes(
    bits: u32,
    presence: Presence<'_>,
    file: &mut FrameWriter,
    mut next: impl FnMut() -> Result<u128>,
) -> Result<()> {
    let width = bits as usize / 8;
    let mut block = Vec::with_capacity(64 * 16);
    for &word in &presence.words[..blocks(presence.documents)] {
        block.clear();
        let mut ones = 0u64;
        for place in 0..u64::BITS {
            let code = if word >> place & 1 == 1 { next()? } else { 0 };
            if bits == 1 {
                ones |= (code as u64) << place;
            } else {
                block.extend_from_slice(&code.to_le_bytes()[..width]);
            }
        }
        if bits == 1 {
            block.extend_from_slice(&ones.to_le_bytes());
        }
        file.write(&block)?;
    }
    Ok(())
}

fn write_numbers(
    entry: Entry,
    mut numbers: ScratchReader,
    statistics: Statistics,
    presence: Presence<'_>,
    file: &mut FrameWriter,
) -> Result<Entry> {
    let bits = bits_for(statistics.code(statistics.greatest));
    write_codes(bits, presence, file, || {
        Ok(statistics.code(next_number(entry.kind, &mut numbers)?))
    })?;
    Ok(Entry { bits, least: statistics.least, unit: statistics.unit(), ..entry })
}

fn write_keywords(
    entry: Entry,
    mut numbers: ScratchReader,
    keywords: Keywords,
    presence: Presence<'_>,
    file: &mut FrameWriter,
) -> Result<Entry> {
    let sorted = keywords.numbering.sorted();
    let bits = bits_for(entry.strings.saturating_sub(1).into());
    write_codes(bits, presence, file, || {
        Ok(sorted.code(u32::from_le_bytes(numbers.next()?)).into())
    })?;
    write_further(keywords.further.read()?, keywords.count, &sorted, file)?;
    sorted.write(file)?;
    Ok(Entry { bits, ..entry })
}

/// Writes the further keywords: their documents, then their codes.
fn write_further(
    mut further: ScratchReader,
    count: u64,
    sorted: &Sorted,
    file: &mut FrameWriter,
) -> Result<()> {
    for _ in 0..count {
        let [a, b, c, d, ..] = further.next::<8>()?;
        file.write(&[a, b, c, d])?;
    }
    file.align(8)?;
    further.rewind()?;
    for _ in 0..count {
        let [_, _, _, _, e, f, g, h] = further.next::<8>()?;
        file.write(&sorted.code(u32::from_le_bytes([e, f, g, h])).to_le_bytes())?;
    }
    file.align(8)
}
