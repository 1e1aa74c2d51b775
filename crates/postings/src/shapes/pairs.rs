//! Lists of middling density: a byte of gap and an impact a posting, and where each unit of
//! documents starts.

use std::ops::Range;

use spork_core::Impact;

use super::bounds::{self, Bounds};
use super::sparse::encode_impacts;
use crate::layout::{BLOCK, UNIT};

/// The widest gap between two slots.
const MOST_GAP: u16 = 255;

/// A list of slots, each so many documents after the one before. A slot is a posting, or, where the
/// next posting is too far away, a step of impact 0. The first unit has a slot at least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PairsList<'f> {
    /// Bounds on the impacts.
    pub(crate) bounds: Bounds<'f>,
    units: &'f [[u8; 3]],
    slots: Slots<'f>,
    /// Whether some slots are steps.
    steps: bool,
}

/// Consecutive slots.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slots<'f> {
    /// Documents since the slot before, and the impact.
    Bytes(&'f [[u8; 2]]),
    /// Documents since the slot before, and as many 16-bit impacts.
    Words(&'f [u8], &'f [[u8; 2]]),
}

/// Appends the bytes of a list.
pub(crate) fn encode(
    data: &mut Vec<u8>,
    documents: usize,
    docids: &[u16],
    impacts: &[Impact],
    max_impact: Impact,
    wide: bool,
) {
    bounds::encode(data, documents, docids, impacts, max_impact);
    let (mut gaps, mut slots) =
        (Vec::with_capacity(docids.len()), Vec::with_capacity(docids.len()));
    let units = documents.div_ceil(UNIT);
    let (mut lasts, mut firsts): (Vec<Option<u16>>, _) = (vec![None; units], vec![0; units]);
    let mut at = 0;
    let mut push = |to: u16, impact: Impact| {
        gaps.push((to - at) as u8);
        slots.push(impact);
        at = to;
        let unit = usize::from(to) / UNIT;
        if lasts[unit].is_none() {
            firsts[unit] = to as u8;
        }
        lasts[unit] = Some((slots.len() - 1) as u16);
        at
    };
    let mut before = 0;
    for (&docid, &impact) in docids.iter().zip(impacts) {
        while docid - before > MOST_GAP {
            before = push(before + MOST_GAP, 0);
        }
        before = push(docid, impact);
    }
    let mut last = 0;
    for (unit, first) in lasts.into_iter().zip(firsts) {
        last = unit.unwrap_or(last);
        data.extend(last.to_le_bytes());
        data.push(first);
    }
    if wide {
        data.extend(gaps);
        encode_impacts(data, &slots, wide);
    } else {
        data.extend(gaps.into_iter().zip(slots).flat_map(|(gap, impact)| [gap, impact as u8]));
    }
}

/// The place of the last unit, which tells the number of slots.
pub(crate) fn read_at_once(documents: usize) -> Range<usize> {
    let end = documents.div_ceil(BLOCK) + 3 * documents.div_ceil(UNIT);
    end.saturating_sub(3)..end
}

/// The number of the slot after a unit's last.
fn end_of([low, high, _]: [u8; 3]) -> usize {
    usize::from(u16::from_le_bytes([low, high])) + 1
}

impl<'f> PairsList<'f> {
    /// A view on a list; `None` if it is too short.
    pub(crate) fn new(
        bytes: &'f [u8],
        postings: usize,
        documents: usize,
        max_impact: Impact,
        wide: bool,
    ) -> Option<Self> {
        let (bounds, rest) = Bounds::split(bytes, documents, max_impact)?;
        let (units, rest) = rest.split_at_checked(3 * documents.div_ceil(UNIT))?;
        let units = units.as_chunks().0;
        let slots = end_of(*units.last()?);
        let slots = if wide {
            let (gaps, impacts) = rest.split_at_checked(slots)?;
            Slots::Words(gaps, impacts.get(..2 * slots)?.as_chunks().0)
        } else {
            Slots::Bytes(rest.get(..2 * slots)?.as_chunks().0)
        };
        let steps = slots.len() > postings;
        Some(Self { bounds, units, slots, steps })
    }

    /// The slots of consecutive units, and the first one's docid less that of the first unit's
    /// first document; its gap counts from the slot before. `None` if there are no slots, or their
    /// numbers are damaged.
    #[inline]
    pub(crate) fn units(&self, units: Range<usize>) -> Option<(usize, Slots<'f>)> {
        let before = |unit: usize| {
            unit.checked_sub(1).map_or(Some(0), |unit| Some(end_of(*self.units.get(unit)?)))
        };
        let (start, end) = (before(units.start)?, before(units.end.min(self.units.len()))?);
        if start >= end {
            return None;
        }
        // The first slot is that of the first unit which has one.
        let mut unit = units.start;
        while end_of(*self.units.get(unit)?) <= start {
            unit += 1;
        }
        let slots = match self.slots {
            Slots::Bytes(pairs) => Slots::Bytes(pairs.get(start..end)?),
            Slots::Words(gaps, impacts) => {
                Slots::Words(gaps.get(start..end)?, impacts.get(start..end)?)
            }
        };
        Some(((unit - units.start) * UNIT + usize::from(self.units.get(unit)?[2]), slots))
    }

    /// How many of some of the list's slots are postings.
    #[inline]
    pub(crate) fn postings(&self, slots: Slots<'_>) -> usize {
        if !self.steps {
            return slots.len();
        }
        let steps = match slots {
            Slots::Bytes(pairs) => count(pairs, |[_, impact]| impact == 0),
            Slots::Words(_, impacts) => count(impacts, |impact| impact == [0; 2]),
        };
        slots.len() - steps
    }

    /// The bytes that are read before the slots of consecutive units.
    pub(crate) fn head(&self, units: Range<usize>) -> &'f [u8] {
        self.units.get(units.start.saturating_sub(1)..units.end).unwrap_or_default().as_flattened()
    }

    /// The postings in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, Impact)> + use<'f> {
        let mut docid = 0u16;
        (0..self.slots.len())
            .map(move |i| {
                let (gap, impact) = self.slots.get(i);
                docid = docid.wrapping_add(gap.into());
                (docid, impact)
            })
            .filter(|&(_, impact)| impact > 0)
    }

    /// The impact of a document; `None` if it has no posting.
    pub(crate) fn get(&self, docid: u16) -> Option<Impact> {
        let unit = usize::from(docid) / UNIT;
        let (mut low, slots) = self.units(unit..unit + 1)?;
        for i in 0..slots.len() {
            let (gap, impact) = slots.get(i);
            low += if i == 0 { 0 } else { usize::from(gap) };
            if low == usize::from(docid) % UNIT && impact > 0 {
                return Some(impact);
            }
        }
        None
    }
}

/// How many of the slots are such. Counts stay in bytes as long as they fit: vectors of them are
/// short work.
fn count(slots: &[[u8; 2]], is: impl Fn([u8; 2]) -> bool) -> usize {
    slots
        .chunks(255)
        .map(|slots| usize::from(slots.iter().map(|&slot| u8::from(is(slot))).sum::<u8>()))
        .sum()
}

impl Slots<'_> {
    /// Number of slots.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bytes(pairs) => pairs.len(),
            Self::Words(gaps, _) => gaps.len(),
        }
    }

    /// Bytes that the slots take.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Bytes(pairs) => pairs.len() * 2,
            Self::Words(gaps, _) => gaps.len() * 3,
        }
    }

    /// Slot `i`, which must be there: documents since the slot before, and impact.
    pub(crate) fn get(&self, i: usize) -> (u8, Impact) {
        match self {
            Self::Bytes(pairs) => (pairs[i][0], Impact::from(pairs[i][1])),
            Self::Words(gaps, impacts) => (gaps[i], Impact::from_le_bytes(impacts[i])),
        }
    }
}
