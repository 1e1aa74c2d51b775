//! The best k of a stream of scored documents.

use crate::DocId;

/// A ranked document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The document.
    pub docid: DocId,
    /// Its score: Σ query weight × impact over the terms they share, in integers.
    pub score: u32,
}

/// Collects the k best hits: score descending, docid ascending among equals.
///
/// A buffer of 2k is filled and then cut back to the best k in linear time, so that a push costs a
/// comparison and, amortised, a constant.
#[derive(Debug, Default)]
pub struct TopK {
    k: usize,
    /// Score in the upper half, inverted docid in the lower: a larger key is a better hit.
    keys: Vec<u64>,
    /// Only keys above this can still be among the best k.
    floor: u64,
}

impl TopK {
    /// Collects `k` hits. A `k` beyond the number of documents costs no more than that number.
    pub fn new(k: usize) -> Self {
        Self { k, keys: Vec::new(), floor: 0 }
    }

    /// Empties the collector for another query.
    pub fn reset(&mut self, k: usize) {
        self.k = k;
        self.keys.clear();
        self.floor = 0;
    }

    /// A score that a document with a docid above all those pushed must exceed to enter.
    pub fn threshold(&self) -> u32 {
        if self.k == 0 { u32::MAX } else { (self.floor >> 32) as u32 }
    }

    /// Brings [`Self::threshold`] up to date; it lags behind by up to k hits otherwise.
    pub fn tighten(&mut self) {
        if self.k > 0 && self.keys.len() >= self.k {
            self.cut();
        }
    }

    /// Offers a hit. Scores of zero are no hits.
    #[inline]
    pub fn push(&mut self, docid: DocId, score: u32) {
        let key = u64::from(score) << 32 | u64::from(!docid.0);
        if key > self.floor && score > 0 && self.k > 0 {
            self.keys.push(key);
            if self.keys.len() >= self.k.saturating_mul(2) {
                self.cut();
            }
        }
    }

    #[cold]
    fn cut(&mut self) {
        let worst_kept = self.k - 1;
        let (_, floor, _) = self.keys.select_nth_unstable_by(worst_kept, |a, b| b.cmp(a));
        self.floor = *floor;
        self.keys.truncate(self.k);
    }

    /// The hits in rank order; the collector is empty afterwards and keeps its memory.
    pub fn drain_ranked(&mut self) -> Vec<Hit> {
        self.keys.sort_unstable_by(|a, b| b.cmp(a));
        self.keys.truncate(self.k);
        let hits = self
            .keys
            .iter()
            .map(|&key| Hit { docid: DocId(!(key as u32)), score: (key >> 32) as u32 })
            .collect();
        self.keys.clear();
        self.floor = 0;
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_sorting_everything(scores in prop::collection::vec(0u32..20, 0..200), k in 0usize..40) {
            let mut top = TopK::new(k);
            let mut all = Vec::new();
            for (docid, &score) in scores.iter().enumerate() {
                let docid = DocId(docid as u32);
                if score > 0 {
                    all.push(Hit { docid, score });
                }
                if score > top.threshold() {
                    top.push(docid, score);
                }
            }
            all.sort_by(|a, b| b.score.cmp(&a.score).then(a.docid.cmp(&b.docid)));
            all.truncate(k);
            prop_assert_eq!(top.drain_ranked(), all);
        }
    }

    #[test]
    fn order_of_arrival_does_not_matter() {
        let mut top = TopK::new(2);
        for docid in [9, 3, 7, 1, 8] {
            top.push(DocId(docid), 5);
        }
        let docids: Vec<u32> = top.drain_ranked().iter().map(|hit| hit.docid.0).collect();
        assert_eq!(docids, [1, 3]);
    }

    #[test]
    fn largest_k_and_score() {
        let mut top = TopK::new(usize::MAX);
        top.push(DocId(0), u32::MAX);
        assert_eq!(top.drain_ranked(), [Hit { docid: DocId(0), score: u32::MAX }]);
    }
}
