//! The choice between block-max pruning and term at a time, from what earlier queries have shown.
//!
//! How much pruning leaves out depends on the collection, the order of its documents and k far more
//! than on the query, and shows only once the best are nearly found. So the fraction of postings
//! that it had to score is remembered, and where that is too large, most of the next queries go
//! term at a time. The choice depends on counts, never on timing, so it is reproducible on one
//! thread.

/// Where pruning leaves a larger fraction of the postings to score, scoring all of them is faster.
const MOST_SCORED: f64 = 0.5;
/// The number of first queries that use pruning whether or not it pays.
const TRIALS: u32 = 4;
/// Where pruning does not pay, one query in this many tries it again.
const RETRY: u32 = 32;
/// The number of latest queries that the running mean is over.
const MEAN_OVER: f64 = 16.0;

/// The fraction of postings that block-max pruning left to score.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    /// The depth k and the number of documents that may be found for which the fraction was
    /// observed.
    about: (usize, u64),
    /// The number of queries that used block-max pruning.
    tried: u32,
    /// The mean fraction over the latest of them.
    scored: f64,
    /// The number of queries that went term at a time because pruning did not pay.
    without: u32,
}

impl Policy {
    /// Whether the next query should use block-max pruning, for the best `k` of `documents`
    /// documents that may be found: what is learned under one filter says nothing of others.
    pub(crate) fn tries_block_max(&mut self, k: usize, documents: u64) -> bool {
        if self.about != (k, documents) {
            *self = Self { about: (k, documents), ..Self::default() };
        }
        if self.tried < TRIALS || self.scored <= MOST_SCORED {
            return true;
        }
        self.without += 1;
        self.without.is_multiple_of(RETRY)
    }

    /// Records that a query with block-max pruning scored `scored` of its `of` postings.
    pub(crate) fn learn(&mut self, scored: u64, of: u64) {
        let fraction = scored as f64 / of.max(1) as f64;
        self.tried = self.tried.saturating_add(1);
        self.scored += (fraction - self.scored) / f64::from(self.tried).min(MEAN_OVER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of `queries` that use block-max pruning where it scores `scored` of 100 postings.
    fn tried(policy: &mut Policy, k: usize, scored: u64, queries: usize) -> usize {
        let mut query = || {
            let tries = policy.tries_block_max(k, 1000);
            if tries {
                policy.learn(scored, 100);
            }
            tries
        };
        (0..queries).filter(|_| query()).count()
    }

    #[test]
    fn pruning_that_does_not_pay_is_tried_seldom() {
        let mut policy = Policy::default();
        assert_eq!(tried(&mut policy, 10, 10, 100), 100);
        assert_eq!(tried(&mut policy, 100, 90, 100), 4 + 96 / 32);
        // Another depth is another matter.
        assert_eq!(tried(&mut policy, 10, 10, 100), 100);
    }

    #[test]
    fn what_changes_is_noticed() {
        let mut policy = Policy::default();
        tried(&mut policy, 10, 90, 20);
        let later = tried(&mut policy, 10, 10, 2000);
        assert!(later > 1000, "{later} of 2000");
    }
}
