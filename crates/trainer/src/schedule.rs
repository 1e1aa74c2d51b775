//! How learning rate and λ change with the steps, which count from 1.

/// Linear warm-up to the peak, then linear decay. The first step already learns, and so does the
/// last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRate {
    /// The largest rate, reached at step `warmup`.
    pub peak: f64,
    /// Steps of warm-up.
    pub warmup: u64,
    /// Steps in all; step `steps + 1` would have rate 0.
    pub steps: u64,
}

impl LearningRate {
    /// The rate of one step: peak·step/warmup, then peak·(steps + 1 − step)/(steps + 1 − warmup).
    pub fn at(&self, step: u64) -> f64 {
        if step < self.warmup {
            return self.peak * step as f64 / self.warmup as f64;
        }
        let (last, warmup) = (self.steps + 1, self.warmup.max(1));
        self.peak * last.saturating_sub(step) as f64 / last.saturating_sub(warmup).max(1) as f64
    }
}

/// λₜ = λ·(min(t, T)/T)²: regularization sets in once the ranking has begun to be learned (Formal
/// et al. 2021). With T = 0 it is λ from the start.
pub fn quadratic_warmup(lambda: f64, step: u64, warmup: u64) -> f64 {
    if warmup == 0 {
        return lambda;
    }
    let share = step.min(warmup) as f64 / warmup as f64;
    lambda * share * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_and_falls_in_lines() {
        let rate = LearningRate { peak: 1.0, warmup: 4, steps: 8 };
        let rates: Vec<f64> = (1..=9).map(|step| rate.at(step)).collect();
        assert_eq!(rates, [0.25, 0.5, 0.75, 1.0, 0.8, 0.6, 0.4, 0.2, 0.0]);
        let unwarmed = LearningRate { warmup: 0, ..rate };
        assert_eq!(unwarmed.at(1), 1.0);
        assert_eq!(unwarmed.at(9), 0.0);
        assert!(LearningRate { peak: 1.0, warmup: 9, steps: 3 }.at(3) < 1.0);
    }

    #[test]
    fn lambda_grows_as_a_square() {
        assert_eq!(quadratic_warmup(2.0, 5, 10), 0.5);
        assert_eq!(quadratic_warmup(2.0, 20, 10), 2.0);
        assert_eq!(quadratic_warmup(2.0, 1, 0), 2.0);
    }
}
