//! The table at the end of `columns.bin`: where each column's parts are.
//!
//! An entry:
//!
//! ```text
//! 0    4   kind: 0 keyword, 1 integer, 2 float, 3 boolean, 4 time
//! 4    4   bits of a code: 0, 1, 8, 16, 32, 64 or 128
//! 8    8   documents that have a value
//! 16   8   where the column's section starts, in bytes from the start of the payload
//! 24   8   its length in bytes
//! 32   8   further keywords of documents that have several
//! 40   8   strings of the dictionary
//! 48   16  the least number, signed
//! 64   16  the unit
//! ```
//!
//! A section, each part starting at a multiple of 8:
//!
//! ```text
//! …   8·B      presence: bit d of the words is 1 if document d has a value; only where some do not
//! …   8·B·b    codes of b bits, of B whole blocks of 64 documents
//! …   4·f      docids of the further keywords, ascending
//! …   4·f      their codes
//! …            string table of the dictionary, ascending by bytes; only of keywords
//! ```

use super::scan::BLOCK;
use super::schema::ColumnKind;
use crate::strings::{read_u32, read_u64};

pub(super) const ENTRY: usize = 80;

/// An entry of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: ColumnKind,
    pub(super) bits: u32,
    pub(super) present: u64,
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) further: u64,
    pub(super) strings: u64,
    pub(super) least: i128,
    pub(super) unit: u128,
}

/// Where the parts of a section start, from the start of the payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) presence: Option<u64>,
    pub(super) codes: u64,
    pub(super) codes_length: u64,
    pub(super) further_docids: u64,
    pub(super) further_codes: u64,
    pub(super) dictionary: u64,
    /// The end of what has a known length; of all but the dictionary's strings.
    pub(super) end: u64,
}

/// Blocks that hold so many documents.
pub(super) fn blocks(documents: u32) -> usize {
    (documents as usize).div_ceil(BLOCK)
}

/// The bits of a code that hold the largest.
pub(super) fn bits_for(largest: u128) -> u32 {
    match u128::BITS - largest.leading_zeros() {
        0 => 0,
        1 => 1,
        needed => needed.next_power_of_two().max(8),
    }
}

impl Entry {
    pub(super) fn to_bytes(self) -> [u8; ENTRY] {
        let kind = ColumnKind::ALL.iter().position(|&kind| kind == self.kind).unwrap_or(0) as u32;
        let mut bytes = [0; ENTRY];
        bytes[0..4].copy_from_slice(&kind.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.bits.to_le_bytes());
        let words = [self.present, self.start, self.length, self.further, self.strings];
        for (i, word) in words.into_iter().enumerate() {
            bytes[8 + 8 * i..16 + 8 * i].copy_from_slice(&word.to_le_bytes());
        }
        bytes[48..64].copy_from_slice(&self.least.to_le_bytes());
        bytes[64..80].copy_from_slice(&self.unit.to_le_bytes());
        bytes
    }

    /// None for a kind that there is not.
    pub(super) fn from_bytes(bytes: &[u8; ENTRY]) -> Option<Self> {
        let word = |i: usize| read_u64(bytes, 8 + 8 * i);
        let wide =
            |at: usize| u128::from(read_u64(bytes, at + 8)) << 64 | u128::from(read_u64(bytes, at));
        Some(Self {
            kind: *ColumnKind::ALL.get(read_u32(bytes, 0) as usize)?,
            bits: read_u32(bytes, 4),
            present: word(0),
            start: word(1),
            length: word(2),
            further: word(3),
            strings: word(4),
            least: wide(48) as i128,
            unit: wide(64),
        })
    }

    /// Where the parts are in an index of so many documents, or what is wrong with the entry:
    /// expected and got.
    pub(super) fn parts(&self, documents: u32) -> Result<Parts, (&'static str, u64)> {
        let blocks = blocks(documents) as u64;
        if ![0, 1, 8, 16, 32, 64, 128].contains(&self.bits) {
            return Err(("codes of 0, 1, 8, 16, 32, 64 or 128 bits", self.bits.into()));
        }
        if self.present > documents.into() {
            return Err(("at most as many values as documents", self.present));
        }
        if self.unit == 0 {
            return Err(("a unit above zero", 0));
        }
        let keywords = self.kind == ColumnKind::Keyword;
        if self.strings > u32::MAX.into() || (!keywords && self.strings + self.further > 0) {
            return Err(("strings of a column of keywords alone", self.strings));
        }
        let after = |start: u64, length: u64| {
            let end = start.checked_add(length).and_then(|end| end.checked_next_multiple_of(8));
            end.ok_or(("a section in the file", start))
        };
        let further = self.further.checked_mul(4).ok_or(("a section in the file", self.further))?;
        let presence = (self.present < documents.into()).then_some(self.start);
        let codes = after(self.start, if presence.is_some() { 8 * blocks } else { 0 })?;
        let codes_length = 8 * blocks * u64::from(self.bits);
        let further_docids = after(codes, codes_length)?;
        let further_codes = after(further_docids, further)?;
        let dictionary = after(further_codes, further)?;
        let end = after(dictionary, if keywords { 8 * (self.strings + 1) } else { 0 })?;
        let parts =
            Parts { presence, codes, codes_length, further_docids, further_codes, dictionary, end };
        match end.checked_sub(self.start) {
            Some(least) if least <= self.length => Ok(parts),
            _ => Err(("a section that holds its parts", self.length)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back() {
        let entry = Entry {
            kind: ColumnKind::Time,
            bits: 32,
            present: 1,
            start: 2,
            length: 3,
            further: 4,
            strings: 5,
            least: -6,
            unit: u128::MAX - 7,
        };
        assert_eq!(Entry::from_bytes(&entry.to_bytes()), Some(entry));
    }

    #[test]
    fn codes_have_the_least_bits() {
        let largest = [0, 1, 2, 255, 256, 65_535, 65_536, 1 << 32, u64::MAX.into(), 1 << 64];
        let bits = largest.map(bits_for);
        assert_eq!(bits, [0, 1, 8, 8, 16, 16, 32, 64, 64, 128]);
    }
}
