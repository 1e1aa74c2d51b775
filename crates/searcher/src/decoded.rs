//! Chunked lists of a query, decoded to the form of sparse lists: once, when they are found.

use spork_index::{Chunk, ChunksList, Impacts, SparseList};

/// Decoded postings, eight to an element.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    docids: Vec<[u8; 16]>,
    impacts: Vec<[u8; 8]>,
}

/// Where a decoded list stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its first chunk.
    start: usize,
    postings: usize,
}

/// A list without bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SparseOrDecoded<'i> {
    Sparse(SparseList<'i>),
    Decoded(Place),
}

impl Decoded {
    pub(crate) fn clear(&mut self) {
        self.docids.clear();
        self.impacts.clear();
    }

    /// Decodes a list; of a damaged one, as far as it goes.
    pub(crate) fn decode(&mut self, list: ChunksList<'_>) -> Place {
        let start = self.docids.len();
        for Chunk { docids, impacts } in list.chunks() {
            self.docids.push(docids);
            self.impacts.push(impacts);
        }
        Place { start, postings: list.len().min((self.docids.len() - start) * 8) }
    }

    /// A list that was decoded here, and not cleared since.
    pub(crate) fn list(&self, place: Place) -> SparseList<'_> {
        SparseList {
            docids: &self.docids[place.start..].as_flattened().as_chunks().0[..place.postings],
            impacts: Impacts::Bytes(&self.impacts[place.start..].as_flattened()[..place.postings]),
        }
    }
}
