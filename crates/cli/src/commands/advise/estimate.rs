//! Means with their intervals.

use serde::Serialize;
use spork_core::Random;

const SAMPLES: usize = 1000;
const SEED: u64 = 1;

/// A mean over the queries, and the ends of its 95 % interval: a bootstrap over the queries, always
/// the same samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Estimate {
    /// Of a value a query; zeros of none.
    pub(super) fn of(values: &[f64]) -> Self {
        let mut random = Random::new(SEED);
        let count = values.len().max(1) as f64;
        let mut means: Vec<f64> = (0..SAMPLES)
            .map(|_| {
                let draw =
                    |_| values.get(random.below(values.len().max(1))).copied().unwrap_or(0.0);
                (0..values.len()).map(draw).sum::<f64>() / count
            })
            .collect();
        means.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| means[((SAMPLES - 1) as f64 * share).round() as usize];
        Self { mean: values.iter().sum::<f64>() / count, low: at(0.025), high: at(0.975) }
    }

    /// Half the interval.
    pub(super) fn spread(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_its_mean_and_narrows_with_more_queries() {
        let values = |count: usize| (0..count).map(|i| (i % 2) as f64).collect::<Vec<_>>();
        let (few, many) = (Estimate::of(&values(20)), Estimate::of(&values(2000)));
        for estimate in [few, many] {
            assert_eq!(estimate.mean, 0.5);
            assert!(estimate.low < 0.5 && estimate.high > 0.5);
        }
        // Ten times as many queries a tenth of the variance.
        assert!((few.spread() / many.spread() / 10.0 - 1.0).abs() < 0.25);
        assert_eq!(Estimate::of(&[3.0; 5]), Estimate { mean: 3.0, low: 3.0, high: 3.0 });
        assert_eq!(Estimate::of(&[]).mean, 0.0);
    }
}
