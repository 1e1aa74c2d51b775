//! How long queries took.

use std::time::Duration;

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
    /// Sums up. Percentiles are nearest ranks: the smallest time that the share of queries did not
    /// exceed.
    pub fn new(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut us: Vec<f64> = times.into_iter().map(|time| time.as_secs_f64() * 1e6).collect();
        us.sort_by(f64::total_cmp);
        let rank = |share: f64| {
            let rank = (us.len() as f64 * share).ceil() as usize;
            us.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
        };
        let mean_us = if us.is_empty() { 0.0 } else { us.iter().sum::<f64>() / us.len() as f64 };
        Self {
            mean_us,
            p50_us: rank(0.5),
            p95_us: rank(0.95),
            p99_us: rank(0.99),
            p999_us: rank(0.999),
        }
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
