//! The best documents over segments.

use spork_core::Hit;
use spork_index::Index;

use crate::Result;
use crate::exhaustive::ranked;

/// The best `k` documents of the segments searched so far.
#[derive(Debug, Default)]
pub(crate) struct Best {
    k: usize,
    hits: Vec<Hit>,
    /// Segments that gave hits.
    segments: usize,
    scores: Vec<u32>,
}

impl Best {
    pub(crate) fn new(k: usize) -> Self {
        Self { k, ..Self::default() }
    }

    /// Adds the best of a segment, in rank order.
    pub(crate) fn add(&mut self, hits: Vec<Hit>) {
        if hits.is_empty() {
            return;
        }
        self.segments += 1;
        if self.segments == 1 { self.hits = hits } else { self.hits.extend(hits) }
    }

    /// The k-th best score so far, 0 while there are fewer.
    pub(crate) fn threshold(&mut self) -> u32 {
        let Some(place) = self.k.checked_sub(1).filter(|&place| place < self.hits.len()) else {
            return 0;
        };
        if self.segments == 1 {
            return self.hits[place].score;
        }
        self.scores.clear();
        self.scores.extend(self.hits.iter().map(|hit| hit.score));
        let (_, &mut score, _) = self.scores.select_nth_unstable_by(place, |a, b| b.cmp(a));
        score
    }

    /// All of them, in rank order.
    pub(crate) fn finish(mut self, index: &Index) -> Result<Vec<Hit>> {
        if self.segments <= 1 {
            return Ok(self.hits);
        }
        // Names are looked up of the documents that may be among the best only.
        let threshold = self.threshold();
        self.hits.retain(|hit| hit.score >= threshold);
        ranked(index, self.hits, self.k)
    }
}
