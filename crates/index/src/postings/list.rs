//! The three shapes of a posting list, and which one a list takes.

use spork_core::Impact;

use super::sparse::is_wide;
use super::{BitmapList, PairsList, SparseList, bitmap, pairs, sparse};

/// With fewer than a posting for that many documents a list is sparse.
const SPARSE: usize = 128;
/// From a posting for that many documents on it is a bitmap.
const DENSE: usize = 16;

/// The postings of one term in one window, ascending by docid: views on the mapped bytes, nothing copied.
#[derive(Clone, Copy, Debug)]
pub enum PostingList<'f> {
    /// Few postings.
    Sparse(SparseList<'f>),
    /// More of them, or impacts too large for a bitmap.
    Pairs(PairsList<'f>),
    /// Many postings.
    Bitmap(BitmapList<'f>),
}

enum Shape {
    Sparse,
    Pairs,
    Bitmap,
}

/// The shape of a list of `postings` postings in a window of `documents` documents.
fn shape(postings: usize, documents: usize, max_impact: Impact) -> Shape {
    if postings * SPARSE < documents {
        Shape::Sparse
    } else if postings * DENSE < documents || is_wide(max_impact) {
        Shape::Pairs
    } else {
        Shape::Bitmap
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
    let wide = is_wide(max_impact);
    match shape(docids.len(), documents, max_impact) {
        Shape::Sparse => sparse::encode(data, docids, impacts, wide),
        Shape::Pairs => pairs::encode(data, documents, docids, impacts, max_impact, wide),
        Shape::Bitmap => bitmap::encode(data, documents, docids, impacts),
    }
}

impl<'f> PostingList<'f> {
    /// A view on a list that `bytes` starts with; `None` if it is not all there.
    pub(super) fn new(
        bytes: &'f [u8],
        postings: usize,
        documents: usize,
        max_impact: Impact,
    ) -> Option<Self> {
        let wide = is_wide(max_impact);
        Some(match shape(postings, documents, max_impact) {
            Shape::Sparse => Self::Sparse(SparseList::new(bytes, postings, wide)?),
            Shape::Pairs => Self::Pairs(PairsList::new(bytes, postings, documents, max_impact, wide)?),
            Shape::Bitmap => Self::Bitmap(BitmapList::new(bytes, documents)?),
        })
    }

    /// The postings as (lower 16 bits of the docid, impact). Of a damaged list, those that can be reached.
    pub fn iter(&self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        let (mut sparse, mut pairs, mut bitmap) = (None, None, None);
        match *self {
            Self::Sparse(list) => sparse = Some((0..list.docids.len()).map(move |i| list.posting(i))),
            Self::Pairs(list) => pairs = Some(list.iter()),
            Self::Bitmap(list) => bitmap = Some(list.iter()),
        }
        sparse.into_iter().flatten().chain(pairs.into_iter().flatten()).chain(bitmap.into_iter().flatten())
    }

    /// The impact of a document, by the lower 16 bits of its docid; `None` if it has no posting.
    pub fn get(&self, docid: u16) -> Option<Impact> {
        match self {
            Self::Sparse(list) => list.get(docid),
            Self::Pairs(list) => list.get(docid),
            Self::Bitmap(list) => list.get(docid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BLOCK, GROUP_BYTES};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A list's bytes, and the zeros that a file ends with.
    fn encoded(documents: usize, docids: &[u16], impacts: &[Impact], max_impact: Impact) -> Vec<u8> {
        let mut data = Vec::new();
        encode(&mut data, documents, docids, impacts, max_impact);
        data.resize(data.len() + GROUP_BYTES, 0);
        data
    }

    proptest! {
        #[test]
        fn lists_come_back_and_bounds_hold(
            documents in 1usize..3000,
            postings in prop::collection::btree_map(0u16..3000, prop_oneof![1u16..256, 1u16..300, 1u16..=u16::MAX], 1..600),
        ) {
            let postings: BTreeMap<u16, Impact> =
                postings.into_iter().map(|(docid, impact)| (docid % documents as u16, impact)).collect();
            let (docids, impacts): (Vec<u16>, Vec<Impact>) = postings.iter().unzip();
            let max_impact = impacts.iter().copied().max().unwrap();
            let data = encoded(documents, &docids, &impacts, max_impact);
            let list = PostingList::new(&data, docids.len(), documents, max_impact).unwrap();
            prop_assert_eq!(list.iter().collect::<Vec<_>>(), postings.iter().map(|(&d, &i)| (d, i)).collect::<Vec<_>>());
            for docid in 0..documents as u16 {
                prop_assert_eq!(list.get(docid), postings.get(&docid).copied());
            }
            let bounds = match list {
                PostingList::Sparse(_) => return Ok(()),
                PostingList::Pairs(list) => list.bounds,
                PostingList::Bitmap(list) => list.bounds,
            };
            prop_assert_eq!(bounds.bytes.len(), documents.div_ceil(BLOCK));
            for (block, &bound) in bounds.bytes.iter().enumerate() {
                let range = (block * BLOCK) as u16..((block + 1) * BLOCK) as u16;
                let most = postings.range(range).map(|(_, &impact)| u32::from(impact)).max().unwrap_or(0);
                let stated = u32::from(bound) << bounds.shift;
                prop_assert!(stated >= most && stated < most + (1 << bounds.shift), "{stated} for {most}");
            }
        }
    }

    #[test]
    fn lists_of_every_document() {
        let docids: Vec<u16> = (0..=u16::MAX).collect();
        for impact in [7, 700] {
            let impacts = vec![impact; docids.len()];
            let data = encoded(docids.len(), &docids, &impacts, impact);
            let list = PostingList::new(&data, docids.len(), docids.len(), impact).unwrap();
            assert!(list.iter().eq(docids.iter().map(|&docid| (docid, impact))));
            assert_eq!(list.get(u16::MAX), Some(impact));
        }
    }

    #[test]
    fn damaged_lists_end_early() {
        for step in [1, 40] {
            let (docids, impacts): (Vec<u16>, Vec<Impact>) =
                (0..6000).step_by(step).map(|docid| (docid, 9)).unzip();
            let mut data = encoded(6000, &docids, &impacts, 9);
            data[6000usize.div_ceil(BLOCK) + 4..][..4].fill(255);
            let list = PostingList::new(&data, docids.len(), 6000, 9).unwrap();
            assert!((0..6000).filter(|&docid| list.get(docid).is_some()).count() < docids.len());
            assert!(PostingList::new(&data[..90], docids.len(), 6000, 9).is_none());
        }
    }
}
