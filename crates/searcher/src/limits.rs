//! Limits of an approximate search, and the certificate on the documents that it left out.

use std::time::{Duration, Instant};

use crate::SearchStatistics;

/// Where block-max pruning may stop short of the exact answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Bounds are multiplied by this, from 0 to 1: below 1, blocks whose bounds exceed the k-th
    /// best score by little are left out too (the α of block-max pruning, Mallia, Suel and
    /// Tonellotto, SIGIR 2024).
    pub alpha: f32,
    /// No more blocks are scored once that many postings have been.
    pub postings: u64,
    /// No more blocks are scored once the search has taken that long. Where that suffices to score
    /// everything on a slow machine, the search is as if there were no such limit: to score the
    /// best blocks first is slower than to score all.
    pub time: Duration,
}

/// Nanoseconds that a slow machine takes for a posting, and for a document of the collection.
const SLOW_POSTING: u64 = 5;
const SLOW_DOCUMENT: u64 = 1;

/// A bound on the scores of the documents that a search did not score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificate {
    /// None of them is among the best k.
    #[default]
    Exact,
    /// None of them has a score above this, which may be enough to be among the best k.
    AtMost(u32),
}

impl Default for Limits {
    /// No limits: the answer is exact.
    fn default() -> Self {
        Self { alpha: 1.0, postings: u64::MAX, time: Duration::MAX }
    }
}

impl Certificate {
    /// The certificate where the documents that were left out score at most `unseen`, and the k-th
    /// best score is `threshold`, 0 if there are fewer than k.
    pub fn new(unseen: u32, threshold: u32) -> Self {
        // A document with just that score ranks above the k-th if its docno is larger.
        if unseen > 0 && unseen >= threshold { Self::AtMost(unseen) } else { Self::Exact }
    }
}

impl Limits {
    /// Whether no limit is set.
    pub fn is_exact(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the work is limited, so that the order of it matters.
    pub(crate) fn limit_effort(&self) -> bool {
        self.postings < u64::MAX || self.time < Duration::MAX
    }

    /// The limits that matter to a search that began at `start`, for so many postings in a
    /// collection of so many documents.
    pub(crate) fn of_search(&self, start: Instant, postings: u64, documents: u64) -> Self {
        if self.time == Duration::MAX {
            return *self;
        }
        let nanos = postings.saturating_mul(SLOW_POSTING);
        let nanos = nanos.saturating_add(documents.saturating_mul(SLOW_DOCUMENT));
        let suffices = self.time.saturating_sub(start.elapsed()) > Duration::from_nanos(nanos);
        Self { time: if suffices { Duration::MAX } else { self.time }, ..*self }
    }

    /// The bound from which a block is scored where the k-th best score is `threshold`.
    pub(crate) fn least_bound(&self, threshold: u32) -> u32 {
        // Saturates, and is 1 at least: a block with a bound of 0 holds nothing.
        ((f64::from(threshold) / f64::from(self.alpha)).ceil() as u32).max(1)
    }

    /// Whether no more may be spent.
    pub(crate) fn reached(&self, start: Instant, statistics: &SearchStatistics) -> bool {
        statistics.postings >= self.postings
            || (self.time < Duration::MAX && start.elapsed() >= self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_for_everything_is_no_limit() {
        let limits = Limits { time: Duration::from_millis(10), ..Limits::default() };
        let now = Instant::now();
        assert!(limits.of_search(now, 1_000_000, 1_000_000).is_exact());
        assert_eq!(limits.of_search(now, 2_000_000, 1_000_000), limits);
        assert_eq!(limits.of_search(now, 0, 10_000_000), limits);
        let both = Limits { postings: 9, ..limits };
        assert_eq!(both.of_search(now, 1, 1), Limits { time: Duration::MAX, ..both });
        let none = Limits { time: Duration::ZERO, ..Limits::default() };
        assert_eq!(none.of_search(now, 0, 0), none);
    }

    #[test]
    fn least_bounds() {
        let at = |alpha| Limits { alpha, ..Limits::default() };
        assert_eq!(at(1.0).least_bound(7), 7);
        assert_eq!(at(1.0).least_bound(0), 1);
        assert_eq!(at(0.5).least_bound(7), 14);
        assert_eq!(at(0.3).least_bound(7), 24);
        assert_eq!(at(0.0).least_bound(7), u32::MAX);
        assert_eq!(at(0.0).least_bound(0), 1);
    }
}
