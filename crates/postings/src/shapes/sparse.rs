//! Lists of few postings: docids and impacts, nothing else.

use spork_core::Impact;

use crate::layout::BYTE_IMPACT;

/// A list without bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SparseList<'f> {
    /// Lower 16 bits of the docids, little-endian.
    pub(crate) docids: &'f [[u8; 2]],
    /// One impact a docid.
    pub(crate) impacts: Impacts<'f>,
}

/// The impacts of a list, in the width that its largest needs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Impacts<'f> {
    /// All at most 255.
    Bytes(&'f [u8]),
    /// Little-endian 16-bit numbers.
    Words(&'f [[u8; 2]]),
}

/// Whether the impacts of a list take two bytes each.
pub(crate) fn is_wide(max_impact: Impact) -> bool {
    max_impact > BYTE_IMPACT
}

pub(crate) fn encode(data: &mut Vec<u8>, docids: &[u16], impacts: &[Impact], wide: bool) {
    data.extend(docids.iter().flat_map(|docid| docid.to_le_bytes()));
    encode_impacts(data, impacts, wide);
}

pub(crate) fn encode_impacts(data: &mut Vec<u8>, impacts: &[Impact], wide: bool) {
    if wide {
        data.extend(impacts.iter().flat_map(|impact| impact.to_le_bytes()));
    } else {
        data.extend(impacts.iter().map(|&impact| impact as u8));
    }
}

impl<'f> SparseList<'f> {
    /// A view on a list; `None` if it is too short.
    pub(crate) fn new(bytes: &'f [u8], postings: usize, wide: bool) -> Option<Self> {
        let (docids, rest) = bytes.split_at_checked(2 * postings)?;
        let impacts = if wide {
            Impacts::Words(rest.get(..2 * postings)?.as_chunks().0)
        } else {
            Impacts::Bytes(rest.get(..postings)?)
        };
        Some(Self { docids: docids.as_chunks().0, impacts })
    }

    /// Posting `i`, which must be there: lower 16 bits of the docid, and impact.
    pub(crate) fn posting(&self, i: usize) -> (u16, Impact) {
        (u16::from_le_bytes(self.docids[i]), self.impacts.get(i))
    }

    /// The impact of a document; `None` if it has no posting.
    pub(crate) fn get(&self, docid: u16) -> Option<Impact> {
        let at =
            self.docids.binary_search_by_key(&docid, |docid| u16::from_le_bytes(*docid)).ok()?;
        Some(self.impacts.get(at))
    }

    /// The postings of documents from `first` on.
    pub(crate) fn from(&self, first: usize) -> Self {
        let before = |docid: &[u8; 2]| usize::from(u16::from_le_bytes(*docid)) < first;
        self.split_at(self.docids.partition_point(before)).1
    }

    /// The first `postings`, which must be there, and the others.
    pub(crate) fn split_at(&self, postings: usize) -> (Self, Self) {
        let docids = self.docids.split_at(postings);
        let impacts = match self.impacts {
            Impacts::Bytes(bytes) => {
                let (first, others) = bytes.split_at(postings);
                (Impacts::Bytes(first), Impacts::Bytes(others))
            }
            Impacts::Words(words) => {
                let (first, others) = words.split_at(postings);
                (Impacts::Words(first), Impacts::Words(others))
            }
        };
        let part = |docids, impacts| Self { docids, impacts };
        (part(docids.0, impacts.0), part(docids.1, impacts.1))
    }

    /// Docids and impacts as they are in the file.
    pub(crate) fn parts(&self) -> [&'f [u8]; 2] {
        match self.impacts {
            Impacts::Bytes(bytes) => [self.docids.as_flattened(), bytes],
            Impacts::Words(words) => [self.docids.as_flattened(), words.as_flattened()],
        }
    }

    /// Bytes that the postings take.
    pub(crate) fn bytes(&self) -> usize {
        match self.impacts {
            Impacts::Bytes(_) => self.docids.len() * 3,
            Impacts::Words(_) => self.docids.len() * 4,
        }
    }
}

impl Impacts<'_> {
    /// The impact of posting `i`, which must be there.
    pub(crate) fn get(&self, i: usize) -> Impact {
        match self {
            Self::Bytes(bytes) => Impact::from(bytes[i]),
            Self::Words(words) => Impact::from_le_bytes(words[i]),
        }
    }
}
