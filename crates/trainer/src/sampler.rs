//! Which examples a step takes: every example once an epoch, in an order that follows from the
//! seed.

use crate::random::{Purpose, choose, stream};

/// Examples whose queries are near each other and come in a batch together (topic-aware sampling,
/// Hofstätter et al. 2021): each other's hard negatives.
#[derive(Clone, Debug)]
pub(crate) struct Topics {
    /// The topic of each example.
    of: Vec<usize>,
    /// The examples of each topic.
    members: Vec<Vec<usize>>,
    /// How many examples of one topic follow one another.
    run: usize,
}

impl Topics {
    /// The topic of each example, and how many examples of one topic follow one another.
    pub(crate) fn new(of: Vec<usize>, run: usize) -> Self {
        let mut members = vec![Vec::new(); of.iter().max().map_or(0, |most| most + 1)];
        for (example, &topic) in of.iter().enumerate() {
            if let Some(members) = members.get_mut(topic) {
                members.push(example);
            }
        }
        Self { of, members, run }
    }

    /// The examples of the topic of one, itself included.
    fn members(&self, example: usize) -> &[usize] {
        let topic = self.of.get(example).and_then(|&topic| self.members.get(topic));
        topic.map_or(&[], Vec::as_slice)
    }

    /// The examples, which are in random order, in runs of one topic each. What is left of a topic
    /// is a shorter run.
    fn gather(&self, shuffled: &[usize]) -> Vec<Vec<usize>> {
        let mut open = vec![Vec::new(); self.members.len()];
        let mut runs = Vec::new();
        for &example in shuffled {
            let Some(run) = self.of.get(example).and_then(|&topic| open.get_mut(topic)) else {
                continue;
            };
            run.push(example);
            if run.len() == self.run {
                runs.push(std::mem::take(run));
            }
        }
        runs.extend(open.into_iter().filter(|run| !run.is_empty()));
        runs
    }
}

/// Draws examples.
#[derive(Debug)]
pub(crate) struct Sampler {
    seed: u64,
    examples: usize,
    size: usize,
    topics: Option<Topics>,
    /// The order of one epoch, kept until a step of another one comes.
    epoch: Option<(u64, Vec<usize>)>,
}

impl Sampler {
    /// Samples `size` of `examples` examples a step, by topics if there are; there is at least one
    /// example.
    pub(crate) fn new(seed: u64, examples: usize, size: usize, topics: Option<Topics>) -> Self {
        Self { seed, examples, size, topics, epoch: None }
    }

    /// The examples of a step, counted from 1.
    pub(crate) fn step(&mut self, step: u64) -> Vec<usize> {
        let first = (step - 1) * self.size as u64;
        (first..first + self.size as u64).map(|draw| self.draw(draw)).collect()
    }

    /// Examples of the same topics as those of a step, `each` for each of them.
    pub(crate) fn neighbors(&self, step: u64, of: &[usize], each: usize) -> Vec<usize> {
        let mut random = stream(self.seed, Purpose::Neighbors, step);
        let mut drawn = Vec::new();
        for members in self.topics.iter().flat_map(|t| of.iter().map(|&example| t.members(example)))
        {
            let chosen = choose(&mut random, each, members.len());
            drawn.extend(chosen.into_iter().filter_map(|place| members.get(place)));
        }
        drawn
    }

    fn draw(&mut self, draw: u64) -> usize {
        let (epoch, place) = (draw / self.examples as u64, (draw % self.examples as u64) as usize);
        if self.epoch.as_ref().is_none_or(|(known, _)| *known != epoch) {
            self.epoch = Some((epoch, self.order(epoch)));
        }
        self.epoch.as_ref().and_then(|(_, order)| order.get(place)).copied().unwrap_or(0)
    }

    /// The order of the examples of an epoch.
    fn order(&self, epoch: u64) -> Vec<usize> {
        let mut random = stream(self.seed, Purpose::Shuffle, epoch);
        let shuffled = choose(&mut random, self.examples, self.examples);
        let Some(topics) = &self.topics else { return shuffled };
        let runs = topics.gather(&shuffled);
        let order = choose(&mut random, runs.len(), runs.len());
        order.into_iter().filter_map(|run| runs.get(run)).flatten().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_once_an_epoch_and_the_same_after_a_resume() {
        let mut sampler = Sampler::new(7, 10, 4, None);
        let steps: Vec<Vec<usize>> = (1..=5).map(|step| sampler.step(step)).collect();
        let mut drawn = steps.concat();
        assert_eq!(Sampler::new(7, 10, 4, None).step(4), steps[3]);
        assert_ne!(Sampler::new(8, 10, 4, None).step(1), steps[0]);
        for epoch in drawn.chunks_mut(10) {
            epoch.sort_unstable();
            assert_eq!(epoch, (0..10).collect::<Vec<_>>());
        }
    }
    #[test]
    fn examples_of_a_topic_follow_one_another_in_short_runs() {
        // 7 examples of the first topic, 5 of the second.
        let topics = Topics::new(vec![0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1], 3);
        let mut sampler = Sampler::new(7, 12, 6, Some(topics.clone()));
        let order = sampler.step(1).into_iter().chain(sampler.step(2)).collect::<Vec<_>>();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..12).collect::<Vec<_>>());
        let mut runs: Vec<usize> = topics.gather(&order).iter().map(Vec::len).collect();
        runs.sort_unstable();
        assert_eq!(runs, [1, 2, 3, 3, 3]);
        let changes = order.windows(2).filter(|pair| topics.of[pair[0]] != topics.of[pair[1]]);
        assert!(changes.count() <= 4, "{order:?}");
        let near = sampler.neighbors(1, &[0, 2], 4);
        assert_eq!(near, sampler.neighbors(1, &[0, 2], 4));
        assert_eq!(near.iter().map(|&example| topics.of[example]).sum::<usize>(), 4);
        assert_eq!(near.len(), 8);
    }
}
