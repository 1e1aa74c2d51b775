//! The measurements of all results, each with a name that tells it from the others.

use super::result_file::ResultFile;
use crate::bench::{IndexRecord, LimitRecord, Measurement};

/// A measurement among others.
pub(super) struct View<'a> {
    pub(super) row: &'a Measurement,
    pub(super) index: &'a IndexRecord,
    pub(super) limits: LimitRecord,
    /// The strategy and its limits.
    pub(super) strategy: String,
    /// Cutoff, and threads, rate and machine where the measurements differ in them.
    pub(super) setting: String,
    /// Both, which tell it from other measurements of the same index.
    pub(super) name: String,
}

impl View<'_> {
    /// Mean time of a query, in milliseconds; none at a fixed rate, where times hold waiting.
    pub(super) fn mean_ms(&self) -> Option<f64> {
        self.row.rate.is_none().then_some(self.row.mean_us / 1e3)
    }
}

/// The measurements of all results, in their order.
pub(super) fn views(results: &[ResultFile]) -> Vec<View<'_>> {
    let rows = || results.iter().flat_map(|result| &result.benchmark.rows);
    let threads = differ(rows().map(|row| row.threads));
    let rates = differ(rows().map(|row| row.rate.map(f64::to_bits)));
    let machines = differ(results.iter().map(|result| &result.benchmark.machine));
    let mut all = Vec::new();
    for (result, number) in results.iter().zip(1..) {
        for row in &result.benchmark.rows {
            let Some(index) = result.benchmark.index(row) else { continue };
            let mut setting = format!("k = {}", row.k);
            if threads {
                setting.push_str(&format!(
                    ", {} thread{}",
                    row.threads,
                    if row.threads == 1 { "" } else { "s" }
                ));
            }
            if rates {
                setting.push_str(&rate(row.rate));
            }
            if machines {
                setting.push_str(&format!(", result {number}"));
            }
            let limits = result.benchmark.limits;
            let strategy = format!("{}{}", row.strategy, limits.label());
            let name = format!("{strategy}, {setting}");
            all.push(View { row, index, limits, strategy, setting, name });
        }
    }
    all
}

fn rate(rate: Option<f64>) -> String {
    rate.map_or(", closed".to_owned(), |rate| format!(", {rate} a second"))
}

fn differ<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// The values of `key`, each once, in their order.
pub(super) fn distinct<T: PartialEq>(views: &[View<'_>], key: impl Fn(&View<'_>) -> T) -> Vec<T> {
    let mut all = Vec::new();
    for value in views.iter().map(key) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}
