//! Alarms: vectors that are all zero, all active, or no numbers end the run with advice.

use crate::error::{Result, TrainError};

/// Steps in a row that must look collapsed: one batch may be odd, …
const PATIENCE: u32 = 20;
/// … but a model may start dense, and is given time to become sparse.
const GRACE: u64 = 200;

/// Watches the vectors of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    empty: u32,
    full: u32,
}

/// What a step showed.
pub(crate) struct Seen {
    pub(crate) loss: f64,
    /// Share of texts without any term.
    pub(crate) empty_share: f64,
    /// Mean terms a document, as a share of the vocabulary.
    pub(crate) active_share: f64,
}

impl Watch {
    /// # Errors
    /// The vectors have collapsed.
    pub(crate) fn look(&mut self, step: u64, seen: &Seen) -> Result<()> {
        let collapsed = |what: String| Err(TrainError::Collapse { step, what });
        if !seen.loss.is_finite() {
            return collapsed(format!(
                "the loss is {}; lower optimizer.learning_rate, or give it a longer warm-up",
                seen.loss
            ));
        }
        self.empty = if seen.empty_share > 0.5 { self.empty + 1 } else { 0 };
        self.full = if step > GRACE && seen.active_share > 0.5 { self.full + 1 } else { 0 };
        if self.empty >= PATIENCE {
            return collapsed(format!(
                "{:.0} % of the vectors have had no term for {PATIENCE} steps; lower lambda, lengthen its warm-up, \
                 or lower optimizer.learning_rate",
                100.0 * seen.empty_share
            ));
        }
        if self.full >= PATIENCE {
            return collapsed(format!(
                "documents have had {:.0} % of all terms for {PATIENCE} steps; raise lambda, shorten its warm-up, \
                 or set model.start_terms",
                100.0 * seen.active_share
            ));
        }
        Ok(())
    }
}
