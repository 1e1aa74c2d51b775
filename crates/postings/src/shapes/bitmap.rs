//! Lists of high density: a bit a document, and impacts of a byte, so that a block is read in one
//! step.
//!
//! The bits of a block are its documents in the order 0, 16, 32, 48, 1, 17, 33, 49, …: once impacts
//! are spread over as many bytes, every fourth byte from the first, second, third or fourth on
//! belongs to one quarter of the block, 16 consecutive documents, which is what vector instructions
//! turn bytes into.

use std::ops::Range;

use spork_core::Impact;

use super::bounds::{self, Bounds};
use crate::layout::{BLOCK, GROUP, GROUP_BLOCKS};

/// Bytes that can be read from the start of a group: as many as its bits and impacts can take, and
/// a vector of impacts.
pub(crate) const GROUP_BYTES: usize = GROUP_BLOCKS * 8 + GROUP_BLOCKS * BLOCK + BLOCK;

/// A list whose blocks are bit patterns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BitmapList<'f> {
    /// Bounds on the impacts; 0 tells that a block has none.
    pub(crate) bounds: Bounds<'f>,
    offsets: &'f [[u8; 4]],
    /// The groups, and what follows them in the file.
    groups: &'f [u8],
}

/// Up to 16 blocks of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'f> {
    /// The bits of each block that has postings, 8 bytes each, then the impacts of all; and
    /// whatever follows.
    pub(crate) bytes: &'f [u8; GROUP_BYTES],
    /// A bit for each block that has postings.
    pub(crate) occupied: u16,
}

/// The document of bit `bit`, within its block.
pub(crate) const fn document_of_bit(bit: usize) -> usize {
    bit % 4 * (BLOCK / 4) + bit / 4
}

/// The bit that document `document` of a block has.
pub(crate) const fn bit_of_document(document: usize) -> usize {
    document % (BLOCK / 4) * 4 + document / (BLOCK / 4)
}

/// Number of the byte at which a group's impacts start.
pub(crate) const fn group_impacts(occupied: u16) -> usize {
    8 * occupied.count_ones() as usize
}

/// Appends the bytes of a list whose impacts are at most 255.
pub(crate) fn encode(data: &mut Vec<u8>, documents: usize, docids: &[u16], impacts: &[Impact]) {
    bounds::encode(data, documents, docids, impacts, 0);
    let offsets = data.len();
    data.resize(offsets + 4 * documents.div_ceil(GROUP), 0);
    let first = data.len();
    let (mut at, mut group_impacts) = (0, Vec::new());
    for group in 0..documents.div_ceil(GROUP) {
        let offset = (data.len() - first) as u32;
        data[offsets + 4 * group..][..4].copy_from_slice(&offset.to_le_bytes());
        let end = at
            + docids[at..].iter().take_while(|&&docid| usize::from(docid) / GROUP == group).count();
        group_impacts.clear();
        while at < end {
            let block = usize::from(docids[at]) / BLOCK;
            let (mut bits, mut spread) = (0u64, [0; BLOCK]);
            while at < end && usize::from(docids[at]) / BLOCK == block {
                let bit = bit_of_document(usize::from(docids[at]) % BLOCK);
                bits |= 1 << bit;
                spread[bit] = impacts[at] as u8;
                at += 1;
            }
            data.extend(bits.to_le_bytes());
            group_impacts
                .extend((0..BLOCK).filter(|bit| bits >> bit & 1 == 1).map(|bit| spread[bit]));
        }
        data.extend_from_slice(&group_impacts);
    }
}

impl<'f> BitmapList<'f> {
    /// A view on a list of a window of `documents` documents and on what follows it; `None` if it
    /// is too short.
    pub(crate) fn new(bytes: &'f [u8], documents: usize) -> Option<Self> {
        let (bounds, rest) = Bounds::split(bytes, documents, 0)?;
        let (offsets, groups) = rest.split_at_checked(4 * documents.div_ceil(GROUP))?;
        Some(Self { bounds, offsets: offsets.as_chunks().0, groups })
    }

    /// Number of groups of the window.
    pub(crate) fn groups(&self) -> usize {
        self.offsets.len()
    }

    /// Blocks `16·group` to `16·group + 15`; `None` if there is no such group or its offset is
    /// damaged.
    #[inline]
    pub(crate) fn group(&self, group: usize) -> Option<Group<'f>> {
        let offset = u32::from_le_bytes(*self.offsets.get(group)?) as usize;
        let bytes = self.groups.get(offset..)?.first_chunk()?;
        let bounds = padded(self.bounds.bytes.get(group * GROUP_BLOCKS..)?);
        Some(Group { bytes, occupied: occupied(&bounds) })
    }

    /// The bytes that are read before those of consecutive groups: their bounds and their offsets.
    pub(crate) fn head(&self, groups: Range<usize>) -> [&'f [u8]; 2] {
        let blocks =
            groups.start * GROUP_BLOCKS..self.bounds.bytes.len().min(groups.end * GROUP_BLOCKS);
        [
            self.bounds.bytes.get(blocks).unwrap_or_default(),
            self.offsets.get(groups).unwrap_or_default().as_flattened(),
        ]
    }

    /// The bytes of consecutive groups; nothing if their offsets are damaged.
    pub(crate) fn body(&self, groups: Range<usize>) -> &'f [u8] {
        let offset = |group: usize| Some(u32::from_le_bytes(*self.offsets.get(group)?) as usize);
        let Some(start) = offset(groups.start) else { return &[] };
        let end = offset(groups.end).unwrap_or(start + GROUP_BYTES);
        self.groups.get(start..end.min(start + groups.len() * GROUP_BYTES)).unwrap_or_default()
    }

    /// The postings in the order of their documents.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        let blocks = (0..self.groups()).flat_map(move |number| {
            let group = self.group(number);
            group
                .into_iter()
                .flat_map(Group::blocks)
                .map(move |(block, impacts)| (number * GROUP_BLOCKS + block, impacts))
        });
        blocks.flat_map(|(block, impacts)| {
            let postings =
                impacts.into_iter().enumerate().filter_map(|(i, impact)| Some((i, impact?)));
            postings.map(move |(i, impact)| ((block * BLOCK + i) as u16, Impact::from(impact)))
        })
    }

    /// The impact of a document; `None` if it has no posting.
    pub(crate) fn get(&self, docid: u16) -> Option<Impact> {
        let docid = usize::from(docid);
        let wanted = docid / BLOCK % GROUP_BLOCKS;
        let (_, impacts) =
            self.group(docid / GROUP)?.blocks().find(|&(block, _)| block == wanted)?;
        impacts[docid % BLOCK].map(Impact::from)
    }
}

/// The bounds of a group from those of it and the groups after it: the last group may have fewer
/// blocks.
#[inline]
pub(crate) fn padded(bounds: &[u8]) -> [u8; GROUP_BLOCKS] {
    bounds.first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0; GROUP_BLOCKS];
        padded[..bounds.len()].copy_from_slice(bounds);
        padded
    })
}

/// A bit for each bound above zero.
#[inline]
pub(crate) fn occupied(bounds: &[u8; GROUP_BLOCKS]) -> u16 {
    let half = |bytes: &[u8; 8]| {
        const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
        let word = u64::from_le_bytes(*bytes);
        // The top bit of each byte that is not zero; then these bits, pushed together into the top
        // byte.
        let high = (((word & LOW) + LOW) | word) & !LOW;
        ((high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u16
    };
    let (halves, _) = bounds.as_chunks();
    half(&halves[0]) | half(&halves[1]) << 8
}

impl<'f> Group<'f> {
    /// Each block that has postings: its number within the group, and the impact of each document
    /// that has one.
    fn blocks(self) -> impl Iterator<Item = (usize, [Option<u8>; BLOCK])> + use<'f> {
        let blocks = (0..GROUP_BLOCKS).filter(move |block| self.occupied >> block & 1 == 1);
        let masks = self.bytes.as_chunks::<8>().0.iter().map(|bits| u64::from_le_bytes(*bits));
        let mut impacts = self.bytes[group_impacts(self.occupied)..].iter();
        blocks.zip(masks).map(move |(block, bits)| {
            let mut found = [None; BLOCK];
            for bit in (0..BLOCK).filter(|bit| bits >> bit & 1 == 1) {
                found[document_of_bit(bit)] = impacts.next().copied();
            }
            (block, found)
        })
    }
}
