//! Lists of higher density, packed: of a block's 8 bytes of bits those that are not zero, as a
//! number where they are a single bit; and impacts in as many bits as the block's bound needs.
//!
//! The order of bits is that of a [bitmap list](super::bitmap).

use std::ops::Range;

use spork_core::Impact;

use super::bitmap::{bit_of_document, document_of_bit, occupied, padded};
use super::bounds::{self, Bounds};
use super::packing::{BitWriter, width_of};
use crate::layout::{BLOCK, GROUP, GROUP_BLOCKS};

/// Bytes that can be read from the start of a packed group: as many as it can take, and a vector of
/// impacts from any bit on.
pub(crate) const PACKED_GROUP_BYTES: usize = GROUP_BLOCKS * (1 + 1 + 8 + BLOCK) + BLOCK + 8;
/// Bits of the number of a bit in a byte.
pub(crate) const BIT_NUMBER: u32 = 3;
/// Groups start at multiples of this.
const ALIGNMENT: usize = 2;

/// A list whose blocks are masks of bytes of bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MasksList<'f> {
    /// Bounds on the impacts; 0 tells that a block has none.
    pub(crate) bounds: Bounds<'f>,
    /// Where groups start, in units of [`ALIGNMENT`].
    offsets: &'f [[u8; 2]],
    /// The groups, and what follows them in the file.
    groups: &'f [u8],
}

/// Up to 16 blocks of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedGroup<'f> {
    /// For each block that has postings its mask, a bit for each of its bytes of bits that is not
    /// zero. Then for each of these bytes, block after block, a bit: whether it has several ones.
    /// Then, from a whole byte on, the bytes that do; of the others the number of their bit, 3 bits
    /// each; right after them the impacts less 1 of all blocks. And whatever follows.
    pub(crate) bytes: &'f [u8; PACKED_GROUP_BYTES],
    /// The bound of each block, 0 for those without postings.
    pub(crate) bounds: [u8; GROUP_BLOCKS],
    /// A bit for each block that has postings.
    pub(crate) occupied: u16,
}

/// Appends the bytes of a list whose impacts are at most 255.
pub(crate) fn encode(data: &mut Vec<u8>, documents: usize, docids: &[u16], impacts: &[Impact]) {
    bounds::encode(data, documents, docids, impacts, 0);
    let offsets = data.len();
    data.resize(offsets + ALIGNMENT * documents.div_ceil(GROUP), 0);
    let first = data.len();
    let mut at = 0;
    for group in 0..documents.div_ceil(GROUP) {
        let offset = ((data.len() - first) / ALIGNMENT) as u16;
        data[offsets + 2 * group..][..2].copy_from_slice(&offset.to_le_bytes());
        let end = at
            + docids[at..].iter().take_while(|&&docid| usize::from(docid) / GROUP == group).count();
        encode_group(data, &docids[at..end], &impacts[at..end]);
        data.resize(first + (data.len() - first).next_multiple_of(ALIGNMENT), 0);
        at = end;
    }
}

fn encode_group(data: &mut Vec<u8>, docids: &[u16], impacts: &[Impact]) {
    // The bytes of bits, and the impacts in their order, with their width.
    let (mut bytes, mut packed) = (Vec::new(), Vec::new());
    let mut at = 0;
    for docids in docids.chunk_by(|a, b| usize::from(*a) / BLOCK == usize::from(*b) / BLOCK) {
        let impacts = &impacts[at..at + docids.len()];
        at += docids.len();
        let mut spread = [0; BLOCK];
        for (&docid, &impact) in docids.iter().zip(impacts) {
            spread[bit_of_document(usize::from(docid) % BLOCK)] = impact;
        }
        let byte = |impacts: &[Impact; 8]| {
            (0..8).fold(0u8, |byte, bit| byte | u8::from(impacts[bit] > 0) << bit)
        };
        let block = spread.as_chunks().0.iter().map(byte);
        data.push(
            block.clone().enumerate().fold(0, |mask, (i, byte)| mask | u8::from(byte > 0) << i),
        );
        bytes.extend(block.filter(|&byte| byte > 0));
        let width = packed_width(impacts.iter().fold(0, |most, &impact| most.max(impact)) as u8);
        packed.extend(
            spread.into_iter().filter(|&impact| impact > 0).map(|impact| (impact - 1, width)),
        );
    }
    let several = |byte: &u8| byte.count_ones() > 1;
    let mut writer = BitWriter::new(data);
    bytes.iter().for_each(|byte| writer.push(several(byte).into(), 1));
    writer.align();
    data.extend(bytes.iter().filter(|byte| several(byte)));
    let mut writer = BitWriter::new(data);
    for byte in bytes.iter().filter(|byte| !several(byte)) {
        writer.push(byte.trailing_zeros() as u16, BIT_NUMBER);
    }
    packed.into_iter().for_each(|(impact, width)| writer.push(impact, width));
    writer.align();
}

/// Bits of each impact, less 1, of a block whose bound is `bound`, above 0.
#[inline]
pub(crate) const fn packed_width(bound: u8) -> u32 {
    width_of(bound.saturating_sub(1) as u32)
}

impl<'f> MasksList<'f> {
    /// A view on a list of a window of `documents` documents and on what follows it; `None` if it
    /// is too short.
    pub(crate) fn new(bytes: &'f [u8], documents: usize) -> Option<Self> {
        let (bounds, rest) = Bounds::split(bytes, documents, 0)?;
        let (offsets, groups) = rest.split_at_checked(2 * documents.div_ceil(GROUP))?;
        Some(Self { bounds, offsets: offsets.as_chunks().0, groups })
    }

    /// Byte at which group `group` starts; `None` if there is no such group.
    fn offset(&self, group: usize) -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(*self.offsets.get(group)?)) * ALIGNMENT)
    }

    /// Blocks `16·group` to `16·group + 15`; `None` if there is no such group or its offset is
    /// damaged.
    #[inline]
    pub(crate) fn group(&self, group: usize) -> Option<PackedGroup<'f>> {
        let bytes = self.groups.get(self.offset(group)?..)?.first_chunk()?;
        let bounds = padded(self.bounds.bytes.get(group * GROUP_BLOCKS..)?);
        Some(PackedGroup { bytes, occupied: occupied(&bounds), bounds })
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
        let Some(start) = self.offset(groups.start) else { return &[] };
        let end = self.offset(groups.end).unwrap_or(start + PACKED_GROUP_BYTES);
        self.groups
            .get(start..end.min(start + groups.len() * PACKED_GROUP_BYTES))
            .unwrap_or_default()
    }

    /// The postings in the order of their documents.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        let groups =
            (0..self.offsets.len()).filter_map(move |number| Some((number, self.group(number)?)));
        let blocks = groups.flat_map(|(number, group)| {
            group
                .blocks()
                .into_iter()
                .map(move |(block, impacts)| (number * GROUP_BLOCKS + block, impacts))
        });
        blocks.flat_map(|(block, impacts)| {
            let postings = impacts.into_iter().enumerate().filter(|&(_, impact)| impact > 0);
            postings.map(move |(i, impact)| ((block * BLOCK + i) as u16, impact))
        })
    }

    /// The impact of a document; `None` if it has no posting.
    pub(crate) fn get(&self, docid: u16) -> Option<Impact> {
        let docid = usize::from(docid);
        let blocks = self.group(docid / GROUP)?.blocks();
        let (_, impacts) =
            blocks.into_iter().find(|&(block, _)| block == docid / BLOCK % GROUP_BLOCKS)?;
        Some(impacts[docid % BLOCK]).filter(|&impact| impact > 0)
    }
}

impl PackedGroup<'_> {
    /// The bits of the blocks that have postings, in their order, and the bit at which impacts
    /// start.
    pub(crate) fn bits(&self) -> ([u64; GROUP_BLOCKS], usize) {
        let masks = &self.bytes[..self.occupied.count_ones() as usize];
        let count: u32 = masks.iter().map(|mask| mask.count_ones()).sum();
        let mut whole = masks.len() + count.div_ceil(8) as usize;
        let mut several = u128::from_le_bytes(std::array::from_fn(|i| self.bytes[masks.len() + i]));
        several &= u128::MAX.checked_shl(count).map_or(u128::MAX, |rest| !rest);
        let mut numbers = 8 * (whole + several.count_ones() as usize);
        let mut bits = [0; GROUP_BLOCKS];
        for (bits, &mask) in bits.iter_mut().zip(masks) {
            let mut mask = mask;
            while mask > 0 {
                let byte = if several & 1 == 1 {
                    whole += 1;
                    self.bytes[whole - 1]
                } else {
                    numbers += BIT_NUMBER as usize;
                    1 << self.read(numbers - BIT_NUMBER as usize, BIT_NUMBER)
                };
                *bits |= u64::from(byte) << (8 * mask.trailing_zeros());
                several >>= 1;
                mask &= mask - 1;
            }
        }
        (bits, numbers)
    }

    /// The number of `width` bits, up to 8, from bit `at` on.
    fn read(&self, at: usize, width: u32) -> u16 {
        let word = u16::from_le_bytes([self.bytes[at / 8], self.bytes[at / 8 + 1]]);
        word >> (at % 8) & ((1 << width) - 1)
    }

    /// Each block that has postings: its number within the group, and the impact of each document,
    /// 0 if it has none.
    fn blocks(&self) -> Vec<(usize, [Impact; BLOCK])> {
        let (bits, mut at) = self.bits();
        let blocks = (0..GROUP_BLOCKS).filter(|block| self.occupied >> block & 1 == 1);
        let found = blocks.zip(bits).map(|(block, bits)| {
            let width = packed_width(self.bounds[block]);
            let mut impacts = [0; BLOCK];
            for bit in (0..BLOCK).filter(|bit| bits >> bit & 1 == 1) {
                impacts[document_of_bit(bit)] = self.read(at, width) + 1;
                at += width as usize;
            }
            (block, impacts)
        });
        found.collect()
    }
}
