//! The two shapes of a posting list, and how they are encoded.

use spork_core::Impact;

use super::{BLOCK, BYTE_IMPACT, DENSITY, UNIT};

/// The postings of one term in one window, ascending by docid: views on the mapped bytes, nothing copied.
#[derive(Clone, Copy, Debug)]
pub enum PostingList<'f> {
    /// Few postings: docids alone.
    Sparse(SparseList<'f>),
    /// Many postings: bounds and starts besides.
    Dense(DenseList<'f>),
}

/// A list without bounds.
#[derive(Clone, Copy, Debug)]
pub struct SparseList<'f> {
    /// Lower 16 bits of the docids, little-endian.
    pub docids: &'f [[u8; 2]],
    /// One impact a docid.
    pub impacts: Impacts<'f>,
}

/// The impacts of a list, in the width that its largest needs.
#[derive(Clone, Copy, Debug)]
pub enum Impacts<'f> {
    /// All at most 255.
    Bytes(&'f [u8]),
    /// Little-endian 16-bit numbers.
    Words(&'f [[u8; 2]]),
}

/// A list with bounds.
#[derive(Clone, Copy, Debug)]
pub struct DenseList<'f> {
    /// For each [`BLOCK`] of documents, an upper bound of its impacts once shifted left by `shift`; 0 only if it has none.
    pub bounds: &'f [u8],
    /// What bounds were shifted by: 0 where impacts are bytes.
    pub shift: u32,
    starts: &'f [[u8; 2]],
    postings: Segment<'f>,
}

/// Postings of one [`UNIT`] of documents.
#[derive(Clone, Copy, Debug)]
pub enum Segment<'f> {
    /// Lower 8 bits of the docid, and the impact.
    Bytes(&'f [[u8; 2]]),
    /// Lower 8 bits of the docids, and as many 16-bit impacts.
    Words(&'f [u8], &'f [[u8; 2]]),
}

/// Whether a list of `postings` postings in a window of `documents` documents is dense.
fn is_dense(postings: usize, documents: usize) -> bool {
    postings * DENSITY >= documents
}

fn width(max_impact: Impact) -> usize {
    if max_impact <= BYTE_IMPACT { 1 } else { 2 }
}

/// The least shift with which `max_impact`, rounded up, fits a byte.
fn shift_of(max_impact: Impact) -> u32 {
    (0..9).find(|&shift| bound_of(max_impact, shift) <= u32::from(BYTE_IMPACT)).unwrap_or(9)
}

fn bound_of(impact: Impact, shift: u32) -> u32 {
    (u32::from(impact) + (1 << shift) - 1) >> shift
}

/// Bytes of a list without its padding.
pub(super) fn length(postings: usize, documents: usize, max_impact: Impact) -> usize {
    if is_dense(postings, documents) {
        documents.div_ceil(BLOCK) + 2 * documents.div_ceil(UNIT) + postings * (1 + width(max_impact))
    } else {
        postings * (2 + width(max_impact))
    }
}

/// Appends the bytes of a list of a window of `documents` documents: lower halves of docids, ascending, and impacts,
/// whose largest is `max_impact`.
pub(crate) fn encode(
    data: &mut Vec<u8>,
    documents: usize,
    docids: &[u16],
    impacts: &[Impact],
    max_impact: Impact,
) {
    let wide = width(max_impact) == 2;
    if !is_dense(docids.len(), documents) {
        data.extend(docids.iter().flat_map(|docid| docid.to_le_bytes()));
        encode_impacts(data, impacts, wide);
        return;
    }
    let (bounds, shift) = (data.len(), shift_of(max_impact));
    data.resize(bounds + documents.div_ceil(BLOCK), 0);
    for (&docid, &impact) in docids.iter().zip(impacts) {
        let bound = &mut data[bounds + usize::from(docid) / BLOCK];
        *bound = (*bound).max(bound_of(impact, shift).min(255) as u8);
    }
    let mut before = 0;
    for unit in 0..documents.div_ceil(UNIT) {
        before += docids[before..].iter().take_while(|&&docid| usize::from(docid) < unit * UNIT).count();
        data.extend((before as u16).to_le_bytes());
    }
    if wide {
        data.extend(docids.iter().map(|&docid| docid as u8));
        encode_impacts(data, impacts, wide);
    } else {
        data.extend(docids.iter().zip(impacts).flat_map(|(&docid, &impact)| [docid as u8, impact as u8]));
    }
}

fn encode_impacts(data: &mut Vec<u8>, impacts: &[Impact], wide: bool) {
    if wide {
        data.extend(impacts.iter().flat_map(|impact| impact.to_le_bytes()));
    } else {
        data.extend(impacts.iter().map(|&impact| impact as u8));
    }
}

impl<'f> PostingList<'f> {
    /// A view on the bytes of a list, whose length is [`length`].
    pub(super) fn new(bytes: &'f [u8], postings: usize, documents: usize, max_impact: Impact) -> Self {
        let wide = width(max_impact) == 2;
        if !is_dense(postings, documents) {
            let (docids, impacts) = bytes.split_at(2 * postings);
            let impacts = if wide { Impacts::Words(impacts.as_chunks().0) } else { Impacts::Bytes(impacts) };
            return Self::Sparse(SparseList { docids: docids.as_chunks().0, impacts });
        }
        let (bounds, rest) = bytes.split_at(documents.div_ceil(BLOCK));
        let (starts, rest) = rest.split_at(2 * documents.div_ceil(UNIT));
        let postings = if wide {
            let (docids, impacts) = rest.split_at(postings);
            Segment::Words(docids, impacts.as_chunks().0)
        } else {
            Segment::Bytes(rest.as_chunks().0)
        };
        Self::Dense(DenseList { bounds, shift: shift_of(max_impact), starts: starts.as_chunks().0, postings })
    }

    /// Number of postings.
    pub fn len(&self) -> usize {
        match self {
            Self::Sparse(list) => list.docids.len(),
            Self::Dense(list) => list.postings.len(),
        }
    }

    /// Whether there is none; no index holds such a list.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the postings take, without bounds and starts.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Sparse(list) => list.bytes(),
            Self::Dense(list) => list.postings.bytes(),
        }
    }

    /// The postings as (lower 16 bits of the docid, impact). Of a damaged dense list, those that its starts reach.
    pub fn iter(&self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        let list = *self;
        let (sparse, dense) = match list {
            Self::Sparse(list) => (Some(list), None),
            Self::Dense(list) => (None, Some(list)),
        };
        let sparse = sparse.into_iter().flat_map(|list| {
            (0..list.docids.len()).map(move |i| (u16::from_le_bytes(list.docids[i]), list.impacts.get(i)))
        });
        let dense = dense.into_iter().flat_map(|list| {
            (0..list.units()).flat_map(move |unit| {
                let segment = list.unit(unit).unwrap_or(Segment::Bytes(&[]));
                let first = (unit * UNIT) as u16;
                (0..segment.len()).map(move |i| {
                    let (docid, impact) = segment.get(i);
                    (first | u16::from(docid), impact)
                })
            })
        });
        sparse.chain(dense)
    }

    /// The impact of a document, by the lower 16 bits of its docid; `None` if it has no posting.
    pub fn get(&self, docid: u16) -> Option<Impact> {
        match self {
            Self::Sparse(list) => {
                let at = list.docids.binary_search_by_key(&docid, |docid| u16::from_le_bytes(*docid)).ok()?;
                Some(list.impacts.get(at))
            }
            Self::Dense(list) => {
                let segment = list.unit(usize::from(docid) / UNIT)?;
                (0..segment.len())
                    .map(|i| segment.get(i))
                    .find(|&(low, _)| low == docid as u8)
                    .map(|found| found.1)
            }
        }
    }
}

impl SparseList<'_> {
    /// Bytes that the postings take.
    pub fn bytes(&self) -> usize {
        match self.impacts {
            Impacts::Bytes(_) => self.docids.len() * 3,
            Impacts::Words(_) => self.docids.len() * 4,
        }
    }
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

impl<'f> DenseList<'f> {
    /// Number of units of the window.
    pub fn units(&self) -> usize {
        self.starts.len()
    }

    /// The postings of a unit; `None` if there is no such unit or the starts are damaged.
    #[inline]
    pub fn unit(&self, unit: usize) -> Option<Segment<'f>> {
        let start = usize::from(u16::from_le_bytes(*self.starts.get(unit)?));
        let end = match self.starts.get(unit + 1) {
            Some(next) => usize::from(u16::from_le_bytes(*next)),
            None => self.postings.len(),
        };
        Some(match self.postings {
            Segment::Bytes(pairs) => Segment::Bytes(pairs.get(start..end)?),
            Segment::Words(docids, impacts) => {
                Segment::Words(docids.get(start..end)?, impacts.get(start..end)?)
            }
        })
    }
}

impl Segment<'_> {
    /// Number of postings.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(pairs) => pairs.len(),
            Self::Words(docids, _) => docids.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the postings take.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Bytes(pairs) => pairs.len() * 2,
            Self::Words(docids, _) => docids.len() * 3,
        }
    }

    /// Posting `i`, which must be there: lower 8 bits of the docid, and impact.
    pub fn get(&self, i: usize) -> (u8, Impact) {
        match self {
            Self::Bytes(pairs) => (pairs[i][0], Impact::from(pairs[i][1])),
            Self::Words(docids, impacts) => (docids[i], Impact::from_le_bytes(impacts[i])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn lists_come_back_and_bounds_hold(
            documents in 1usize..3000,
            postings in prop::collection::btree_map(0u16..3000, prop_oneof![1u16..300, 1u16..=u16::MAX], 1..300),
        ) {
            let postings: BTreeMap<u16, Impact> =
                postings.into_iter().map(|(docid, impact)| (docid % documents as u16, impact)).collect();
            let (docids, impacts): (Vec<u16>, Vec<Impact>) = postings.iter().unzip();
            let max_impact = impacts.iter().copied().max().unwrap();
            let mut data = Vec::new();
            encode(&mut data, documents, &docids, &impacts, max_impact);
            prop_assert_eq!(data.len(), length(docids.len(), documents, max_impact));
            let list = PostingList::new(&data, docids.len(), documents, max_impact);
            prop_assert_eq!(list.iter().collect::<Vec<_>>(), postings.iter().map(|(&d, &i)| (d, i)).collect::<Vec<_>>());
            for docid in 0..documents as u16 {
                prop_assert_eq!(list.get(docid), postings.get(&docid).copied());
            }
            if let PostingList::Dense(list) = list {
                for (block, &bound) in list.bounds.iter().enumerate() {
                    let range = (block * BLOCK) as u16..((block + 1) * BLOCK) as u16;
                    let most = postings.range(range).map(|(_, &impact)| u32::from(impact)).max().unwrap_or(0);
                    let stated = u32::from(bound) << list.shift;
                    prop_assert!(stated >= most && stated < most + (1 << list.shift), "{stated} for {most}");
                }
            }
        }
    }

    #[test]
    fn a_list_of_every_document() {
        let docids: Vec<u16> = (0..=u16::MAX).collect();
        let impacts = vec![7; docids.len()];
        let mut data = Vec::new();
        encode(&mut data, docids.len(), &docids, &impacts, 7);
        let list = PostingList::new(&data, docids.len(), docids.len(), 7);
        assert!(list.iter().eq(docids.iter().map(|&docid| (docid, 7))));
        assert_eq!(list.get(u16::MAX), Some(7));
    }

    #[test]
    fn damaged_starts_end_the_list() {
        let (docids, impacts): (Vec<u16>, Vec<Impact>) = (0..600).map(|docid| (docid, 9)).unzip();
        let mut data = Vec::new();
        encode(&mut data, 600, &docids, &impacts, 9);
        data[600usize.div_ceil(BLOCK) + 2..][..2].copy_from_slice(&u16::MAX.to_le_bytes());
        let list = PostingList::new(&data, 600, 600, 9);
        assert!(list.iter().count() < 600);
        assert_eq!(list.get(300), None);
    }
}
