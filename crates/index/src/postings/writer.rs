//! Writing windows of posting lists.

use std::path::Path;

use spork_core::{Impact, TermId};

use super::{Codec, Form, GROUP_BYTES, LIST_ALIGNMENT, PACKED_GROUP_BYTES, encode, terms};
use crate::frame::{FrameWriter, Kind};
use crate::manifest::FileSummary;
use crate::{Error, Result, WINDOW};

/// Encoded posting lists of one window, ascending by term. A window is written as one piece, or, where memory
/// is short, as several pieces of ascending terms.
#[derive(Debug)]
pub struct WindowPiece {
    codec: Codec,
    /// Documents of the window.
    documents: usize,
    data: Vec<u8>,
    terms: Vec<TermId>,
    lists: Vec<ListEntry>,
}

#[derive(Clone, Copy, Debug)]
struct ListEntry {
    /// Bytes from the start of the piece.
    start: usize,
    postings: usize,
    max_impact: Impact,
}

impl WindowPiece {
    /// An empty piece of a window of `documents` documents, in the codec of its index.
    pub fn new(codec: Codec, documents: usize) -> Self {
        Self { codec, documents, data: Vec::new(), terms: Vec::new(), lists: Vec::new() }
    }

    /// Appends the list of `term`: lower halves of docids, ascending, and their impacts. A list without
    /// postings is not stored.
    ///
    /// # Panics
    /// If the slices differ in length or name documents that the window has not, or terms do not ascend: the
    /// caller's bug.
    pub fn push(&mut self, term: TermId, docids: &[u16], impacts: &[Impact]) {
        assert!(docids.len() == impacts.len(), "one impact a docid");
        assert!(
            docids.last().is_none_or(|&last| usize::from(last) < self.documents),
            "documents of the window"
        );
        assert!(self.terms.last().is_none_or(|&last| last < term), "terms must ascend");
        let Some(&max_impact) = impacts.iter().max() else { return };
        let start = self.data.len();
        let (codec, documents, postings) = (self.codec, self.documents, docids.len());
        encode(&mut self.data, Form { codec, documents, postings, max_impact }, docids, impacts);
        self.data.resize(self.data.len().next_multiple_of(LIST_ALIGNMENT), 0);
        self.terms.push(term);
        self.lists.push(ListEntry { start, postings: docids.len(), max_impact });
    }

    /// Makes room for lists of `bytes` bytes in all.
    pub fn reserve(&mut self, bytes: usize) {
        self.data.reserve_exact(bytes);
    }

    /// Term, number of postings and largest impact of each list.
    pub fn lists(&self) -> impl Iterator<Item = (TermId, usize, Impact)> + '_ {
        self.terms.iter().zip(&self.lists).map(|(&term, list)| (term, list.postings, list.max_impact))
    }
}

/// Where a written window lies.
struct WindowEntry {
    start: u64,
    map: u64,
    lists: u32,
    groups: u32,
}

/// Writes `postings.bin`.
pub(crate) struct PostingsWriter {
    codec: Codec,
    file: FrameWriter,
    table: Vec<WindowEntry>,
}

impl PostingsWriter {
    pub(crate) fn create(folder: &Path, codec: Codec) -> Result<Self> {
        Ok(Self { codec, file: FrameWriter::create(folder, Kind::Postings(codec))?, table: Vec::new() })
    }

    /// Writes one window from its pieces, each asked for when the one before is on disk.
    pub(crate) fn window<E: From<Error>>(
        &mut self,
        pieces: impl IntoIterator<Item = std::result::Result<WindowPiece, E>>,
    ) -> std::result::Result<(), E> {
        let start = self.file.length();
        let mut terms: Vec<TermId> = Vec::new();
        let mut directory: Vec<u8> = Vec::new();
        for piece in pieces {
            let piece = piece?;
            let base = self.file.length() - start;
            self.file.write(&piece.data)?;
            for (term, list) in piece.terms.iter().zip(&piece.lists) {
                let units = (base + list.start as u64) / LIST_ALIGNMENT as u64;
                let units = u32::try_from(units).map_err(|_| Error::TooLarge {
                    what: format!("posting lists of documents {}…", self.table.len() * WINDOW),
                    limit: u64::from(u32::MAX) * LIST_ALIGNMENT as u64,
                })?;
                terms.push(*term);
                directory.extend(units.to_le_bytes());
                directory.extend(((list.postings - 1) as u16).to_le_bytes());
                directory.extend(list.max_impact.to_le_bytes());
            }
        }
        let map = terms::encode(&terms);
        let (lists, groups) = (terms.len() as u32, (map.len() / terms::GROUP_BYTES) as u32);
        self.table.push(WindowEntry { start, map: self.file.length(), lists, groups });
        self.file.write(&map)?;
        self.file.write(&directory)?;
        self.file.align(8)?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<FileSummary> {
        match self.codec {
            Codec::Fast => self.file.write(&[0; GROUP_BYTES])?,
            Codec::Compact => self.file.write(&[0; PACKED_GROUP_BYTES])?,
        }
        for window in &self.table {
            self.file.write(&window.start.to_le_bytes())?;
            self.file.write(&window.map.to_le_bytes())?;
            self.file.write(&window.lists.to_le_bytes())?;
            self.file.write(&window.groups.to_le_bytes())?;
        }
        self.file.finish()
    }
}
