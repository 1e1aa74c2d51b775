//! Plain Rust: the twin that the others are tested against.

use super::groups::{Groups, WeightedBytes, for_each_block};
use super::packed_blocks::{PackedBlocks, for_each_packed_group, for_each_wanted};
use crate::layout::{BLOCK, BlockScores, GroupScores, Weighted};
use crate::shapes::bitmap::{BitmapList, document_of_bit};
use crate::shapes::masks::{MasksList, PackedGroup};

pub(super) fn add_bytes(lists: &[WeightedBytes<'_>], sums: &mut [u32]) {
    for &(bytes, weight) in lists {
        for (sum, &byte) in sums.iter_mut().zip(bytes) {
            *sum = sum.wrapping_add(weight.wrapping_mul(byte.into()));
        }
    }
}

pub(super) fn at_least(sums: &[u32], threshold: u32, found: &mut impl FnMut(usize, u64)) {
    for (number, sums) in sums.chunks(BLOCK).enumerate() {
        if sums.iter().fold(0, |most, &sum| most.max(sum)) >= threshold {
            found(number, bits_at_least(sums, threshold));
        }
    }
}

pub(super) fn add_bitmaps(
    lists: &[Weighted<BitmapList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    for_each_block(lists, groups, scores, |scores, bits, bytes, impacts, weight| {
        add_block(scores, bits, &bytes[impacts..], weight);
    })
}

pub(super) fn add_masks(
    lists: &[Weighted<MasksList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    let find = |group: &PackedGroup<'_>, blocks: &mut PackedBlocks| {
        let (bits, start) = group.bits();
        blocks.set(group, bits, start);
    };
    for_each_packed_group(lists, groups, scores, find, |scores, group, blocks, wanted, weight| {
        for_each_wanted(group, blocks, wanted, |number, block| {
            add_block(&mut scores[number], block.bits, &block.unpack(), weight);
        })
    })
}

fn add_block(scores: &mut BlockScores, mut bits: u64, impacts: &[u8], weight: u32) {
    for &impact in impacts {
        if bits == 0 {
            return;
        }
        let score = &mut scores[document_of_bit(bits.trailing_zeros() as usize)];
        *score = score.wrapping_add(weight.wrapping_mul(impact.into()));
        bits &= bits - 1;
    }
}

fn bits_at_least(sums: &[u32], threshold: u32) -> u64 {
    sums.iter().enumerate().fold(0, |bits, (i, &sum)| bits | u64::from(sum >= threshold) << i)
}
