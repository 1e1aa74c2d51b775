//! Plain Rust: the twin that the others are tested against.

use spork_index::{BLOCK, GROUP_BLOCKS};

use super::{Cursor, WeightedBytes, blocks};
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

pub(super) fn score_group(
    cursors: &mut [Cursor<'_>],
    wanted: u16,
    scores: &mut [BlockScores; GROUP_BLOCKS],
    threshold: u32,
    found: &mut impl FnMut(usize, u64, &BlockScores),
) -> u64 {
    let mut postings = 0;
    for (block, is_wanted) in blocks(wanted) {
        for cursor in &mut *cursors {
            let (mut bits, impacts) = cursor.next(block);
            if !is_wanted {
                continue;
            }
            postings += u64::from(bits.count_ones());
            for &impact in &cursor.bytes[impacts..] {
                if bits == 0 {
                    break;
                }
                let score = &mut scores[block][bits.trailing_zeros() as usize];
                *score = score.wrapping_add(cursor.weight.wrapping_mul(impact.into()));
                bits &= bits - 1;
            }
        }
        if is_wanted {
            offer(block, &mut scores[block], threshold, found);
        }
    }
    postings
}

/// Tells of a block's scores if they are high enough, and sets them to zero.
pub(super) fn offer(
    block: usize,
    scores: &mut BlockScores,
    threshold: u32,
    found: &mut impl FnMut(usize, u64, &BlockScores),
) {
    if scores.iter().fold(0, |most, &score| most.max(score)) >= threshold {
        found(block, bits_at_least(scores, threshold), scores);
    }
    scores.fill(0);
}

fn bits_at_least(sums: &[u32], threshold: u32) -> u64 {
    sums.iter().enumerate().fold(0, |bits, (i, &sum)| bits | u64::from(sum >= threshold) << i)
}
