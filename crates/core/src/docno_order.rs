//! The order of documents with equal scores.

use crate::DocId;

/// A document's position in the ascending byte order of an index's docnos. Of documents with equal
/// scores the one with the larger position ranks higher: docno descending, as trec_eval sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocnoRank(pub u32);

/// The [`DocnoRank`] of each document, as an index holds them: little-endian numbers by docid.
#[derive(Clone, Copy, Debug, Default)]
pub struct DocnoOrder<'a>(pub &'a [[u8; 4]]);

impl DocnoOrder<'_> {
    /// The rank of a document; `None` if there is no such document.
    #[inline]
    pub fn rank(self, docid: DocId) -> Option<DocnoRank> {
        self.0.get(docid.0 as usize).map(|&bytes| DocnoRank(u32::from_le_bytes(bytes)))
    }
}
