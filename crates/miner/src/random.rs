//! Random numbers that follow from the seed and a line's number alone.

use spork_core::Random;

/// The stream of one line. Seed and line are mixed one after the other, so that they can't be
/// exchanged.
pub(crate) fn stream_of_line(seed: u64, line: u64) -> Random {
    let mixed = Random::new(seed).next_u64() ^ line;
    Random::new(Random::new(mixed).next_u64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seed: u64, line: u64) -> Vec<usize> {
        let mut items: Vec<usize> = (0..100).collect();
        stream_of_line(seed, line).sample(&mut items, 5);
        items
    }

    #[test]
    fn seed_and_line_determine_the_sample() {
        assert_eq!(sample(1, 2), sample(1, 2));
        for (seed, line) in [(1, 3), (2, 2), (2, 1)] {
            assert_ne!(sample(1, 2), sample(seed, line));
        }
    }

    /// A mined file can be made again years later.
    #[test]
    fn the_stream_of_a_line_stays_the_same() {
        assert_eq!(sample(7, 3), [60, 90, 35, 82, 85]);
    }
}
