//! The lexicon: term ↔ term id, and what is known of each posting list as a whole.
//!
//! ```text
//! 0     6·n     per term: df u32, largest impact u16
//! …             zeros up to a multiple of 8
//! …             string table of the terms, field after field, ascending by bytes in each
//! ```

use std::ops::Range;
use std::path::Path;

use spork_core::{Impact, TermId};

use crate::Result;
use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::strings::{StringArena, StringTable, read_u16, read_u32, search, write_strings};

const ENTRY: u64 = 6;

/// The statistics of a term, known without reading its posting list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TermStatistics {
    /// Number of postings.
    pub df: u32,
    /// The largest impact among them.
    pub max_impact: Impact,
}

/// A view on `lexicon.bin`.
#[derive(Debug)]
pub struct Lexicon {
    pub(crate) frame: Frame,
    terms: u32,
    strings: StringTable,
}

impl Lexicon {
    pub(crate) fn open(folder: &Path, terms: u32) -> Result<Self> {
        let frame = Frame::open(folder, Kind::Lexicon)?;
        let offset = (ENTRY * u64::from(terms)).next_multiple_of(8);
        let strings = StringTable::open(&frame, offset, terms)?;
        Ok(Self { frame, terms, strings })
    }

    /// Number of terms.
    pub fn len(&self) -> u32 {
        self.terms
    }

    /// Whether there is no term.
    pub fn is_empty(&self) -> bool {
        self.terms == 0
    }

    /// The id of a term among those of a field, given by [`Counts::term_ids`]; `None` if no
    /// document has it.
    ///
    /// # Errors
    /// Damage met on the way.
    ///
    /// [`Counts::term_ids`]: crate::Counts::term_ids
    pub fn find(&self, ids: Range<u32>, term: &str) -> Result<Option<TermId>> {
        let found = search(ids, |i| Ok(self.strings.get(&self.frame, i)?.cmp(term)))?;
        Ok(found.map(TermId))
    }

    /// The term of an id.
    ///
    /// # Errors
    /// The id is not below [`len`](Self::len), or the file is damaged.
    pub fn term(&self, id: TermId) -> Result<&str> {
        self.strings.get(&self.frame, id.0)
    }

    /// df and largest impact of a term.
    ///
    /// # Errors
    /// The id is not below [`len`](Self::len), or the file is damaged.
    pub fn statistics(&self, id: TermId) -> Result<TermStatistics> {
        if id.0 >= self.terms {
            return Err(self.frame.corrupt(0, format!("a term id below {}", self.terms), id.0));
        }
        let entry = self.frame.slice(ENTRY * u64::from(id.0), ENTRY)?;
        Ok(TermStatistics { df: read_u32(entry, 0), max_impact: read_u16(entry, 4) })
    }
}

/// The terms of a field as they were met.
#[derive(Clone, Copy, Debug)]
pub struct FieldTerms<'a> {
    /// The terms, in the order in which they were met.
    pub strings: &'a StringArena,
    /// Their places in `strings`, ascending by their bytes.
    pub order: &'a [u32],
}

impl<'a> FieldTerms<'a> {
    fn ascending(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let strings = self.strings;
        self.order.iter().map(|&place| strings.get(place as usize))
    }
}

/// Writes the terms of each field, with the statistics of each term id.
pub(crate) fn write(
    folder: &Path,
    fields: &[FieldTerms<'_>],
    statistics: &[TermStatistics],
) -> Result<FileSummary> {
    let mut file = FrameWriter::create(folder, Kind::Lexicon)?;
    for entry in statistics {
        file.write(&entry.df.to_le_bytes())?;
        file.write(&entry.max_impact.to_le_bytes())?;
    }
    file.align(8)?;
    write_strings(&mut file, fields.iter().flat_map(FieldTerms::ascending))?;
    file.finish()
}
