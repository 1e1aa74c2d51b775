//! The living documents of a segment: all but the deleted ones, and what the deleted ones take away
//! from the statistics of terms.
//!
//! ```text
//! 0      8·b    by block of 64 documents a u64: bit d is 1 while document d of the block lives
//! 8·b    8·n    ascending by term: term id u32, how many of its postings are deleted u32
//! ```

use std::path::PathBuf;

use spork_core::{DocId, TermId};
use spork_postings::{BLOCK, Selection};

use crate::Result;
use crate::counts::Counts;
use crate::file_summary::FileSummary;
use crate::frame::{Frame, FrameWriter, Kind};
use crate::manifest::LivingEntry;
use crate::strings::{read_u32, search};

const ENTRY: u64 = 8;

/// The living documents of a segment, where some are deleted.
#[derive(Debug)]
pub(crate) struct Living {
    pub(crate) frame: Frame,
    /// Blocks of the segment.
    blocks: u64,
    /// Terms with deleted postings.
    terms: u32,
    pub(crate) counts: Counts,
}

impl Living {
    /// Opens the file of a segment that has the counts `all`.
    pub(crate) fn open(path: PathBuf, entry: &LivingEntry, all: &Counts) -> Result<Self> {
        let frame = Frame::open_at(path, Kind::Living)?;
        frame.check_is(entry.file)?;
        if entry.counts.fields.len() != all.fields.len() || entry.counts.documents > all.documents {
            let got = format!("{:?}", entry.counts);
            return Err(frame.corrupt(0, format!("counts of a part of {all:?}"), got));
        }
        let blocks = u64::from(all.documents).div_ceil(BLOCK as u64);
        let length = frame.payload().len() as u64;
        let entries = length.checked_sub(8 * blocks).filter(|rest| rest % ENTRY == 0);
        let terms = entries.and_then(|rest| u32::try_from(rest / ENTRY).ok()).ok_or_else(|| {
            frame.corrupt(0, format!("{blocks} words and entries of 8 bytes"), length)
        })?;
        Ok(Self { frame, blocks, terms, counts: entry.counts.clone() })
    }

    /// A bit a document.
    pub(crate) fn selection(&self) -> Result<Selection<'_>> {
        Ok(Selection::living(self.frame.slice(0, 8 * self.blocks)?.as_chunks().0))
    }

    /// How many postings of a term are of deleted documents.
    pub(crate) fn deleted_postings(&self, term: TermId) -> Result<u32> {
        let found = search(0..self.terms, |i| Ok(self.entry(i)?.0.cmp(&term.0)))?;
        found.map_or(Ok(0), |place| Ok(self.entry(place)?.1))
    }

    /// All terms with deleted postings, and how many.
    pub(crate) fn all_deleted_postings(&self) -> impl Iterator<Item = Result<(u32, u32)>> {
        (0..self.terms).map(|place| self.entry(place))
    }

    fn entry(&self, place: u32) -> Result<(u32, u32)> {
        let entry = self.frame.slice(8 * self.blocks + ENTRY * u64::from(place), ENTRY)?;
        Ok((read_u32(entry, 0), read_u32(entry, 4)))
    }
}

/// The documents of a segment that will live, and what the others take away.
#[derive(Clone, Debug)]
pub struct Survivors {
    /// A word a block.
    pub(crate) words: Vec<u64>,
    /// Postings of deleted documents by term id.
    pub(crate) deleted_postings: Vec<u32>,
    pub(crate) counts: Counts,
}

impl Survivors {
    /// Whether a document of the segment is one of them.
    pub fn has(&self, docid: DocId) -> bool {
        let document = docid.0 as usize;
        let word = self.words.get(document / BLOCK);
        word.is_some_and(|word| word >> (document % BLOCK) & 1 == 1)
    }

    /// How many postings of a term are of documents that do not survive.
    pub fn deleted_postings(&self, term: TermId) -> u32 {
        self.deleted_postings.get(term.0 as usize).copied().unwrap_or(0)
    }

    /// What survives, in numbers.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Writes the file that says which documents live since a generation.
    pub(crate) fn write(&self, path: PathBuf, since: u64) -> Result<LivingEntry> {
        let mut file = FrameWriter::create_at(path, Kind::Living)?;
        for word in &self.words {
            file.write(&word.to_le_bytes())?;
        }
        for (term, &postings) in self.deleted_postings.iter().enumerate() {
            if postings > 0 {
                file.write(&(term as u32).to_le_bytes())?;
                file.write(&postings.to_le_bytes())?;
            }
        }
        let file: FileSummary = file.finish()?;
        Ok(LivingEntry { since, file, counts: self.counts.clone() })
    }
}

/// The words of a segment all of whose documents live.
pub(crate) fn all_living(documents: u32) -> Vec<u64> {
    let documents = documents as usize;
    let word = |block: usize| match documents - block * BLOCK {
        rest if rest < BLOCK => (1 << rest) - 1,
        _ => u64::MAX,
    };
    (0..documents.div_ceil(BLOCK)).map(word).collect()
}
