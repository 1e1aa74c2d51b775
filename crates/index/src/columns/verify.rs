//! That a file of columns is what the writer would write of its values.

use super::numbers::{common_divisor, value_of};
use super::reader::{Column, Columns, Further};
use super::schema::ColumnKind;
use super::table::{ENTRY, bits_for};
use crate::strings::read_u64;
use crate::{Error, Result};

impl Columns {
    /// Checks the file's checksum and every promise of the format.
    ///
    /// # Errors
    /// The first damage, with its place.
    pub fn verify(&self) -> Result<()> {
        self.frame().verify_checksum()?;
        let mut end = 0;
        for column in self.columns() {
            zeros(self, end, column.entry.start)?;
            Check { columns: self, column }.all()?;
            end = column.entry.start + column.entry.length;
        }
        let table = self.frame().payload().len() - ENTRY * self.columns().len();
        zeros(self, end, table as u64)
    }
}

/// That what follows `end` starts at the next multiple of 8, behind zeros.
fn zeros(columns: &Columns, end: u64, start: u64) -> Result<()> {
    let frame = columns.frame();
    let expected = end.next_multiple_of(8);
    if start != expected {
        return Err(frame.corrupt(end, format!("what follows to start at {expected}"), start));
    }
    match frame.slice(end, start - end)?.iter().find(|&&byte| byte != 0) {
        Some(byte) => Err(frame.corrupt(end, "zeros up to a multiple of 8", byte)),
        None => Ok(()),
    }
}

#[derive(Clone, Copy)]
struct Check<'c> {
    columns: &'c Columns,
    column: &'c Column,
}

impl Check<'_> {
    fn all(self) -> Result<()> {
        self.presence()?;
        self.length()?;
        if self.column.entry.kind == ColumnKind::Keyword { self.keywords() } else { self.numbers() }
    }

    fn corrupt(&self, offset: u64, expected: impl ToString, got: impl ToString) -> Error {
        let expected = format!("{} in column {}", expected.to_string(), self.column.spec.name);
        self.columns.frame().corrupt(offset, expected, got)
    }

    /// The presence bitmap has as many bits as there are values, none of them behind the last
    /// document.
    fn presence(&self) -> Result<()> {
        let Some(words) = self.columns.presence(self.column)? else { return Ok(()) };
        let word = |&word: &[u8; 8]| u64::from_le_bytes(word);
        let ones: u64 = words.iter().map(|bytes| u64::from(word(bytes).count_ones())).sum();
        let rest = self.columns.documents() % u64::BITS;
        if rest > 0 && words.last().map_or(0, word) >> rest != 0 {
            return Err(self.corrupt(
                self.column.entry.start,
                "no document",
                "one behind the last",
            ));
        }
        if ones != self.column.entry.present {
            let expected = format!("presence of {} documents", self.column.entry.present);
            return Err(self.corrupt(self.column.entry.start, expected, ones));
        }
        Ok(())
    }

    /// The section ends with its last part.
    fn length(&self) -> Result<()> {
        let (entry, parts) = (self.column.entry, self.column.parts);
        let mut end = parts.end;
        if entry.kind == ColumnKind::Keyword {
            let ends = self.columns.frame().slice(parts.dictionary, 8 * (entry.strings + 1))?;
            if read_u64(ends, 0) != 0 {
                return Err(self.corrupt(parts.dictionary, "bounds from 0", read_u64(ends, 0)));
            }
            end = end.saturating_add(read_u64(ends, ends.len() - 8));
        }
        if end != entry.start + entry.length {
            return Err(self.corrupt(entry.start, format!("a section up to {end}"), entry.length));
        }
        Ok(())
    }

    /// Gives the code of each document that has a value to `each`; the others have code 0.
    fn codes(&self, mut each: impl FnMut(u32, u128) -> Result<()>) -> Result<()> {
        let codes = self.columns.codes(self.column)?;
        let presence = self.columns.presence(self.column)?;
        let documents = self.columns.documents();
        for document in 0..documents.checked_next_multiple_of(u64::BITS).unwrap_or(u32::MAX) {
            let code = codes.get(document as usize).unwrap_or_default();
            let present = presence.map_or(document < documents, |words| {
                let word = u64::from_le_bytes(words[document as usize / 64]);
                word >> (document % 64) & 1 == 1
            });
            if present {
                each(document, code)?;
            } else if code != 0 {
                let expected = format!("code 0 of document {document}, which has no value");
                return Err(self.corrupt(self.column.parts.codes, expected, code));
            }
        }
        Ok(())
    }

    fn numbers(&self) -> Result<()> {
        let (entry, at) = (self.column.entry, self.column.parts.codes);
        let (mut least, mut greatest, mut divisor) = (u128::MAX, 0, 0);
        self.codes(|document, code| {
            let value = self.column.number(code).and_then(|number| value_of(entry.kind, number));
            if value.is_none() {
                let expected = format!("a value of document {document}");
                return Err(self.corrupt(at, expected, format!("code {code}")));
            }
            least = least.min(code);
            greatest = greatest.max(code);
            if divisor != 1 {
                divisor = common_divisor(divisor, code);
            }
            Ok(())
        })?;
        if entry.present > 0 && least != 0 {
            return Err(self.corrupt(at, "a document of code 0", least));
        }
        if bits_for(greatest) != entry.bits {
            let expected = format!("codes of {} bits", bits_for(greatest));
            return Err(self.corrupt(at, expected, entry.bits));
        }
        // Numbers that are all equal have unit 1, of others it is their common divisor.
        if divisor > 1 || (divisor == 0 && entry.unit != 1) {
            return Err(self.corrupt(at, "codes without a common divisor", divisor));
        }
        if entry.present == 0 && entry.least != 0 {
            return Err(self.corrupt(at, "0 as the least of no numbers", entry.least));
        }
        Ok(())
    }

    fn keywords(&self) -> Result<()> {
        let entry = self.column.entry;
        let mut used = vec![false; entry.strings as usize];
        let mut firsts = Vec::new();
        let Further { docids, codes } = self.columns.further(self.column)?;
        let mut own = docids.iter().zip(codes).map(|(&docid, &code)| {
            (u32::from_le_bytes(docid), u128::from(u32::from_le_bytes(code)))
        });
        let mut next = own.next();
        self.codes(|document, code| {
            firsts.clear();
            firsts.push(code);
            while let Some((_, code)) = next.filter(|&(docid, _)| docid == document) {
                firsts.push(code);
                next = own.next();
            }
            if !firsts.is_sorted_by(|a, b| a < b) {
                let expected = format!("ascending keywords of document {document}");
                return Err(self.corrupt(self.column.parts.further_codes, expected, code));
            }
            for &code in &firsts {
                let used = usize::try_from(code).ok().and_then(|code| used.get_mut(code));
                *used.ok_or_else(|| {
                    let expected = format!("a code below {}", entry.strings);
                    self.corrupt(self.column.parts.codes, expected, code)
                })? = true;
            }
            Ok(())
        })?;
        if let Some((docid, _)) = next {
            let at = self.column.parts.further_docids;
            return Err(self.corrupt(at, "ascending documents that have a value", docid));
        }
        if let Some(code) = used.iter().position(|used| !used) {
            return Err(self.corrupt(self.column.parts.codes, format!("code {code}"), "none"));
        }
        self.dictionary()
    }

    /// The dictionary ascends, codes have the least width, and parts are filled up with zeros.
    fn dictionary(&self) -> Result<()> {
        let (entry, parts) = (self.column.entry, self.column.parts);
        let bits = bits_for(entry.strings.saturating_sub(1).into());
        if entry.bits != bits || (entry.least, entry.unit) != (0, 1) {
            let expected = format!("codes of {bits} bits, least 0 and unit 1");
            return Err(self.corrupt(parts.codes, expected, entry.bits));
        }
        let dictionary = self.columns.dictionary(self.column);
        for code in 1..entry.strings as u32 {
            let (before, string) = (dictionary.get(code - 1)?, dictionary.get(code)?);
            if before >= string {
                let expected = format!("a string after {before:?}");
                return Err(self.corrupt(parts.dictionary, expected, format!("{string:?}")));
            }
        }
        if entry.strings == 1 {
            dictionary.get(0)?;
        }
        let length = 4 * entry.further;
        zeros(self.columns, parts.further_docids + length, parts.further_codes)?;
        zeros(self.columns, parts.further_codes + length, parts.dictionary)
    }
}
