//! The best k of a stream of scored things.

use std::marker::PhantomData;

use crate::DocId;

/// A ranked document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The document.
    pub docid: DocId,
    /// Its score: Σ query weight × impact over the terms they share, in integers.
    pub score: u32,
}

impl From<(DocId, u32)> for Hit {
    fn from((docid, score): (DocId, u32)) -> Self {
        Self { docid, score }
    }
}

/// A key that a [`TopK`] can rank: anything that is a number.
pub trait RankKey: Copy {
    /// The number; of equal scores, the lower one is better.
    fn number(self) -> u32;
    /// The key of a number that [`number`](Self::number) gave.
    fn from_number(number: u32) -> Self;
}

impl RankKey for DocId {
    #[inline]
    fn number(self) -> u32 {
        self.0
    }

    #[inline]
    fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// Collects the k best: score descending, key ascending among equals.
///
/// A buffer of 2k is filled and then cut back to the best k in linear time, so that a push costs a
/// comparison and, amortized, a constant.
#[derive(Debug)]
pub struct TopK<K> {
    k: usize,
    /// Score in the upper half, inverted number in the lower: a larger entry is better.
    entries: Vec<u64>,
    /// Only entries from this on can still be among the best k.
    floor: u64,
    key: PhantomData<K>,
}

impl<K> Default for TopK<K> {
    fn default() -> Self {
        Self { k: 0, entries: Vec::new(), floor: 0, key: PhantomData }
    }
}

impl<K: RankKey> TopK<K> {
    /// Collects the best `k`. A `k` beyond what is pushed costs no more than what is pushed.
    pub fn new(k: usize) -> Self {
        Self { k, ..Self::default() }
    }

    /// Empties the collector for another query.
    pub fn reset(&mut self, k: usize) {
        self.k = k;
        self.entries.clear();
        self.floor = 0;
    }

    /// The k-th best score so far, 0 while there are fewer: a key with a lower one can't enter, and
    /// one with just that score only if it is better than the k-th.
    pub fn threshold(&self) -> u32 {
        if self.k == 0 { u32::MAX } else { (self.floor >> 32) as u32 }
    }

    /// Offers a key with its score. A score of zero never enters.
    #[inline]
    pub fn push(&mut self, key: K, score: u32) {
        let entry = u64::from(score) << 32 | u64::from(!key.number());
        if entry >= self.floor && score > 0 && self.k > 0 {
            self.entries.push(entry);
            if self.entries.len() >= self.k.saturating_mul(2) {
                self.cut();
            }
        }
    }

    #[cold]
    fn cut(&mut self) {
        let worst_kept = self.k - 1;
        let (_, floor, _) = self.entries.select_nth_unstable_by(worst_kept, |a, b| b.cmp(a));
        self.floor = *floor;
        self.entries.truncate(self.k);
    }

    /// The best, in rank order; the collector is empty afterwards and keeps its memory.
    pub fn drain_ranked<R: From<(K, u32)>>(&mut self) -> Vec<R> {
        self.entries.sort_unstable_by(|a, b| b.cmp(a));
        self.entries.truncate(self.k);
        self.floor = 0;
        let ranked = |entry| (K::from_number(!(entry as u32)), (entry >> 32) as u32).into();
        self.entries.drain(..).map(ranked).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_sorting_everything(scores in prop::collection::vec(0u32..20, 0..200), k in 0usize..40) {
            let mut top = TopK::<DocId>::new(k);
            let mut all = Vec::new();
            for (docid, &score) in scores.iter().enumerate() {
                let docid = DocId(docid as u32);
                if score > 0 {
                    all.push(Hit { docid, score });
                }
                if score >= top.threshold() {
                    top.push(docid, score);
                }
            }
            all.sort_by(|a, b| b.score.cmp(&a.score).then(a.docid.cmp(&b.docid)));
            all.truncate(k);
            prop_assert_eq!(top.drain_ranked::<Hit>(), all);
        }
    }

    #[test]
    fn order_of_arrival_does_not_matter() {
        let mut top = TopK::<DocId>::new(2);
        for docid in [9, 3, 7, 1, 8] {
            top.push(DocId(docid), 5);
        }
        let docids: Vec<u32> = top.drain_ranked::<Hit>().iter().map(|hit| hit.docid.0).collect();
        assert_eq!(docids, [1, 3]);
    }

    #[test]
    fn largest_k_and_score() {
        let mut top = TopK::<DocId>::new(usize::MAX);
        top.push(DocId(0), u32::MAX);
        assert_eq!(top.drain_ranked::<Hit>(), [Hit { docid: DocId(0), score: u32::MAX }]);
    }
}
