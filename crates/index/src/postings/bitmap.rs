//! Lists of high density: a bit a document, and impacts of a byte, so that a block is read in one step.

use spork_core::Impact;

use super::{BLOCK, Bounds, bounds};

/// Blocks that are found together.
pub const GROUP_BLOCKS: usize = 16;
/// Bytes that can be read from the start of a group: as many as its bits and impacts can take, and a vector of impacts.
pub const GROUP_BYTES: usize = GROUP_BLOCKS * 8 + GROUP_BLOCKS * BLOCK + BLOCK;
/// Documents of a group.
const GROUP: usize = GROUP_BLOCKS * BLOCK;

/// A list whose blocks are bit patterns.
#[derive(Clone, Copy, Debug)]
pub struct BitmapList<'f> {
    /// Bounds on the impacts; 0 tells that a block has none.
    pub bounds: Bounds<'f>,
    offsets: &'f [[u8; 4]],
    /// The groups, and what follows them in the file.
    groups: &'f [u8],
}

/// Up to 16 blocks of a list.
#[derive(Clone, Copy, Debug)]
pub struct Group<'f> {
    /// The bits of each block that has postings, 8 bytes each, then the impacts of all; and whatever follows.
    pub bytes: &'f [u8; GROUP_BYTES],
    /// A bit for each block that has postings.
    pub occupied: u16,
}

/// Number of the byte at which a group's impacts start.
pub const fn group_impacts(occupied: u16) -> usize {
    8 * occupied.count_ones() as usize
}

/// Appends the bytes of a list whose impacts are at most 255.
pub(super) fn encode(data: &mut Vec<u8>, documents: usize, docids: &[u16], impacts: &[Impact]) {
    bounds::encode(data, documents, docids, impacts, 0);
    let offsets = data.len();
    data.resize(offsets + 4 * documents.div_ceil(GROUP), 0);
    let first = data.len();
    let mut at = 0;
    for group in 0..documents.div_ceil(GROUP) {
        let offset = (data.len() - first) as u32;
        data[offsets + 4 * group..][..4].copy_from_slice(&offset.to_le_bytes());
        let end = at + docids[at..].iter().take_while(|&&docid| usize::from(docid) / GROUP == group).count();
        for block in docids[at..end].chunk_by(|a, b| usize::from(*a) / BLOCK == usize::from(*b) / BLOCK) {
            let bits = block.iter().fold(0u64, |bits, docid| bits | 1 << (docid % BLOCK as u16));
            data.extend(bits.to_le_bytes());
        }
        data.extend(impacts[at..end].iter().map(|&impact| impact as u8));
        at = end;
    }
}

impl<'f> BitmapList<'f> {
    /// A view on a list of a window of `documents` documents and on what follows it; `None` if it is too short.
    pub(super) fn new(bytes: &'f [u8], documents: usize) -> Option<Self> {
        let (bounds, rest) = Bounds::split(bytes, documents, 0)?;
        let (offsets, groups) = rest.split_at_checked(4 * documents.div_ceil(GROUP))?;
        Some(Self { bounds, offsets: offsets.as_chunks().0, groups })
    }

    /// Number of groups of the window.
    pub fn groups(&self) -> usize {
        self.offsets.len()
    }

    /// Blocks `16·group` to `16·group + 15`; `None` if there is no such group or its offset is damaged.
    #[inline]
    pub fn group(&self, group: usize) -> Option<Group<'f>> {
        let offset = u32::from_le_bytes(*self.offsets.get(group)?) as usize;
        let bytes = self.groups.get(offset..)?.first_chunk()?;
        let bounds = self.bounds.bytes.get(group * GROUP_BLOCKS..)?;
        let occupied = match bounds.first_chunk::<GROUP_BLOCKS>() {
            Some(bounds) => occupied(bounds),
            None => occupied(bounds),
        };
        Some(Group { bytes, occupied })
    }

    /// The postings, block by block.
    pub(super) fn iter(self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        (0..self.groups()).flat_map(move |number| {
            let first = (number * GROUP) as u16;
            self.group(number).into_iter().flat_map(move |group| {
                group.iter().map(move |(docid, impact)| (first + docid, impact))
            })
        })
    }

    /// The impact of a document; `None` if it has no posting.
    pub fn get(&self, docid: u16) -> Option<Impact> {
        let group = self.group(usize::from(docid) / GROUP)?;
        let within = docid % GROUP as u16;
        group.iter().find(|&(docid, _)| docid == within).map(|found| found.1)
    }
}

fn occupied(bounds: &[u8]) -> u16 {
    bounds.iter().enumerate().fold(0, |bits, (i, &bound)| bits | u16::from(bound > 0) << i)
}

impl<'f> Group<'f> {
    /// The postings: docid within the group, and impact.
    fn iter(self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        let blocks = (0..GROUP_BLOCKS).filter(move |block| self.occupied >> block & 1 == 1);
        let masks = self.bytes.as_chunks::<8>().0.iter().map(|bits| u64::from_le_bytes(*bits));
        let docids = blocks.zip(masks).flat_map(|(block, bits)| {
            (0..BLOCK).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| (block * BLOCK + bit) as u16)
        });
        docids.zip(self.bytes[group_impacts(self.occupied)..].iter().map(|&impact| Impact::from(impact)))
    }
}
