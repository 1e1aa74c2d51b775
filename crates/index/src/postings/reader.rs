//! Reading windows of posting lists: views on the mapped bytes, nothing copied.

use std::path::Path;

use spork_core::{DocId, Impact, TermId};

use super::terms::{GROUP_BYTES, TermMap};
use super::{Codec, Form, PostingList};
use super::{LIST_ALIGNMENT, TABLE_ENTRY};
use crate::frame::{Frame, Kind};
use crate::strings::{read_u32, read_u64};
use crate::{Result, WINDOW};

/// A view on `postings.bin`.
#[derive(Debug)]
pub struct Postings {
    pub(crate) frame: Frame,
    codec: Codec,
    documents: usize,
    /// Offset of the window table.
    table: u64,
}

impl Postings {
    pub(crate) fn open(folder: &Path, documents: u32) -> Result<Self> {
        let documents = documents as usize;
        let windows = documents.div_ceil(WINDOW);
        let (frame, kind) = Frame::open_any(folder, Codec::ALL.map(Kind::Postings))?;
        let codec = if kind == Kind::Postings(Codec::Compact) { Codec::Compact } else { Codec::Fast };
        let length = frame.payload().len() as u64;
        let size = TABLE_ENTRY * windows as u64;
        let table = length.checked_sub(size).ok_or_else(|| {
            frame.corrupt(0, format!("a table of {windows} windows"), format!("{length} bytes"))
        })?;
        Ok(Self { frame, codec, documents, table })
    }

    /// How lists are written.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Number of windows.
    pub fn windows(&self) -> usize {
        self.documents.div_ceil(WINDOW)
    }

    /// Window `number`, from 0.
    ///
    /// # Errors
    /// There is no such window, or its table entry is damaged.
    pub fn window(&self, number: usize) -> Result<Window<'_>> {
        let at = self.table + TABLE_ENTRY * number as u64;
        let entry = self.frame.slice(at, TABLE_ENTRY)?;
        let (start, map) = (read_u64(entry, 0), read_u64(entry, 8));
        let (lists, groups) = (u64::from(read_u32(entry, 16)), u64::from(read_u32(entry, 20)));
        let length =
            map.checked_sub(start).ok_or_else(|| self.frame.corrupt(at, "start before term map", start))?;
        let map_length = GROUP_BYTES as u64 * groups;
        Ok(Window {
            frame: &self.frame,
            codec: self.codec,
            number,
            documents: self.documents.saturating_sub(number * WINDOW).min(WINDOW),
            start,
            lists: self.frame.slice(start, length)?,
            terms: TermMap::new(self.frame.slice(map, map_length)?.as_chunks().0),
            directory: self.frame.slice(map.saturating_add(map_length), 8 * lists)?.as_chunks().0,
        })
    }
}

/// The postings of up to [`WINDOW`] consecutive documents.
#[derive(Clone, Copy, Debug)]
pub struct Window<'f> {
    frame: &'f Frame,
    codec: Codec,
    number: usize,
    documents: usize,
    start: u64,
    lists: &'f [u8],
    terms: TermMap<'f>,
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

    /// Number of documents.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Number of lists.
    pub fn len(&self) -> usize {
        self.directory.len()
    }

    /// Whether no document here has a term.
    pub fn is_empty(&self) -> bool {
        self.directory.is_empty()
    }

    /// What the directory says of each list, ascending by term.
    pub fn summaries(&self) -> impl Iterator<Item = ListSummary> + use<'f> {
        let window = *self;
        self.terms.iter().enumerate().map_while(move |(i, term)| window.summary(term, i))
    }

    /// What the directory says of the list at `place`, which is that of `term`; `None` if there is none.
    #[inline]
    pub fn summary(&self, term: TermId, place: usize) -> Option<ListSummary> {
        let [a, b, c, d, e, f, g, h] = *self.directory.get(place)?;
        Some(ListSummary {
            term,
            postings: usize::from(u16::from_le_bytes([e, f])) + 1,
            max_impact: Impact::from_le_bytes([g, h]),
            start: u32::from_le_bytes([a, b, c, d]) as usize * LIST_ALIGNMENT,
        })
    }

    /// What the directory says of the list of `term`; `None` if no document of the window has it.
    pub fn find(&self, term: TermId) -> Option<ListSummary> {
        self.summary(term, self.place(term)?)
    }

    /// The bytes that [`Self::place`] reads for `term`.
    #[inline]
    pub fn map_line(&self, term: TermId) -> &'f [u8] {
        self.terms.line(term)
    }

    /// The number of the list of `term` among the window's; `None` if no document has it.
    #[inline]
    pub fn place(&self, term: TermId) -> Option<usize> {
        self.terms.find(term)
    }

    /// The bytes that [`Self::summary`] reads for the list at `place`.
    #[inline]
    pub fn entry(&self, place: usize) -> &'f [u8] {
        self.directory.get(place).map_or(&[], <[u8; 8]>::as_slice)
    }

    /// What decides how a list is written.
    pub(crate) fn form(&self, list: ListSummary) -> Form {
        Form {
            codec: self.codec,
            documents: self.documents,
            postings: list.postings,
            max_impact: list.max_impact,
        }
    }

    /// The bytes that [`Self::list`] reads of a list, so that they can be asked for ahead.
    #[inline]
    pub fn checked(&self, summary: ListSummary) -> &'f [u8] {
        let list = self.frame.payload().get(self.start as usize + summary.start..);
        list.and_then(|bytes| bytes.get(self.form(summary).checked())).unwrap_or_default()
    }

    /// The postings of a list.
    ///
    /// # Errors
    /// The directory names bytes that are not there.
    pub fn list(&self, summary: ListSummary) -> Result<PostingList<'f>> {
        let start = self.start as usize + summary.start;
        let bytes = self.frame.payload().get(start..).filter(|_| summary.start < self.lists.len());
        bytes.and_then(|bytes| PostingList::new(bytes, self.form(summary))).ok_or_else(|| {
            let expected = format!("a list of {} postings of term {}", summary.postings, summary.term.0);
            self.frame.corrupt(self.start + summary.start as u64, expected, "the end of the window")
        })
    }

    /// The bytes of a list up to the next, `next`, or to the end of the window's.
    pub(crate) fn bytes(&self, summary: ListSummary, next: Option<ListSummary>) -> &'f [u8] {
        let end = next.map_or(self.lists.len(), |next| next.start);
        self.lists.get(summary.start..end).unwrap_or_default()
    }
}
