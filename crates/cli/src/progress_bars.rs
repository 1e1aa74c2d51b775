//! Progress bars on standard error; they vanish when that is no terminal.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use spork_indexer::{Phase, Progress};

/// A bar for a known number of steps, or a counter for an unknown one.
pub(crate) fn bar(name: &'static str, unit: &str, total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            format!(
                "{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {unit}, {{per_sec}}, {{eta}} left"
            ),
        ),
        None => (
            ProgressBar::no_length(),
            format!("{{msg}} {{human_pos}} {unit}, {{per_sec}}, {{elapsed}}"),
        ),
    };
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_message(name)
}

/// Draws an indexing run.
#[derive(Default)]
pub(crate) struct IndexingBar {
    current: Mutex<Option<ProgressBar>>,
}

impl IndexingBar {
    /// Takes the bar off the screen.
    pub(crate) fn clear(&self) {
        if let Ok(mut current) = self.current.lock()
            && let Some(bar) = current.take()
        {
            bar.finish_and_clear();
        }
    }
}

impl Progress for IndexingBar {
    fn phase(&self, phase: Phase, total: Option<u64>) {
        self.clear();
        if let Ok(mut current) = self.current.lock() {
            *current = Some(bar(phase.name(), phase.unit(), total));
        }
    }

    fn advance(&self, steps: u64) {
        if let Ok(current) = self.current.lock()
            && let Some(bar) = current.as_ref()
        {
            bar.inc(steps);
        }
    }
}
