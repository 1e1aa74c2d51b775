//! A backend that was chosen, and the line of the log that says so.

use spork_encoder::{Backend, Placement};

use crate::backend_choice::BackendChoice;

/// The backend that computes a network.
#[derive(Clone, Copy)]
pub(crate) struct Networks<'t> {
    pub(crate) backend: &'t dyn Backend,
    pub(crate) choice: BackendChoice,
}

impl Networks<'_> {
    /// Logs where and how a network runs, and why so.
    pub(crate) fn tell(&self, placement: &Placement) {
        let Placement { device, precision, .. } = placement;
        tracing::info!("{device}, {precision}, {}", self.choice);
    }
}
