//! The inner loops: postings and bounds into sums. The bound on the query rules overflow out; sums wrap so that a
//! damaged index can't stop the program.

use spork_core::{DocId, TopK};
use spork_index::{DenseList, Impacts, Segment, SparseList, UNIT};

/// Units scored together: 16 KiB of scores, which stay in the first-level cache.
pub(crate) const GROUP: usize = 16;

/// Scores of the documents of a unit.
pub(crate) type UnitScores = [u32; UNIT];

/// Adds weight × impact of each posting of a unit.
#[inline]
pub(crate) fn add_segment(scores: &mut UnitScores, segment: Segment<'_>, weight: u32) {
    match segment {
        Segment::Bytes(pairs) => {
            for &[docid, impact] in pairs {
                let score = &mut scores[usize::from(docid)];
                *score = score.wrapping_add(weight.wrapping_mul(u32::from(impact)));
            }
        }
        Segment::Words(docids, impacts) => {
            for (&docid, &impact) in docids.iter().zip(impacts) {
                let score = &mut scores[usize::from(docid)];
                *score = score.wrapping_add(weight.wrapping_mul(u32::from(u16::from_le_bytes(impact))));
            }
        }
    }
}

/// Adds weight × impact of each posting to the scores of a window's units. Postings beyond them are left out: a
/// damaged list may have some.
pub(crate) fn add_sparse(units: &mut [UnitScores], list: SparseList<'_>, weight: u32) {
    let mut add = |docid: u16, impact: u32| {
        if let Some(scores) = units.get_mut(usize::from(docid) / UNIT) {
            let score = &mut scores[usize::from(docid) % UNIT];
            *score = score.wrapping_add(weight.wrapping_mul(impact));
        }
    };
    for (i, docid) in list.docids.iter().enumerate() {
        add(u16::from_le_bytes(*docid), u32::from(list.impacts.get(i)));
    }
}

/// Adds weight × bound to the bound of each block of a window.
pub(crate) fn add_bounds(bounds: &mut [u32], list: DenseList<'_>, weight: u32) {
    let weight = weight.saturating_mul(1 << list.shift);
    if list.shift == 0 {
        for (sum, &bound) in bounds.iter_mut().zip(list.bounds) {
            *sum = sum.wrapping_add(weight.wrapping_mul(u32::from(bound)));
        }
    } else {
        // Bounds that were rounded up may exceed what the query was checked for.
        for (sum, &bound) in bounds.iter_mut().zip(list.bounds) {
            *sum = sum.saturating_add(weight.saturating_mul(u32::from(bound)));
        }
    }
}

/// Adds weight × largest impact to the bound of each block that the list has postings in.
pub(crate) fn add_sparse_bounds(bounds: &mut [u32], list: SparseList<'_>, weight: u32, block: usize) {
    let (mut at, mut most) = (usize::MAX, 0);
    let mut add = |at: usize, most: u32| {
        if let Some(sum) = bounds.get_mut(at) {
            *sum = sum.saturating_add(weight.wrapping_mul(most));
        }
    };
    for (i, docid) in list.docids.iter().enumerate() {
        let here = usize::from(u16::from_le_bytes(*docid)) / block;
        if here != at {
            add(at, most);
            (at, most) = (here, 0);
        }
        most = most.max(u32::from(list.impacts.get(i)));
    }
    add(at, most);
}

/// The part of a sparse list in a unit.
pub(crate) fn sparse_unit<'f>(list: SparseList<'f>, unit: usize) -> SparseList<'f> {
    let before =
        |limit: usize| list.docids.partition_point(|docid| usize::from(u16::from_le_bytes(*docid)) < limit);
    // Damage may have put them out of order.
    let (start, end) = (before(unit * UNIT), before((unit + 1) * UNIT));
    let range = start.min(end)..end;
    let impacts = match list.impacts {
        Impacts::Bytes(bytes) => Impacts::Bytes(&bytes[range.clone()]),
        Impacts::Words(words) => Impacts::Words(&words[range.clone()]),
    };
    SparseList { docids: &list.docids[range], impacts }
}

/// Offers the scores of a unit, of which the first `documents` exist, to the top k, and sets them to zero. `first` is
/// the docid of its first document.
pub(crate) fn pick_and_clear(scores: &mut UnitScores, first: DocId, documents: usize, top: &mut TopK) {
    const CHUNK: usize = 32;
    let (chunks, _) = scores.as_chunks_mut::<CHUNK>();
    for (number, chunk) in chunks.iter_mut().enumerate() {
        let best = chunk.iter().fold(0, |best, &score| best.max(score));
        if best >= top.threshold().max(1) {
            let start = number * CHUNK;
            let there = documents.saturating_sub(start).min(CHUNK);
            for (i, &score) in chunk[..there].iter().enumerate() {
                if score >= top.threshold() {
                    top.push(DocId(first.0 + (start + i) as u32), score);
                }
            }
        }
        chunk.fill(0);
    }
}
