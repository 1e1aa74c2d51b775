//! Progress on standard error: a bar on a terminal, a line from time to time in a log.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use spork_core::Stopped;
use spork_indexer::{Phase, Progress};

/// Work of less time needs no line in a log.
const FIRST_LINE: Duration = Duration::from_secs(10);
const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// The progress of a piece of work, in steps.
pub(crate) struct Bar {
    bar: ProgressBar,
    name: &'static str,
    unit: String,
    /// Where standard error is no terminal: when the next line is due.
    lines: Option<Mutex<Lines>>,
}

/// A bar for a known number of steps, or a counter for an unknown one.
pub(crate) fn bar(name: &'static str, unit: &str, total: Option<u64>) -> Bar {
    let template = match total {
        Some(_) => {
            format!(
                "{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {unit}, {{per_sec}}, {{eta}} left"
            )
        }
        None => format!("{{msg}} {{human_pos}} {unit}, {{per_sec}}, {{elapsed}}"),
    };
    let bar = Bar::with_template(name, unit, total, &template);
    bar.bar.set_message(name);
    bar
}

impl Bar {
    /// A bar with a template of its own, whose message is to be set.
    pub(crate) fn with_template(
        name: &'static str,
        unit: &str,
        total: Option<u64>,
        template: &str,
    ) -> Self {
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style);
        let lines = (!std::io::stderr().is_terminal()).then(|| Mutex::new(Lines::new()));
        Self { bar, name, unit: unit.to_owned(), lines }
    }

    /// So many more steps are done.
    pub(crate) fn inc(&self, steps: u64) {
        self.bar.inc(steps);
        self.tell("");
    }

    /// So many steps are done in all.
    pub(crate) fn set_position(&self, steps: u64) {
        self.bar.set_position(steps);
        self.tell("");
    }

    /// So many steps are done of `total`; `figures` are shown behind them.
    pub(crate) fn set_figures(&self, steps: u64, total: u64, figures: String) {
        self.bar.set_length(total);
        self.bar.set_position(steps);
        self.tell(&figures);
        self.bar.set_message(figures);
    }

    /// The steps done in all.
    pub(crate) fn position(&self) -> u64 {
        self.bar.position()
    }

    /// Takes the bar off the screen.
    pub(crate) fn finish_and_clear(&self) {
        self.bar.finish_and_clear();
    }

    fn tell(&self, figures: &str) {
        let Some(lines) = &self.lines else { return };
        // Whoever holds it tells already.
        let Ok(mut lines) = lines.try_lock() else { return };
        let time = lines.begun.elapsed();
        if lines.due(time) {
            let (position, unit) = (HumanCount(self.bar.position()), &self.unit);
            let figures = if figures.is_empty() { String::new() } else { format!("; {figures}") };
            match self.bar.length() {
                Some(total) => tracing::info!(
                    "{}: {position} of {} {unit} in {}, {} left{figures}",
                    self.name,
                    HumanCount(total),
                    HumanDuration(time),
                    HumanDuration(self.bar.eta())
                ),
                None => tracing::info!(
                    "{}: {position} {unit} in {}{figures}",
                    self.name,
                    HumanDuration(time)
                ),
            }
        }
    }
}

/// The lines of a log.
struct Lines {
    begun: Instant,
    /// The next is due when so much time has passed.
    next: Duration,
}

impl Lines {
    fn new() -> Self {
        Self { begun: Instant::now(), next: FIRST_LINE }
    }

    /// Whether a line is due after this time; then the next one is later.
    fn due(&mut self, time: Duration) -> bool {
        let due = time >= self.next;
        if due {
            self.next = time + BETWEEN_LINES;
        }
        due
    }
}

/// Draws an indexing run.
#[derive(Default)]
pub(crate) struct IndexingBar {
    current: Mutex<Option<Bar>>,
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

    fn advance(&self, steps: u64) -> Result<(), Stopped> {
        if let Ok(current) = self.current.lock()
            && let Some(bar) = current.as_ref()
        {
            bar.inc(steps);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gets_a_line_now_and_then() {
        let mut lines = Lines::new();
        let seconds = |seconds| Duration::from_secs(seconds);
        let told: Vec<u64> = (0..200).filter(|&second| lines.due(seconds(second))).collect();
        assert_eq!(told, [10, 70, 130, 190]);
    }
}
