//! The shapes of a posting list, and which one a list takes.

use std::ops::Range;

use spork_core::Impact;

pub(crate) mod bitmap;
pub(crate) mod bounds;
pub(crate) mod chunks;
pub(crate) mod masks;
pub(crate) mod packing;
pub(crate) mod pairs;
pub(crate) mod sparse;

use self::bitmap::BitmapList;
use self::chunks::ChunksList;
use self::masks::MasksList;
use self::pairs::PairsList;
use self::sparse::{SparseList, is_wide};
use crate::codec::Codec;

/// With fewer than a posting for that many documents a list is sparse.
const SPARSE: usize = 128;
/// From a posting for that many documents on it is a bitmap.
const DENSE: usize = 16;
/// From a posting for that many documents on a compact list consists of masks.
const COMPACT_DENSE: usize = 64;

/// The postings of one term in one window, ascending by docid: views on the mapped bytes, nothing
/// copied.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PostingList<'f> {
    /// Few postings.
    Sparse(SparseList<'f>),
    /// More of them, or impacts too large for a bitmap.
    Pairs(PairsList<'f>),
    /// Many postings.
    Bitmap(BitmapList<'f>),
    /// Few postings, compact.
    Chunks(ChunksList<'f>),
    /// Many postings, compact.
    Masks(MasksList<'f>),
}

/// The properties that decide how a list is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) codec: Codec,
    /// Documents of the window.
    pub(crate) documents: usize,
    pub(crate) postings: usize,
    pub(crate) max_impact: Impact,
}

enum Shape {
    Sparse,
    Pairs,
    Bitmap,
    Chunks,
    Masks,
}

impl Form {
    /// Whether impacts take two bytes: such lists are written alike by both codecs.
    fn wide(self) -> bool {
        is_wide(self.max_impact)
    }

    fn shape(self) -> Shape {
        let fewer_than_one_in = |documents| self.postings * documents < self.documents;
        match self.codec {
            Codec::Compact if !self.wide() && fewer_than_one_in(COMPACT_DENSE) => Shape::Chunks,
            Codec::Compact if !self.wide() => Shape::Masks,
            _ if fewer_than_one_in(SPARSE) => Shape::Sparse,
            _ if fewer_than_one_in(DENSE) || self.wide() => Shape::Pairs,
            _ => Shape::Bitmap,
        }
    }

    /// The bytes of a list that a view on it reads at once, not only when postings are wanted.
    pub(crate) fn read_at_once(self) -> Range<usize> {
        match self.shape() {
            Shape::Pairs => pairs::read_at_once(self.documents),
            Shape::Sparse | Shape::Bitmap | Shape::Chunks | Shape::Masks => 0..0,
        }
    }
}

/// Appends the bytes of a list: lower halves of docids, ascending, and impacts.
pub(crate) fn encode(data: &mut Vec<u8>, form: Form, docids: &[u16], impacts: &[Impact]) {
    let (documents, wide) = (form.documents, form.wide());
    match form.shape() {
        Shape::Sparse => sparse::encode(data, docids, impacts, wide),
        Shape::Pairs => pairs::encode(data, documents, docids, impacts, form.max_impact, wide),
        Shape::Bitmap => bitmap::encode(data, documents, docids, impacts),
        Shape::Chunks => chunks::encode(data, docids, impacts),
        Shape::Masks => masks::encode(data, documents, docids, impacts),
    }
}

impl<'f> PostingList<'f> {
    /// A view on a list that `bytes` starts with; `None` if it is not all there.
    pub(crate) fn new(bytes: &'f [u8], form: Form) -> Option<Self> {
        let Form { documents, postings, max_impact, .. } = form;
        let wide = form.wide();
        Some(match form.shape() {
            Shape::Sparse => Self::Sparse(SparseList::new(bytes, postings, wide)?),
            Shape::Pairs => {
                Self::Pairs(PairsList::new(bytes, postings, documents, max_impact, wide)?)
            }
            Shape::Bitmap => Self::Bitmap(BitmapList::new(bytes, documents)?),
            Shape::Chunks => Self::Chunks(ChunksList::new(bytes, postings)?),
            Shape::Masks => Self::Masks(MasksList::new(bytes, documents)?),
        })
    }

    /// The postings as (lower 16 bits of the docid, impact). Of a damaged list, those that can be
    /// reached.
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = (u16, Impact)> + 'f> {
        match *self {
            Self::Sparse(list) => Box::new((0..list.docids.len()).map(move |i| list.posting(i))),
            Self::Pairs(list) => Box::new(list.iter()),
            Self::Bitmap(list) => Box::new(list.iter()),
            Self::Chunks(list) => Box::new(list.iter()),
            Self::Masks(list) => Box::new(list.iter()),
        }
    }

    /// The impact of a document, by the lower 16 bits of its docid; `None` if it has no posting.
    pub(crate) fn get(&self, docid: u16) -> Option<Impact> {
        match self {
            Self::Sparse(list) => list.get(docid),
            Self::Pairs(list) => list.get(docid),
            Self::Bitmap(list) => list.get(docid),
            Self::Chunks(list) => list.get(docid),
            Self::Masks(list) => list.get(docid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::masks::PACKED_GROUP_BYTES;
    use super::*;
    use crate::layout::BLOCK;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A list's bytes, and the zeros that a file ends with.
    fn encoded(form: Form, docids: &[u16], impacts: &[Impact]) -> Vec<u8> {
        let mut data = Vec::new();
        encode(&mut data, form, docids, impacts);
        data.resize(data.len() + PACKED_GROUP_BYTES, 0);
        data
    }

    fn form(codec: Codec, documents: usize, impacts: &[Impact]) -> Form {
        Form {
            codec,
            documents,
            postings: impacts.len(),
            max_impact: impacts.iter().copied().max().unwrap(),
        }
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
            for codec in Codec::ALL {
                let form = form(codec, documents, &impacts);
                let data = encoded(form, &docids, &impacts);
                let list = PostingList::new(&data, form).unwrap();
                prop_assert_eq!(list.iter().collect::<Vec<_>>(), postings.iter().map(|(&d, &i)| (d, i)).collect::<Vec<_>>());
                for docid in 0..documents as u16 {
                    prop_assert_eq!(list.get(docid), postings.get(&docid).copied());
                }
                let bounds = match list {
                    PostingList::Sparse(_) | PostingList::Chunks(_) => continue,
                    PostingList::Pairs(list) => list.bounds,
                    PostingList::Bitmap(list) => list.bounds,
                    PostingList::Masks(list) => list.bounds,
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
    }

    #[test]
    fn lists_of_every_document() {
        let docids: Vec<u16> = (0..=u16::MAX).collect();
        for (codec, impact) in
            [(Codec::Fast, 7), (Codec::Fast, 700), (Codec::Compact, 1), (Codec::Compact, 255)]
        {
            let impacts = vec![impact; docids.len()];
            let form = form(codec, docids.len(), &impacts);
            let data = encoded(form, &docids, &impacts);
            let list = PostingList::new(&data, form).unwrap();
            assert!(list.iter().eq(docids.iter().map(|&docid| (docid, impact))));
            assert_eq!(list.get(u16::MAX), Some(impact));
        }
    }

    /// Gaps of all widths, up to the window's last document.
    #[test]
    fn gaps_of_every_width() {
        for last in 0..=16 {
            let docids = [0, ((1u32 << last) - 1) as u16, u16::MAX];
            let docids = if docids[0] == docids[1] || docids[1] == docids[2] {
                &docids[1..]
            } else {
                &docids
            };
            let impacts: Vec<Impact> = docids.iter().map(|docid| 1 + docid % 255).collect();
            let form = form(Codec::Compact, 1 << 16, &impacts);
            let data = encoded(form, docids, &impacts);
            let list = PostingList::new(&data, form).unwrap();
            assert!(list.iter().eq(docids.iter().copied().zip(impacts)));
        }
    }

    #[test]
    fn damaged_lists_end_early() {
        for (codec, step, damage) in [
            (Codec::Fast, 1, 6000usize.div_ceil(BLOCK) + 4),
            (Codec::Fast, 40, 6000usize.div_ceil(BLOCK) + 4),
            (Codec::Compact, 1, 6000usize.div_ceil(BLOCK) + 2),
        ] {
            let (docids, impacts): (Vec<u16>, Vec<Impact>) =
                (0..6000).step_by(step).map(|docid| (docid, 9)).unzip();
            let form = form(codec, 6000, &impacts);
            let mut data = encoded(form, &docids, &impacts);
            data[damage..][..4].fill(255);
            let list = PostingList::new(&data, form).unwrap();
            assert!((0..6000).filter(|&docid| list.get(docid).is_some()).count() < docids.len());
            assert!(PostingList::new(&data[..90], form).is_none());
        }
    }

    #[test]
    fn chunks_that_are_cut_off_end_early() {
        let docids: Vec<u16> = (0..80).map(|i| i * 100).collect();
        let impacts = vec![200; docids.len()];
        let form = form(Codec::Compact, 8000, &impacts);
        let data = encoded(form, &docids, &impacts);
        let list = PostingList::new(&data[..100], form).unwrap();
        let there: Vec<u16> = list.iter().map(|(docid, _)| docid).collect();
        assert!(!there.is_empty() && there.len() < docids.len() && docids.starts_with(&there));
        assert!(PostingList::new(&data[..9], form).is_none());
    }
}
