//! Which examples a step takes: every example once an epoch, in an order that follows from the
//! seed.

use crate::random::{Purpose, choose, stream};

/// Draws examples.
#[derive(Debug)]
pub(crate) struct Sampler {
    seed: u64,
    examples: usize,
    size: usize,
    /// The order of one epoch, kept until a step of another one comes.
    epoch: Option<(u64, Vec<usize>)>,
}

impl Sampler {
    /// Samples `size` of `examples` examples a step; there is at least one example.
    pub(crate) fn new(seed: u64, examples: usize, size: usize) -> Self {
        Self { seed, examples, size, epoch: None }
    }

    /// The examples of a step, counted from 1.
    pub(crate) fn step(&mut self, step: u64) -> Vec<usize> {
        let first = (step - 1) * self.size as u64;
        (first..first + self.size as u64).map(|draw| self.draw(draw)).collect()
    }

    fn draw(&mut self, draw: u64) -> usize {
        let (epoch, place) = (draw / self.examples as u64, (draw % self.examples as u64) as usize);
        if self.epoch.as_ref().is_none_or(|(known, _)| *known != epoch) {
            let mut random = stream(self.seed, Purpose::Shuffle, epoch);
            self.epoch = Some((epoch, choose(&mut random, self.examples, self.examples)));
        }
        self.epoch.as_ref().and_then(|(_, order)| order.get(place)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_once_an_epoch_and_the_same_after_a_resume() {
        let mut sampler = Sampler::new(7, 10, 4);
        let steps: Vec<Vec<usize>> = (1..=5).map(|step| sampler.step(step)).collect();
        let mut drawn = steps.concat();
        assert_eq!(Sampler::new(7, 10, 4).step(4), steps[3]);
        assert_ne!(Sampler::new(8, 10, 4).step(1), steps[0]);
        for epoch in drawn.chunks_mut(10) {
            epoch.sort_unstable();
            assert_eq!(epoch, (0..10).collect::<Vec<_>>());
        }
    }
}
