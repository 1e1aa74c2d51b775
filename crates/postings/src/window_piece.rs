//! Encoding the posting lists of a window.

use spork_core::{Impact, TermId};

use crate::codec::Codec;
use crate::shapes::bitmap::GROUP_BYTES;
use crate::shapes::masks::PACKED_GROUP_BYTES;
use crate::shapes::{Form, encode};
use crate::term_map;
use crate::window::{LIST_ALIGNMENT, WindowEntry};

/// Encoded posting lists of one window, ascending by term. A window is written as one piece, or,
/// where memory is short, as several pieces of ascending terms.
#[derive(Debug)]
pub struct WindowPiece {
    codec: Codec,
    /// Documents of the window.
    documents: usize,
    data: Vec<u8>,
    lists: Vec<ListEntry>,
}

#[derive(Clone, Copy, Debug)]
struct ListEntry {
    term: TermId,
    /// Bytes from the start of the piece.
    start: usize,
    postings: usize,
    max_impact: Impact,
}

/// A window's lists are beyond what its directory can number: no more than this many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowTooLarge(pub u64);

impl WindowPiece {
    /// An empty piece of a window of `documents` documents, in the codec of its index.
    pub fn new(codec: Codec, documents: usize) -> Self {
        Self { codec, documents, data: Vec::new(), lists: Vec::new() }
    }

    /// Appends the list of `term`: lower halves of docids, ascending, and their impacts. A list
    /// without postings is not stored.
    ///
    /// # Panics
    /// If the slices differ in length or name documents that the window has not, or terms do not
    /// ascend: the caller's bug.
    pub fn push(&mut self, term: TermId, docids: &[u16], impacts: &[Impact]) {
        assert!(docids.len() == impacts.len(), "one impact a docid");
        assert!(
            docids.last().is_none_or(|&last| usize::from(last) < self.documents),
            "documents of the window"
        );
        assert!(self.lists.last().is_none_or(|last| last.term < term), "terms must ascend");
        let Some(&max_impact) = impacts.iter().max() else { return };
        let start = self.data.len();
        let (codec, documents, postings) = (self.codec, self.documents, docids.len());
        encode(&mut self.data, Form { codec, documents, postings, max_impact }, docids, impacts);
        self.data.resize(self.data.len().next_multiple_of(LIST_ALIGNMENT), 0);
        self.lists.push(ListEntry { term, start, postings, max_impact });
    }

    /// Makes room for lists of `bytes` bytes in all.
    pub fn reserve(&mut self, bytes: usize) {
        self.data.reserve_exact(bytes);
    }

    /// Term, number of postings and largest impact of each list.
    pub fn lists(&self) -> impl Iterator<Item = (TermId, usize, Impact)> + '_ {
        self.lists.iter().map(|list| (list.term, list.postings, list.max_impact))
    }

    /// The bytes of all lists.
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }
}

/// The bytes that follow a window's lists: the term map and the directory.
#[derive(Debug, Default)]
pub struct WindowDirectory {
    terms: Vec<TermId>,
    entries: Vec<u8>,
    /// Bytes of the pieces so far.
    length: u64,
}

impl WindowDirectory {
    /// Enters the lists of the next piece.
    ///
    /// # Errors
    /// The pieces are longer together than a directory can say.
    pub fn add(&mut self, piece: &WindowPiece) -> Result<(), WindowTooLarge> {
        for list in &piece.lists {
            let units = (self.length + list.start as u64) / LIST_ALIGNMENT as u64;
            let limit = u64::from(u32::MAX) * LIST_ALIGNMENT as u64;
            let units = u32::try_from(units).map_err(|_| WindowTooLarge(limit))?;
            self.terms.push(list.term);
            self.entries.extend(units.to_le_bytes());
            self.entries.extend(((list.postings - 1) as u16).to_le_bytes());
            self.entries.extend(list.max_impact.to_le_bytes());
        }
        self.length += piece.data.len() as u64;
        Ok(())
    }

    /// The bytes to write after the pieces, which start at `start` of the payload, and where the
    /// window lies then.
    pub fn finish(self, start: u64) -> (Vec<u8>, WindowEntry) {
        let mut bytes = term_map::encode(&self.terms);
        let map_lines = (bytes.len() / term_map::MAP_LINE) as u32;
        let lists = self.terms.len() as u32;
        bytes.extend(self.entries);
        (bytes, WindowEntry { start, map: start + self.length, lists, map_lines })
    }
}

/// Zeros to write after the last window, so that as many bytes as a group can take may be read from
/// wherever one starts.
pub fn padding(codec: Codec) -> &'static [u8] {
    const ZEROS: [u8; PACKED_GROUP_BYTES] = [0; PACKED_GROUP_BYTES];
    match codec {
        Codec::Fast => &ZEROS[..GROUP_BYTES],
        Codec::Compact => &ZEROS,
    }
}
