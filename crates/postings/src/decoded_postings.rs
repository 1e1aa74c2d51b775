//! Chunked lists of a query, decoded to the form of sparse lists: once, when they are found.

use crate::shapes::chunks::{Chunk, ChunksList};
use crate::shapes::sparse::{Impacts, SparseList};

/// Decoded postings, eight to an element.
#[derive(Debug, Default)]
pub(crate) struct DecodedPostings {
    docids: Vec<[u8; 16]>,
    impacts: Vec<[u8; 8]>,
}

/// The place of a decoded list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecodedList {
    /// Its first chunk.
    start: usize,
    postings: usize,
}

/// A list without bounds: as it is in the index, or decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum UnboundedList<'i> {
    Sparse(SparseList<'i>),
    Decoded(DecodedList),
}

impl DecodedPostings {
    pub(crate) fn clear(&mut self) {
        self.docids.clear();
        self.impacts.clear();
    }

    /// Decodes a list; of a damaged one, as far as it goes.
    pub(crate) fn decode(&mut self, list: ChunksList<'_>) -> DecodedList {
        let start = self.docids.len();
        for Chunk { docids, impacts } in list.chunks() {
            self.docids.push(docids);
            self.impacts.push(impacts);
        }
        DecodedList { start, postings: list.len().min((self.docids.len() - start) * 8) }
    }

    /// A list that was decoded here, and not cleared since.
    pub(crate) fn list(&self, decoded: DecodedList) -> SparseList<'_> {
        SparseList {
            docids: &self.docids[decoded.start..].as_flattened().as_chunks().0[..decoded.postings],
            impacts: Impacts::Bytes(
                &self.impacts[decoded.start..].as_flattened()[..decoded.postings],
            ),
        }
    }
}
