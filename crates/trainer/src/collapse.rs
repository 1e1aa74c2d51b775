//! Collapse: vectors that are all zero, all active or NaN end the run with advice.

use crate::error::{Result, TrainError};

/// Steps in a row that must look collapsed: a single batch may be odd.
const PATIENCE: u32 = 20;
/// Steps that may be dense: a model may start so, and has this time to become sparse.
const GRACE: u64 = 200;

/// Watches the vectors of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct CollapseWatch {
    empty: u32,
    full: u32,
}

/// The figures of a step that tell a collapse.
pub(crate) struct StepHealth {
    pub(crate) loss: f64,
    /// Share of texts without any term.
    pub(crate) empty_share: f64,
    /// Mean terms a document, as a share of the vocabulary.
    pub(crate) active_share: f64,
}

impl CollapseWatch {
    /// Takes in a step.
    ///
    /// # Errors
    /// The vectors have collapsed.
    pub(crate) fn check(&mut self, step: u64, health: &StepHealth) -> Result<()> {
        let collapsed = |what: String| Err(TrainError::Collapse { step, what });
        if !health.loss.is_finite() {
            return collapsed(format!(
                "the loss is {}; lower optimizer.learning_rate, or give it a longer warm-up",
                health.loss
            ));
        }
        self.empty = if health.empty_share > 0.5 { self.empty + 1 } else { 0 };
        self.full = if step > GRACE && health.active_share > 0.5 { self.full + 1 } else { 0 };
        if self.empty >= PATIENCE {
            return collapsed(format!(
                "{:.0} % of the vectors have had no term for {PATIENCE} steps; lower lambda, \
                 lengthen its warm-up, or lower optimizer.learning_rate",
                100.0 * health.empty_share
            ));
        }
        if self.full >= PATIENCE {
            return collapsed(format!(
                "documents have had {:.0} % of all terms for {PATIENCE} steps; raise lambda, \
                 shorten its warm-up, or set model.start_terms",
                100.0 * health.active_share
            ));
        }
        Ok(())
    }
}
