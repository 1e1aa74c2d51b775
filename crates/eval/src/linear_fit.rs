//! A straight line through points: the cost of one more unit of work, and how sure that is.

use spork_core::Random;

use crate::resampling::Resampling;

/// y = intercept + slope·x, by ordinary least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearFit {
    /// Units of y for one of x.
    pub slope: f64,
    /// The ends of the slope's 95 % interval.
    pub slope_interval: (f64, f64),
    /// y where x is 0.
    pub intercept: f64,
    /// R²: the share of y's variance that the line explains.
    pub r_squared: f64,
}

/// Fits a line to the points `(x, y)`. Its slope's interval comes from a bootstrap over points: as
/// many points are drawn with replacement as there are, once a sample of `resampling`, and the
/// interval leaves out 2.5 % of their slopes at each end. It assumes neither equal nor normal
/// errors: times of queries have neither.
///
/// `None` for fewer than three points, where all x are equal, or where a number is not finite.
pub fn fit_line(points: &[(f64, f64)], resampling: Resampling) -> Option<LinearFit> {
    if points.len() < 3 || points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return None;
    }
    let count = points.len() as f64;
    let x_mean = points.iter().map(|point| point.0).sum::<f64>() / count;
    let y_mean = points.iter().map(|point| point.1).sum::<f64>() / count;
    // Centered, so that sums of squares do not cancel each other.
    let centered: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x - x_mean, y - y_mean)).collect();
    let slope = slope(centered.iter().copied())?;
    let total: f64 = centered.iter().map(|(_, y)| y * y).sum();
    let left: f64 = centered.iter().map(|(x, y)| (y - slope * x).powi(2)).sum();
    Some(LinearFit {
        slope,
        slope_interval: interval(&centered, resampling).unwrap_or((slope, slope)),
        intercept: y_mean - slope * x_mean,
        r_squared: if total > 0.0 { 1.0 - left / total } else { 1.0 },
    })
}

/// The least-squares slope; none where all x are equal.
fn slope(points: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut count, mut xs, mut ys, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in points {
        count += 1.0;
        xs += x;
        ys += y;
        xx += x * x;
        xy += x * y;
    }
    let variance = xx - xs * xs / count;
    // The remainder of rounding where all x are equal is no variance.
    (variance > 1e-12 * xx).then(|| (xy - xs * ys / count) / variance)
}

/// The middle 95 % of the slopes of samples; samples of one x have none.
fn interval(points: &[(f64, f64)], resampling: Resampling) -> Option<(f64, f64)> {
    let mut random = Random::new(resampling.seed);
    let mut slopes: Vec<f64> = (0..resampling.samples)
        .filter_map(|_| slope((0..points.len()).map(|_| points[random.below(points.len())])))
        .collect();
    slopes.sort_by(f64::total_cmp);
    let rank = |share: f64| {
        let rank = (slopes.len() as f64 * share).ceil() as usize;
        slopes.get(rank.saturating_sub(1)).copied()
    };
    Some((rank(0.025)?, rank(0.975)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESAMPLING: Resampling = Resampling { samples: 1000, seed: 0 };

    #[test]
    fn three_points_by_hand() {
        // Means 1 and 2; Sxy = 1, Sxx = 2; residuals -½, 1, -½ of a total of 2. Of the 24 samples
        // with two different x, 6 have slope -1, 12 have ½ and 6 have 2.
        let line = fit_line(&[(0.0, 1.0), (1.0, 3.0), (2.0, 2.0)], RESAMPLING).unwrap();
        assert_eq!((line.slope, line.intercept, line.r_squared), (0.5, 1.5, 0.25));
        let (low, high) = line.slope_interval;
        assert!((low + 1.0).abs() < 1e-12 && (high - 2.0).abs() < 1e-12, "{low} {high}");
    }

    #[test]
    fn points_on_a_line() {
        let points: Vec<(f64, f64)> =
            (0..50).map(|x| (f64::from(x), 3.0 + 2.0 * f64::from(x))).collect();
        let line = fit_line(&points, RESAMPLING).unwrap();
        let (low, high) = line.slope_interval;
        for slope in [line.slope, low, high] {
            assert!((slope - 2.0).abs() < 1e-12, "{slope}");
        }
        assert!((line.intercept - 3.0).abs() < 1e-12 && (line.r_squared - 1.0).abs() < 1e-12);
    }

    /// Far from zero, and against the interval that theory gives for equal normal errors: slope ±
    /// 1.984 · s/√Sxx.
    #[test]
    fn an_interval_near_the_formula() {
        let mut random = Random::new(3);
        let mut normal =
            || (0..12).map(|_| random.next_u64() as f64 / 2f64.powi(64)).sum::<f64>() - 6.0;
        let points: Vec<(f64, f64)> =
            (0..100).map(|i| (1e6 + f64::from(i), 5.0 + 0.25 * f64::from(i) + normal())).collect();
        let line = fit_line(&points, Resampling { samples: 4000, seed: 1 }).unwrap();
        let (low, high) = line.slope_interval;
        let half = 1.984 / 83_325_f64.sqrt();
        assert!((line.slope - 0.25).abs() < 2.0 * half, "{line:?}");
        assert!(low < line.slope && line.slope < high);
        assert!(((high - low) / (2.0 * half) - 1.0).abs() < 0.25, "{line:?}");
        assert_eq!(line, fit_line(&points, Resampling { samples: 4000, seed: 1 }).unwrap());
    }

    #[test]
    fn no_line() {
        for points in [
            vec![],
            vec![(0.0, 1.0), (1.0, 2.0)],
            vec![(0.1, 1.0), (0.1, 2.0), (0.1, 3.0)],
            vec![(0.0, 1.0), (1.0, f64::NAN), (2.0, 1.0)],
        ] {
            assert_eq!(fit_line(&points, RESAMPLING), None, "{points:?}");
        }
    }
}
