//! Training to a budget: a controller sets λ so that vectors meet a target length or FLOPS.
//!
//! A λ means something else for every model, data set and loss; a length does not. Each step
//! compares the measured figure, smoothed, with the target, and moves log λ: by an integral part,
//! which finds the λ that holds the target, and a proportional part, which damps it. A term that
//! has died takes long to come back, so the target must not be overshot: it is approached in even
//! steps from where the vectors start, and the error is cut, so that λ does not run away before the
//! network has had time to follow.

use serde::{Deserialize, Serialize};

/// The gain of log λ a step at an error of 1 (a factor of e).
const INTEGRAL: f64 = 0.02;
/// How many times as fast log λ falls below the aim as it rises above it: dead terms come back
/// slowly.
const RELIEF: f64 = 3.0;
/// The shift of log λ at an error of 1, for this step alone.
const PROPORTIONAL: f64 = 3.0;
/// The largest error that counts.
const LARGEST_ERROR: f64 = 1.0;
/// How much of the smoothed figure stays each step.
const MEMORY: f64 = 0.8;
/// log λ never leaves its start by more.
const REACH: f64 = 12.0;

/// Steers one λ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Controller {
    target: f64,
    start: f64,
    /// Steps over which the target is approached.
    approach: u64,
    /// The figure of the first step.
    first: Option<f64>,
    steps: u64,
    integral: f64,
    smoothed: Option<f64>,
}

impl Controller {
    /// Towards `target` over `approach` steps, from λ = `start`; target and start are above 0.
    pub fn new(target: f64, start: f64, approach: u64) -> Self {
        Self { target, start, approach, first: None, steps: 0, integral: 0.0, smoothed: None }
    }

    /// The λ for the next step.
    pub fn lambda(&self) -> f64 {
        let proportional = self.error() * PROPORTIONAL;
        self.start * (self.integral + proportional).clamp(-REACH, REACH).exp()
    }

    /// Takes in what the last step measured.
    pub fn observe(&mut self, measured: f64) {
        self.first.get_or_insert(measured);
        self.steps += 1;
        let before = self.smoothed.unwrap_or(measured);
        self.smoothed = Some(before * MEMORY + measured * (1.0 - MEMORY));
        let gain = if self.error() < 0.0 { INTEGRAL * RELIEF } else { INTEGRAL };
        self.integral = (self.integral + gain * self.error()).clamp(-REACH, REACH);
    }

    /// The figure that vectors should have now.
    fn aim(&self) -> f64 {
        let left = 1.0 - self.steps as f64 / self.approach.max(1) as f64;
        let far = self.first.map_or(1.0, |first| (first / self.target).max(1.0));
        self.target * far.powf(left.max(0.0))
    }

    /// log(measured / aim), cut.
    fn error(&self) -> f64 {
        let ratio = self.smoothed.map_or(1.0, |smoothed| smoothed.max(1e-9) / self.aim());
        ratio.ln().clamp(-LARGEST_ERROR, LARGEST_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plant whose length answers λ with some delay, as a network does.
    fn settle(target: f64, start: f64, gain: f64) -> f64 {
        let mut controller = Controller::new(target, start, 500);
        let mut log_length: f64 = 8.0;
        for _ in 0..2_000 {
            let wanted = 3.0 - gain * controller.lambda().ln();
            log_length += 0.02 * (wanted - log_length);
            controller.observe(log_length.exp());
        }
        log_length.exp()
    }

    #[test]
    fn finds_the_lambda_that_holds_the_target() {
        for (target, start, gain) in [(100.0, 1e-3, 0.5), (20.0, 1.0, 1.0), (400.0, 1e-5, 0.3)] {
            let settled = settle(target, start, gain);
            assert!((settled / target - 1.0).abs() < 0.1, "{settled} for {target}");
        }
    }
}
