//! Random numbers that follow from seed and step alone, so that a resumed run draws what it would have drawn.

/// A stream of random numbers: SplitMix64 (Steele, Lea and Flood 2014), whose state is a counter.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

/// What the numbers are for: two purposes never share a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Shuffle = 1,
    Negatives = 2,
    Dropout = 3,
    Mask = 4,
    Start = 5,
    Step = 6,
}

impl Random {
    pub(crate) fn new(seed: u64, purpose: Purpose, part: u64) -> Self {
        let mut stream = Self(seed);
        for word in [purpose as u64, part] {
            stream.0 = stream.next() ^ word;
        }
        stream.next();
        stream
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which is at least 1; even but for 2⁻⁶⁴·bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// From 0 up to 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `count` of the numbers below `bound`, each once, in random order.
    pub(crate) fn choose(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..bound).collect();
        for place in 0..count.min(bound) {
            let other = place + self.below(bound - place);
            numbers.swap(place, other);
        }
        numbers.truncate(count);
        numbers
    }
}
