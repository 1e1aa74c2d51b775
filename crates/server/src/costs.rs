//! What a search will cost, predicted before it runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The largest k of each class of searches: the deeper, the fewer blocks are skipped.
const CLASSES: [usize; 3] = [16, 128, 1024];
/// What a search costs beside its postings, in nanoseconds.
const BASE: u64 = 15_000;
/// Picoseconds a posting before anything is known.
const FIRST: u64 = 1_000;
/// Searches that a mean is over.
const MEAN_OVER: u64 = 16;
/// How many times its prediction a search counts at most: one that waited for pages of a small list
/// says little about others.
const MOST: u64 = 8;

/// The time that a posting of a query takes, learned from searches of one index. A query's
/// postings, Σ df of its terms, are known from its lists' headers; how many of them are skipped
/// depends on the collection and on k, and is part of the mean.
#[derive(Debug)]
pub(crate) struct Costs([AtomicU64; CLASSES.len() + 1]);

impl Default for Costs {
    fn default() -> Self {
        Self([const { AtomicU64::new(FIRST) }; CLASSES.len() + 1])
    }
}

impl Costs {
    /// The time of a search that is to score so many postings.
    pub(crate) fn predict(&self, postings: u64, k: usize) -> Duration {
        let picoseconds = postings.saturating_mul(self.of(k).load(Ordering::Relaxed));
        Duration::from_nanos(BASE + picoseconds / 1000)
    }

    /// Takes into account what a search took. One that a deadline cut short shows how much it would
    /// have taken at least.
    pub(crate) fn learn(&self, postings: u64, k: usize, took: Duration, cut_short: bool) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).saturating_sub(BASE);
        let seen = nanos.saturating_mul(1000) / postings.max(1);
        let mean = self.of(k);
        let known = mean.load(Ordering::Relaxed);
        if cut_short && seen < known {
            return;
        }
        let seen = seen.min(known.saturating_mul(MOST));
        // Searches that run at the same time may overwrite each other: it is a mean of many.
        mean.store((known * (MEAN_OVER - 1) + seen) / MEAN_OVER, Ordering::Relaxed);
    }

    fn of(&self, k: usize) -> &AtomicU64 {
        &self.0[CLASSES.iter().filter(|&&most| most < k).count()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_predicted() {
        let costs = Costs::default();
        for _ in 0..200 {
            costs.learn(1_000_000, 10, Duration::from_millis(3), false);
        }
        let predicted = costs.predict(2_000_000, 10);
        assert!((5_000..7_000).contains(&predicted.as_micros()), "{predicted:?}");
        // A search of few postings that had to wait is an exception.
        costs.learn(100, 10, Duration::from_millis(20), false);
        assert!(costs.predict(2_000_000, 10) < predicted * 2);
        let predicted = costs.predict(2_000_000, 10);
        // Another depth is another matter.
        assert!(costs.predict(2_000_000, 1000) < Duration::from_millis(3));
        costs.learn(1_000_000, 10, Duration::from_micros(1), true);
        assert_eq!(costs.predict(2_000_000, 10), predicted);
    }
}
