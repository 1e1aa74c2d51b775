//! The choice between block-max pruning and term at a time, from what earlier queries have shown.
//!
//! How much pruning leaves out depends on the collection, the order of its documents and k far more
//! than on the query, and shows only once the best are nearly found. So the fraction of postings
//! that it had to score is remembered, and where that is too large, most of the next queries go
//! term at a time. The choice depends on counts, never on timing, so it is reproducible on one
//! thread.

/// Where pruning leaves a larger fraction of the postings to score, scoring all of them is faster.
const MOST_SCORED: f64 = 0.5;
/// Queries that try pruning whatever comes of it.
const TRIALS: u32 = 4;
/// Of so many queries in a row that go without pruning, the last tries it again.
const RETRY: u32 = 32;
/// Queries that the running mean follows.
const MEAN_OVER: f64 = 16.0;

/// The fraction of postings that block-max pruning left to score.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    /// Of which depth and number of documents this is.
    about: (usize, u32),
    /// How many queries went by block-max pruning.
    tried: u32,
    /// Mean fraction over the latest of them.
    scored: f64,
    /// Queries without it since.
    without: u32,
}

impl Policy {
    /// Whether the next query for `k` of so many documents should go by block-max pruning.
    pub(crate) fn tries_block_max(&mut self, k: usize, documents: u32) -> bool {
        if self.about != (k, documents) {
            *self = Self { about: (k, documents), ..Self::default() };
        }
        if self.tried < TRIALS || self.scored <= MOST_SCORED {
            return true;
        }
        self.without += 1;
        self.without.is_multiple_of(RETRY)
    }

    /// Takes in how many of a query's postings were scored where it went by block-max pruning.
    pub(crate) fn learn(&mut self, scored: u64, of: u64) {
        let fraction = scored as f64 / of.max(1) as f64;
        self.tried = self.tried.saturating_add(1);
        self.scored += (fraction - self.scored) / f64::from(self.tried).min(MEAN_OVER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `queries` go by block-max pruning where it leaves `scored` of 100 postings.
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
