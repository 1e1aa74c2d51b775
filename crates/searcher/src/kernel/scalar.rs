//! Plain Rust: the twin that the others are tested against.

use spork_index::{BLOCK, BitmapList, document_of_bit};

use super::{Blocks, GroupScores, Groups, WeightedBytes};
use crate::lists::Weighted;
use crate::scatter::BlockScores;

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
    let mut postings = 0;
    for list in lists {
        for (i, (&wanted, scores)) in groups.wanted.iter().zip(&mut *scores).enumerate() {
            if wanted == 0 {
                continue;
            }
            // A damaged list loses its group.
            let Some(group) = list.list.group(groups.first + i) else { continue };
            let mut blocks = Blocks::new(group);
            while let Some((block, bits, impacts)) = blocks.next() {
                if wanted >> block & 1 == 1 {
                    postings += u64::from(bits.count_ones());
                    add_block(&mut scores[block], bits, &group.bytes[impacts..], list.weight);
                }
            }
        }
    }
    postings
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
