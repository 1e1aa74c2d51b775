//! Bitmap lists, two at a time: the impacts of both for a document are two factors of one
//! multiplication, and a block's scores are read and written once for both.

use std::arch::x86_64::*;

use super::super::groups::{Groups, chunk, for_each_one};
use super::registers::{
    Quarters, add_block, add_two_blocks, halves, in_register, load_bytes, pair_of, store,
    store_words, sums_before,
};
use crate::layout::{GROUP_BLOCKS, GroupScores, STRIPE_GROUPS, Weighted};
use crate::prefetch::Prefetch;
use crate::shapes::bitmap::{BitmapList, Group, group_impacts};

/// The places of a list's blocks in the groups of a stripe.
#[derive(Default)]
struct Found<'i> {
    /// The groups that have wanted blocks.
    groups: [Option<Group<'i>>; STRIPE_GROUPS],
    places: [Places; STRIPE_GROUPS],
}

/// The places of a group's blocks.
#[derive(Default)]
#[repr(align(64))]
struct Places {
    /// The documents of each block that have a posting.
    bits: [u64; GROUP_BLOCKS],
    /// The byte at which each block's impacts start.
    impacts: [u32; GROUP_BLOCKS],
}

#[target_feature(
    enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,avx512vnni,avx512vpopcntdq,popcnt,bmi1,bmi2"
)]
pub(super) fn add_bitmaps(
    lists: &[Weighted<BitmapList<'_>>],
    groups: Groups<'_>,
    scores: &mut [GroupScores],
) -> u64 {
    let mut postings = _mm512_setzero_si512();
    let (mut first, mut second) = (Found::default(), Found::default());
    let quarters = Quarters::new();
    for (number, pair) in lists.chunks(2).enumerate() {
        let mut later = [2 * number, 2 * number + 1].map(|i| {
            groups.prefetch_later(
                lists,
                i,
                |list, groups| list.list.head(groups),
                |list, groups| list.list.body(groups),
            )
        });
        for (list, found) in pair.iter().zip([&mut first, &mut second]) {
            postings = _mm512_add_epi32(postings, find(list.list, groups, found));
        }
        if pair.len() == 1 {
            second.groups = Default::default();
        }
        let weight = |i: usize| pair.get(i).map_or(0, |list| list.weight);
        let both = pair_of([weight(0), weight(1)]);
        let [halves_of_first, halves_of_second] =
            [weight(0), weight(1)].map(|weight| halves(weight));
        for (i, (&wanted, scores)) in groups.wanted.iter().zip(&mut *scores).enumerate() {
            later.iter_mut().for_each(Prefetch::next_slot);
            match (first.groups[i], second.groups[i]) {
                (Some(a), Some(b)) => {
                    add_two(
                        scores,
                        [a, b],
                        [&first.places[i], &second.places[i]],
                        wanted,
                        both,
                        &quarters,
                    );
                }
                (Some(a), None) => add_one(scores, a, &first.places[i], wanted, halves_of_first),
                (None, Some(b)) => add_one(scores, b, &second.places[i], wanted, halves_of_second),
                (None, None) => {}
            }
        }
    }
    let mut each = [0; GROUP_BLOCKS];
    store(&mut each, postings);
    each.into_iter().map(u64::from).sum()
}

/// Finds a list's wanted blocks; returns how many postings they have, in sixteen parts.
///
/// It first locates the blocks of all groups of a stripe, and then reads them: locating takes long,
/// but the processor does it for several groups at once.
#[target_feature(enable = "avx512f,avx512vpopcntdq,popcnt,bmi1")]
#[inline]
fn find<'i>(list: BitmapList<'i>, groups: Groups<'_>, found: &mut Found<'i>) -> __m512i {
    let mut postings = _mm512_setzero_si512();
    let places = found.groups.iter_mut().zip(&mut found.places);
    for ((number, wanted), (found, places)) in groups.iter().zip(places) {
        // A damaged list loses its group.
        *found = list.group(number).filter(|group| group.occupied & wanted > 0);
        if let Some(group) = found {
            let ones = find_places(group, places);
            postings = _mm512_mask_add_epi32(postings, wanted, postings, ones);
        }
    }
    postings
}

/// Finds a group's blocks; returns how many postings each has.
#[target_feature(enable = "avx512f,avx512vpopcntdq,popcnt")]
#[inline]
fn find_places(group: &Group<'_>, places: &mut Places) -> __m512i {
    let [low, high] = group.occupied.to_le_bytes();
    let bits = [
        _mm512_maskz_expand_epi64(low, load_bytes(chunk(group.bytes, 0))),
        _mm512_maskz_expand_epi64(
            high,
            load_bytes(chunk(group.bytes, 8 * low.count_ones() as usize)),
        ),
    ];
    let ones = bits.map(|bits| _mm512_cvtepi64_epi32(_mm512_popcnt_epi64(bits)));
    let ones = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(ones[0]), ones[1]);
    for (words, bits) in places.bits.as_chunks_mut().0.iter_mut().zip(bits) {
        store_words(words, bits);
    }
    let start = _mm512_set1_epi32(group_impacts(group.occupied) as i32);
    store(&mut places.impacts, _mm512_add_epi32(start, sums_before(ones)));
    ones
}

/// A block's impacts, a byte a document in the order of its bits; zeros if the block has no
/// postings.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
#[inline]
fn spread(group: Group<'_>, places: &Places, block: usize) -> __m512i {
    let impacts = in_register(load_bytes(chunk(group.bytes, places.impacts[block] as usize)));
    _mm512_maskz_expand_epi8(places.bits[block], impacts)
}

/// Adds the wanted blocks of one list's group.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,avx512vnni,bmi1")]
#[inline]
fn add_one(
    scores: &mut GroupScores,
    group: Group<'_>,
    places: &Places,
    wanted: u16,
    weights: [__m512i; 2],
) {
    for_each_one(group.occupied & wanted, |block| {
        add_block(&mut scores[block], spread(group, places, block), weights);
    });
}

/// Adds the wanted blocks of two lists' group.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,avx512vnni,bmi1")]
#[inline]
fn add_two(
    scores: &mut GroupScores,
    groups: [Group<'_>; 2],
    places: [&Places; 2],
    wanted: u16,
    weights: __m512i,
    quarters: &Quarters,
) {
    let [first, second] = groups;
    for_each_one((first.occupied | second.occupied) & wanted, |block| {
        let (first, second) = (spread(first, places[0], block), spread(second, places[1], block));
        add_two_blocks(&mut scores[block], [first, second], weights, quarters);
    });
}
