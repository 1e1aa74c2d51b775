//! Reading windows of posting lists: views on the mapped bytes, nothing copied.

use std::path::Path;

use spork_core::{DocId, Impact, TermId};

use super::{BYTE_IMPACT, LIST_ALIGNMENT, TABLE_ENTRY};
use crate::frame::{Frame, Kind};
use crate::strings::{read_u32, read_u64};
use crate::{Result, WINDOW};

/// A view on `postings.bin`.
#[derive(Debug)]
pub struct Postings {
    pub(crate) frame: Frame,
    windows: usize,
    /// Offset of the window table.
    table: u64,
}

impl Postings {
    pub(crate) fn open(folder: &Path, windows: usize) -> Result<Self> {
        let frame = Frame::open(folder, Kind::Postings)?;
        let length = frame.payload().len() as u64;
        let size = TABLE_ENTRY * windows as u64;
        let table = length.checked_sub(size).ok_or_else(|| {
            frame.corrupt(0, format!("a table of {windows} windows"), format!("{length} bytes"))
        })?;
        Ok(Self { frame, windows, table })
    }

    /// Number of windows.
    pub fn windows(&self) -> usize {
        self.windows
    }

    /// Window `number`, from 0.
    ///
    /// # Errors
    /// There is no such window, or its table entry is damaged.
    pub fn window(&self, number: usize) -> Result<Window<'_>> {
        let at = self.table + TABLE_ENTRY * number as u64;
        let entry = self.frame.slice(at, TABLE_ENTRY)?;
        let (start, terms, lists) = (read_u64(entry, 0), read_u64(entry, 8), u64::from(read_u32(entry, 16)));
        let length =
            terms.checked_sub(start).ok_or_else(|| self.frame.corrupt(at, "start before terms", start))?;
        Ok(Window {
            frame: &self.frame,
            number,
            start,
            lists: self.frame.slice(start, length)?,
            terms: self.frame.slice(terms, 4 * lists)?.as_chunks().0,
            directory: self.frame.slice(terms + 4 * lists, 8 * lists)?.as_chunks().0,
        })
    }
}

/// The postings of up to [`WINDOW`] consecutive documents.
#[derive(Clone, Copy, Debug)]
pub struct Window<'f> {
    frame: &'f Frame,
    number: usize,
    start: u64,
    lists: &'f [u8],
    terms: &'f [[u8; 4]],
    directory: &'f [[u8; 8]],
}

/// What a window's directory says of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSummary {
    /// Whose list it is.
    pub term: TermId,
    /// Number of postings in this window, at least 1.
    pub postings: usize,
    /// The largest impact among them.
    pub max_impact: Impact,
    /// Bytes from the window's start.
    start: usize,
}

impl<'f> Window<'f> {
    /// The docid of the window's first document.
    pub fn first_docid(&self) -> DocId {
        DocId((self.number * WINDOW) as u32)
    }

    /// Number of lists.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether no document here has a term.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// What the directory says of list `i`, in the order of terms.
    pub fn summary(&self, i: usize) -> Option<ListSummary> {
        let (term, entry) = (self.terms.get(i)?, self.directory.get(i)?);
        let [a, b, c, d, e, f, g, h] = *entry;
        Some(ListSummary {
            term: TermId(u32::from_le_bytes(*term)),
            postings: usize::from(u16::from_le_bytes([e, f])) + 1,
            max_impact: Impact::from_le_bytes([g, h]),
            start: u32::from_le_bytes([a, b, c, d]) as usize * LIST_ALIGNMENT,
        })
    }

    /// What the directory says of the list of `term`; `None` if no document of the window has it.
    pub fn find(&self, term: TermId) -> Option<ListSummary> {
        let at = self.terms.binary_search_by_key(&term.0, |bytes| u32::from_le_bytes(*bytes)).ok()?;
        self.summary(at)
    }

    /// The postings of a list.
    ///
    /// # Errors
    /// The directory names bytes that are not there.
    pub fn list(&self, summary: ListSummary) -> Result<PostingList<'f>> {
        let n = summary.postings;
        let width = if summary.max_impact <= BYTE_IMPACT { 1 } else { 2 };
        let end = summary.start + n * (2 + width);
        let bytes = self.lists.get(summary.start..end).ok_or_else(|| {
            let expected = format!("a list of {n} postings of term {}", summary.term.0);
            self.frame.corrupt(self.start + summary.start as u64, expected, "the end of the window")
        })?;
        let (docids, impacts) = bytes.split_at(2 * n);
        let impacts =
            if width == 1 { Impacts::Bytes(impacts) } else { Impacts::Words(impacts.as_chunks().0) };
        Ok(PostingList { docids: docids.as_chunks().0, impacts })
    }
}

/// The impacts of a list, in the width that its largest needs.
#[derive(Clone, Copy, Debug)]
pub enum Impacts<'f> {
    /// All at most 255.
    Bytes(&'f [u8]),
    /// Little-endian 16-bit numbers.
    Words(&'f [[u8; 2]]),
}

impl Impacts<'_> {
    /// The impact of posting `i`, which must be there.
    pub fn get(&self, i: usize) -> Impact {
        match self {
            Self::Bytes(bytes) => Impact::from(bytes[i]),
            Self::Words(words) => Impact::from_le_bytes(words[i]),
        }
    }
}

/// The postings of one term in one window, ascending by docid.
#[derive(Clone, Copy, Debug)]
pub struct PostingList<'f> {
    /// Lower halves of the docids, little-endian.
    pub docids: &'f [[u8; 2]],
    /// One impact a docid.
    pub impacts: Impacts<'f>,
}

impl PostingList<'_> {
    /// The postings as (lower half of the docid, impact).
    pub fn iter(&self) -> impl Iterator<Item = (u16, Impact)> + '_ {
        self.docids.iter().enumerate().map(|(i, docid)| (u16::from_le_bytes(*docid), self.impacts.get(i)))
    }

    /// Bytes that the postings take.
    pub fn bytes(&self) -> usize {
        let width = match self.impacts {
            Impacts::Bytes(_) => 1,
            Impacts::Words(_) => 2,
        };
        self.docids.len() * (2 + width)
    }
}
