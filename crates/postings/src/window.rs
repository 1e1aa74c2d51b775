//! A window of posting lists as its bytes: its terms, and the place of each list.

use spork_core::{DocId, Impact, TermId};

use crate::codec::Codec;
use crate::layout::WINDOW;
use crate::shapes::{Form, PostingList, encode};
use crate::term_map::{MAP_LINE, TermMap};

/// Lists start at multiples of this.
pub(crate) const LIST_ALIGNMENT: usize = 4;

/// Bytes that can't be a window's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where, in bytes from the start of the payload that the window is part of.
    pub offset: u64,
    /// The expected content.
    pub expected: String,
    /// The content found.
    pub got: String,
}

/// Where a window lies in the payload that holds all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowEntry {
    /// Byte at which its lists start.
    pub start: u64,
    /// Byte at which its term map starts, which the directory follows.
    pub map: u64,
    /// Number of lists.
    pub lists: u32,
    /// Lines of the term map.
    pub map_lines: u32,
}

impl WindowEntry {
    /// Bytes of an entry.
    pub const BYTES: usize = 24;

    /// Reads an entry.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let [a, b, c] = [0, 1, 2].map(|i| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[8 * i..][..8]);
            u64::from_le_bytes(word)
        });
        Self { start: a, map: b, lists: c as u32, map_lines: (c >> 32) as u32 }
    }

    /// Writes an entry.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.map.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.lists.to_le_bytes());
        bytes[20..].copy_from_slice(&self.map_lines.to_le_bytes());
        bytes
    }
}

/// The postings of up to [`WINDOW`] consecutive documents.
#[derive(Clone, Copy, Debug)]
pub struct Window<'f> {
    payload: &'f [u8],
    codec: Codec,
    first: DocId,
    documents: usize,
    start: usize,
    lists: &'f [u8],
    terms: TermMap<'f>,
    directory: &'f [[u8; 8]],
}

/// The entry of a list in a window's directory.
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
    /// Window `number` of a collection of `documents` documents, which `entry` says where to find
    /// in `payload`.
    ///
    /// # Errors
    /// The entry names bytes that are not there. The offset is then that of the bytes that it
    /// names.
    pub fn new(
        payload: &'f [u8],
        entry: WindowEntry,
        codec: Codec,
        number: usize,
        documents: usize,
    ) -> Result<Self, Damage> {
        let WindowEntry { start, map, lists, map_lines } = entry;
        let map_bytes = MAP_LINE as u64 * u64::from(map_lines);
        let terms = slice(payload, map, map_bytes)?;
        let directory = slice(payload, map.saturating_add(map_bytes), 8 * u64::from(lists))?;
        let length = map.checked_sub(start).ok_or_else(|| Damage {
            offset: start,
            expected: "a window's start before its term map".to_owned(),
            got: format!("a term map at {map}"),
        })?;
        Ok(Self {
            payload,
            codec,
            first: DocId((number * WINDOW) as u32),
            documents: documents.saturating_sub(number * WINDOW).min(WINDOW),
            start: start as usize,
            lists: slice(payload, start, length)?,
            terms: TermMap::new(terms.as_chunks().0),
            directory: directory.as_chunks().0,
        })
    }

    /// The docid of the window's first document.
    pub fn first_docid(&self) -> DocId {
        self.first
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

    /// The directory's entries, ascending by term.
    pub fn summaries(&self) -> impl Iterator<Item = ListSummary> + use<'f> {
        let window = *self;
        self.terms.iter().enumerate().map_while(move |(i, term)| window.summary(term, i))
    }

    /// The directory's entry at `place`, which is that of `term`; `None` if there is none.
    #[inline]
    pub(crate) fn summary(&self, term: TermId, place: usize) -> Option<ListSummary> {
        let [a, b, c, d, e, f, g, h] = *self.directory.get(place)?;
        Some(ListSummary {
            term,
            postings: usize::from(u16::from_le_bytes([e, f])) + 1,
            max_impact: Impact::from_le_bytes([g, h]),
            start: u32::from_le_bytes([a, b, c, d]) as usize * LIST_ALIGNMENT,
        })
    }

    /// The directory's entry of `term`; `None` if no document of the window has it.
    pub fn find(&self, term: TermId) -> Option<ListSummary> {
        self.summary(term, self.place(term)?)
    }

    /// The postings of a list, as docids' lower 16 bits and impacts, ascending by docid. Of a
    /// damaged list, those that can be reached.
    ///
    /// # Errors
    /// The directory names bytes that are not there.
    pub fn postings(
        &self,
        list: ListSummary,
    ) -> Result<Box<dyn Iterator<Item = (u16, Impact)> + 'f>, Damage> {
        Ok(self.list(list)?.iter())
    }

    /// The impact of a document in a list, by the lower 16 bits of its docid; `None` if it has no
    /// posting.
    ///
    /// # Errors
    /// The directory names bytes that are not there.
    pub fn impact(&self, list: ListSummary, docid: u16) -> Result<Option<Impact>, Damage> {
        Ok(self.list(list)?.get(docid))
    }

    /// The bytes of a list up to the next, `next`, or to the end of the window's.
    pub fn list_bytes(&self, list: ListSummary, next: Option<ListSummary>) -> &'f [u8] {
        let end = next.map_or(self.lists.len(), |next| next.start);
        self.lists.get(list.start..end).unwrap_or_default()
    }

    /// Appends the bytes that a list would be written as if it had these postings.
    pub fn encode_as(
        &self,
        data: &mut Vec<u8>,
        list: ListSummary,
        docids: &[u16],
        impacts: &[Impact],
    ) {
        encode(data, self.form(list), docids, impacts);
    }

    /// The bytes that [`Self::place`] reads for `term`.
    #[inline]
    pub(crate) fn map_line(&self, term: TermId) -> &'f [u8] {
        self.terms.line(term)
    }

    /// The number of the list of `term` among the window's; `None` if no document has it.
    #[inline]
    pub(crate) fn place(&self, term: TermId) -> Option<usize> {
        self.terms.find(term)
    }

    /// The bytes that [`Self::summary`] reads for the list at `place`.
    #[inline]
    pub(crate) fn directory_entry(&self, place: usize) -> &'f [u8] {
        self.directory.get(place).map_or(&[], <[u8; 8]>::as_slice)
    }

    /// The properties that decide how a list is written.
    fn form(&self, list: ListSummary) -> Form {
        Form {
            codec: self.codec,
            documents: self.documents,
            postings: list.postings,
            max_impact: list.max_impact,
        }
    }

    /// The bytes that [`Self::list`] itself reads of a list, so that they can be prefetched.
    #[inline]
    pub(crate) fn read_at_once(&self, summary: ListSummary) -> &'f [u8] {
        let list = self.payload.get(self.start + summary.start..);
        list.and_then(|bytes| bytes.get(self.form(summary).read_at_once())).unwrap_or_default()
    }

    /// A view on a list.
    pub(crate) fn list(&self, summary: ListSummary) -> Result<PostingList<'f>, Damage> {
        let start = self.start + summary.start;
        let bytes = self.payload.get(start..).filter(|_| summary.start < self.lists.len());
        bytes.and_then(|bytes| PostingList::new(bytes, self.form(summary))).ok_or_else(|| Damage {
            offset: start as u64,
            expected: format!("a list of {} postings of term {}", summary.postings, summary.term.0),
            got: "the end of the window".to_owned(),
        })
    }
}

/// `length` bytes of the payload from `offset`.
fn slice(payload: &[u8], offset: u64, length: u64) -> Result<&[u8], Damage> {
    let range = usize::try_from(offset)
        .ok()
        .zip(offset.checked_add(length).and_then(|end| usize::try_from(end).ok()))
        .and_then(|(start, end)| payload.get(start..end));
    range.ok_or_else(|| Damage {
        offset,
        expected: format!("{length} bytes of payload from {offset}"),
        got: format!("a payload of {} bytes", payload.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_the_format_says() {
        let entry = WindowEntry { start: 1, map: 2 << 40, lists: 3, map_lines: u32::MAX };
        let bytes = entry.to_bytes();
        assert_eq!(bytes[..9], [1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[16..], [3, 0, 0, 0, 255, 255, 255, 255]);
        assert_eq!(WindowEntry::from_bytes(&bytes), entry);
    }

    #[test]
    fn entries_that_name_other_bytes_are_refused() {
        let payload = [0; 200];
        let entry = WindowEntry { start: 0, map: 64, lists: 1, map_lines: 1 };
        let open = |entry| Window::new(&payload, entry, Codec::Fast, 0, 10).map(|_| ());
        assert_eq!(open(entry), Ok(()));
        for wrong in [
            WindowEntry { start: 65, ..entry },
            WindowEntry { map: 150, ..entry },
            WindowEntry { map: u64::MAX, ..entry },
            WindowEntry { lists: 20, ..entry },
            WindowEntry { map_lines: u32::MAX, ..entry },
        ] {
            assert!(open(wrong).is_err(), "{wrong:?}");
        }
    }
}
