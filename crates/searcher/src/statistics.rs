//! Counters of the work that queries cost.

use std::time::Duration;

/// The work of one query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchStatistics {
    /// Postings scored.
    pub postings: u64,
    /// Posting lists read: pairs of a term and a window.
    pub lists: u64,
    /// Windows with at least one of the query's terms.
    pub windows: u64,
    /// Windows without any.
    pub windows_skipped: u64,
    /// Blocks of documents scored; the oracle knows none.
    pub blocks: u64,
    /// Blocks left out.
    pub blocks_skipped: u64,
    /// Bytes of postings read; not counted by the oracle.
    pub bytes: u64,
}

impl std::ops::AddAssign for SearchStatistics {
    fn add_assign(&mut self, other: Self) {
        self.postings += other.postings;
        self.lists += other.lists;
        self.windows += other.windows;
        self.windows_skipped += other.windows_skipped;
        self.blocks += other.blocks;
        self.blocks_skipped += other.blocks_skipped;
        self.bytes += other.bytes;
    }
}

/// How long queries took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LatencySummary {
    /// Mean, in microseconds.
    pub mean_us: f64,
    /// Median.
    pub p50_us: f64,
    /// 95 % took at most this.
    pub p95_us: f64,
    /// 99 % took at most this.
    pub p99_us: f64,
    /// 99.9 % took at most this.
    pub p999_us: f64,
}

impl LatencySummary {
    /// Sums up. Percentiles are nearest ranks: the smallest time that the share of queries did not exceed.
    pub fn new(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut us: Vec<f64> = times.into_iter().map(|time| time.as_secs_f64() * 1e6).collect();
        us.sort_by(f64::total_cmp);
        let rank = |share: f64| {
            let rank = (us.len() as f64 * share).ceil() as usize;
            us.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
        };
        let mean_us = if us.is_empty() { 0.0 } else { us.iter().sum::<f64>() / us.len() as f64 };
        Self { mean_us, p50_us: rank(0.5), p95_us: rank(0.95), p99_us: rank(0.99), p999_us: rank(0.999) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_ranks() {
        let summary = LatencySummary::new((1..=200).map(Duration::from_micros));
        assert_eq!((summary.p50_us, summary.p95_us, summary.p99_us), (100.0, 190.0, 198.0));
        assert_eq!(summary.mean_us, 100.5);
        assert_eq!(LatencySummary::new([]), LatencySummary::default());
    }
}
