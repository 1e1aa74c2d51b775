//! Lists of masks: iterating over their blocks, and unpacking impacts to a byte each.

use super::groups::{Groups, chunk, for_each_one};
use crate::layout::{BLOCK, GROUP_BLOCKS, GroupScores, STRIPE_GROUPS, Weighted};
use crate::shapes::masks::{MasksList, PACKED_GROUP_BYTES, PackedGroup, packed_width};
use crate::shapes::packing::spread_to_bytes;

/// Where the bits and impacts of a group's blocks are: those blocks that have postings, in order.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct PackedBlocks {
    /// Which documents have a posting.
    pub(crate) bits: [u64; GROUP_BLOCKS],
    /// The bit at which impacts start.
    pub(crate) starts: [u32; GROUP_BLOCKS],
    /// Bits of each impact, at most 8.
    pub(crate) widths: [u32; GROUP_BLOCKS],
}

impl PackedBlocks {
    /// Takes the blocks of a group whose bits are `bits` and whose impacts start at bit `start`.
    #[inline(always)]
    pub(crate) fn set(&mut self, group: &PackedGroup<'_>, bits: [u64; GROUP_BLOCKS], start: usize) {
        self.bits = bits;
        let (mut number, mut start) = (0, start as u32);
        for_each_one(group.occupied, |block| {
            let width = packed_width(group.bounds[block]);
            (self.starts[number], self.widths[number]) = (start, width);
            start += bits[number].count_ones() * width;
            number += 1;
        });
    }
}

/// A block of a list.
#[derive(Clone, Copy)]
pub(crate) struct PackedBlock<'i> {
    /// Which documents have a posting.
    pub(crate) bits: u64,
    /// Its group's bytes.
    pub(crate) bytes: &'i [u8; PACKED_GROUP_BYTES],
    /// The bit at which its impacts start.
    pub(crate) start: usize,
    /// Bits of each, at most 8.
    pub(crate) width: u32,
}

/// A block's impacts, a byte each, in the order of its bits; and whatever follows.
pub(crate) type Unpacked = [u8; BLOCK + 16];

impl PackedBlock<'_> {
    pub(crate) fn unpack(&self) -> Unpacked {
        let mut impacts = [0; _];
        let eights = (self.bits.count_ones() as usize).div_ceil(8);
        for (i, impacts) in impacts.as_chunks_mut().0.iter_mut().take(eights).enumerate() {
            let bits = bits_from(self.bytes, self.start + 8 * i * self.width as usize);
            *impacts =
                spread_to_bytes(bits, self.width).wrapping_add(0x0101_0101_0101_0101).to_le_bytes();
        }
        impacts
    }
}

/// 64 bits from bit `at` on.
#[inline]
pub(crate) fn bits_from(bytes: &[u8; PACKED_GROUP_BYTES], at: usize) -> u64 {
    let [low @ .., high] = *chunk::<9, _>(bytes, at / 8);
    // Shifted in two steps: by 64 bits it would not be shifted at all.
    u64::from_le_bytes(low) >> (at % 8) | u64::from(high) << 1 << (63 - at % 8)
}

/// Calls `each` with the number of each wanted block that has postings, and the block. Returns the
/// number of postings.
#[inline(always)]
pub(crate) fn for_each_wanted(
    group: &PackedGroup<'_>,
    blocks: &PackedBlocks,
    wanted: u16,
    mut each: impl FnMut(usize, PackedBlock<'_>),
) -> u64 {
    let (mut number, mut postings) = (0, 0);
    for_each_one(group.occupied, |block| {
        if wanted >> block & 1 == 1 {
            let (bits, width) = (blocks.bits[number], blocks.widths[number]);
            let start = blocks.starts[number] as usize;
            postings += u64::from(bits.count_ones());
            each(block, PackedBlock { bits, bytes: group.bytes, start, width });
        }
        number += 1;
    });
    postings
}

/// Goes through the groups with wanted blocks that have postings, list after list. `find` locates
/// the blocks of a group; `add` adds the impacts of the wanted ones, times the weight, to the
/// group's scores and returns the number of postings. Returns the number of all postings.
#[inline(always)]
pub(crate) fn for_each_packed_group(
    lists: &[Weighted<MasksList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
    find: impl Fn(&PackedGroup<'_>, &mut PackedBlocks),
    add: impl Fn(&mut GroupScores, &PackedGroup<'_>, &PackedBlocks, u16, u32) -> u64,
) -> u64 {
    let mut postings = 0;
    let mut found: [Option<PackedGroup<'_>>; STRIPE_GROUPS] = [None; _];
    let mut places: [PackedBlocks; STRIPE_GROUPS] = Default::default();
    for (number, list) in lists.iter().enumerate() {
        let mut later = groups.prefetch_later(
            lists,
            number,
            |list, groups| list.list.head(groups),
            |list, groups| list.list.body(groups),
        );
        // First the places of all groups' blocks, then the blocks themselves: locating takes long,
        // but the processor does it for several groups at once.
        for ((number, wanted), (found, places)) in
            groups.iter().zip(found.iter_mut().zip(&mut places))
        {
            // A damaged list loses its group.
            *found = list.list.group(number).filter(|group| group.occupied & wanted > 0);
            if let Some(group) = found {
                find(group, places);
            }
        }
        let found = found.iter().zip(&places);
        for ((&wanted, scores), (group, places)) in
            groups.wanted.iter().zip(&mut *scores).zip(found)
        {
            later.next_slot();
            if let Some(group) = group {
                postings += add(scores, group, places, wanted, list.weight);
            }
        }
    }
    postings
}
