//! The groups of a window that are scored together.

use std::ops::Range;

use crate::layout::{
    BLOCK, GROUP, GROUP_BLOCKS, STRIPE, STRIPE_GROUPS, UNIT, WINDOW_BLOCKS, for_each_bit,
};

/// Blocks of a unit.
const UNIT_BLOCKS: usize = UNIT / BLOCK;
/// Units of a group.
const GROUP_UNITS: usize = GROUP / UNIT;

const _: () = assert!(STRIPE / BLOCK < u8::MAX as usize);

/// The groups of a stripe: up to [`STRIPE_GROUPS`] groups of a window that have wanted blocks,
/// ascending, wherever they are. Where few blocks of a window are wanted, all of them are in one
/// stripe, so that each list is entered once.
#[derive(Clone, Debug, Default)]
pub(crate) struct StripeGroups {
    numbers: [usize; STRIPE_GROUPS],
    wanted: [u16; STRIPE_GROUPS],
    groups: usize,
    runs: [Run; STRIPE_GROUPS],
    /// Number of runs.
    apart: usize,
}

/// Consecutive units of a window, from the first to the last with a wanted block of consecutive
/// groups, and where their scores are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    first: usize,
    end: usize,
    /// The place of the first document's score among those of the stripe.
    place: usize,
}

impl StripeGroups {
    /// Adds group `number` with a bit for each of its wanted blocks, of which there are some. Tells
    /// whether there is no room for more.
    pub(crate) fn push(&mut self, number: usize, wanted: u16) -> bool {
        let start = number * GROUP_UNITS;
        let first = start + wanted.trailing_zeros() as usize / UNIT_BLOCKS;
        let blocks = GROUP_BLOCKS - wanted.leading_zeros() as usize;
        let end = start + blocks.div_ceil(UNIT_BLOCKS);
        let follows = self.numbers().last().is_some_and(|last| last + 1 == number);
        if follows {
            self.runs[self.apart - 1].end = end;
        } else {
            let place = self.groups * GROUP + (first - start) * UNIT;
            self.runs[self.apart] = Run { first, end, place };
            self.apart += 1;
        }
        self.numbers[self.groups] = number;
        self.wanted[self.groups] = wanted;
        self.groups += 1;
        self.groups == STRIPE_GROUPS
    }

    /// The groups' numbers in the window.
    pub(crate) fn numbers(&self) -> &[usize] {
        &self.numbers[..self.groups]
    }

    /// For each group, a bit for each wanted block.
    pub(crate) fn wanted(&self) -> &[u16] {
        &self.wanted[..self.groups]
    }

    /// The units of the groups.
    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs[..self.apart]
    }
}

impl Run {
    /// The units, by their numbers in the window.
    pub(crate) fn units(&self) -> Range<usize> {
        self.first..self.end
    }

    /// The documents, by their numbers in the window.
    pub(crate) fn documents(&self) -> Range<usize> {
        self.first * UNIT..self.end * UNIT
    }

    /// The places of their scores.
    pub(crate) fn places(&self) -> Range<usize> {
        self.place..self.place + (self.end - self.first) * UNIT
    }
}

/// Where the scores of a window's blocks are among those of a stripe.
pub(crate) struct BlockPlaces([u8; WINDOW_BLOCKS]);

impl BlockPlaces {
    /// The mark of a block that is not wanted.
    const NONE: u8 = u8::MAX;

    /// The wanted blocks of some groups.
    pub(crate) fn new(stripe: &StripeGroups) -> Self {
        let mut places = [Self::NONE; WINDOW_BLOCKS];
        for (place, (&number, &wanted)) in stripe.numbers().iter().zip(stripe.wanted()).enumerate()
        {
            for_each_bit(wanted.into(), |block| {
                places[number * GROUP_BLOCKS + block] = (place * GROUP_BLOCKS + block) as u8;
            });
        }
        Self(places)
    }

    /// The place of the score of a document, by its number in the window; `None` if its block is
    /// not wanted.
    #[inline(always)]
    pub(crate) fn of(&self, document: u16) -> Option<usize> {
        let place = self.0[usize::from(document) / BLOCK];
        (place != Self::NONE).then_some(usize::from(place) * BLOCK + usize::from(document) % BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_consecutive_groups_without_unwanted_units_around() {
        let mut groups = StripeGroups::default();
        for (number, wanted) in [(0, 1 << 5), (3, 1 << 15), (4, 0xffff), (5, 1)] {
            assert!(!groups.push(number, wanted));
        }
        let runs: Vec<_> = groups.runs().iter().map(|run| (run.units(), run.places())).collect();
        assert_eq!(runs, [(1..2, UNIT..2 * UNIT), (15..21, GROUP + 3 * UNIT..3 * GROUP + UNIT)]);
        assert_eq!(groups.runs()[1].documents(), 15 * UNIT..21 * UNIT);
        assert!((6..10).map(|number| groups.push(number, 1)).eq([false, false, false, true]));
        assert_eq!((groups.numbers()[7], groups.wanted()[2], groups.runs().len()), (9, 0xffff, 2));
    }
}
