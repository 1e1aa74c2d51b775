//! What varies between histories.

use spork_core::Random;
use spork_index::Order;
use spork_postings::Codec;

use super::documents::Kind;

/// One history in so many has more documents than a window.
pub(super) const LARGE: u64 = 400;

/// Everything that varies between histories.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) kind: Kind,
    pub(super) codec: Codec,
    pub(super) order: Order,
    /// Whether the index starts without documents.
    pub(super) starts_empty: bool,
    /// Whether columns, texts and vectors are stored.
    pub(super) stored: bool,
}

impl Setting {
    pub(super) fn of(seed: u64, random: &mut Random) -> Self {
        // Of every four one kind each; the large ones too.
        let kind = [Kind::Integer, Kind::Float, Kind::Bm25, Kind::Hybrid]
            [(seed / LARGE + seed) as usize % 4];
        Self {
            kind,
            codec: Codec::ALL[random.below(2)],
            order: if random.below(5) == 0 { Order::Bisection } else { Order::Input },
            starts_empty: random.below(3) == 0,
            stored: random.below(2) == 0,
        }
    }
}
