//! Random numbers that follow from the seed and a line's number alone.

/// A stream of random numbers: SplitMix64 (Steele, Lea and Flood 2014), whose state is a counter.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of one line.
    pub(crate) fn new(seed: u64, line: u64) -> Self {
        let start = Self(seed).next() ^ line;
        Self(Self(start).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which is at least 1; even but for 2⁻⁶⁴·bound.
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Puts `items` into random order and keeps the first `most`.
    pub(crate) fn draw<T>(&mut self, items: &mut Vec<T>, most: usize) {
        for place in 0..most.min(items.len()) {
            let other = place + self.below(items.len() - place);
            items.swap(place, other);
        }
        items.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_each_item_once_and_evenly() {
        let mut counts = [0; 10];
        for line in 0..10_000 {
            let mut items: Vec<usize> = (0..10).collect();
            Random::new(7, line).draw(&mut items, 3);
            assert_eq!(items.len(), 3);
            assert!(items[0] != items[1] && items[1] != items[2] && items[0] != items[2]);
            for item in items {
                counts[item] += 1;
            }
        }
        assert!(counts.iter().all(|count| (2_800..3_200).contains(count)), "{counts:?}");
    }

    #[test]
    fn seed_and_line_say_what_is_drawn() {
        let draw = |seed, line| {
            let mut items: Vec<usize> = (0..100).collect();
            Random::new(seed, line).draw(&mut items, 100);
            items
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
        assert_ne!(draw(1, 2), draw(2, 1));
    }
}
