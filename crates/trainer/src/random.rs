//! Random numbers that follow from seed and step alone, so that a resumed run draws what it would
//! have drawn.

use spork_core::Random;

/// The use of random numbers: two purposes never share a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Shuffle = 1,
    Negatives = 2,
    Dropout = 3,
    Mask = 4,
    Head = 5,
    Step = 6,
    Topics = 7,
    Neighbors = 8,
}

/// The stream of one `part` (an epoch, a step, a piece of a batch) of a purpose.
pub(crate) fn stream(seed: u64, purpose: Purpose, part: u64) -> Random {
    let mixed = Random::new(seed).next_u64() ^ purpose as u64;
    let mixed = Random::new(mixed).next_u64() ^ part;
    let mut stream = Random::new(mixed);
    stream.next_u64();
    stream
}

/// A seed for libtorch's own generator, of one part of a purpose.
pub(crate) fn torch_seed(seed: u64, purpose: Purpose, part: u64) -> i64 {
    stream(seed, purpose, part).next_u64() as i64
}

/// `count` of the numbers below `bound`, each once, in random order.
pub(crate) fn choose(random: &mut Random, count: usize, bound: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..bound).collect();
    random.sample(&mut numbers, count);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run resumed from a checkpoint of an earlier version continues as it would have then.
    #[test]
    fn streams_stay_the_same() {
        let mut random = stream(7, Purpose::Negatives, 12);
        assert_eq!(random.next_u64(), 13_299_078_114_594_556_620);
        assert_eq!(choose(&mut random, 4, 10), [1, 4, 0, 9]);
        assert_ne!(
            stream(7, Purpose::Mask, 12).next_u64(),
            stream(7, Purpose::Negatives, 12).next_u64()
        );
    }
}
