//! The rows of all results, each with what it is called beside the others.

use super::super::record::{IndexRecord, LimitRecord};
use super::super::row::Row;
use super::Source;

/// A load that was measured.
pub(super) struct LoadView<'a> {
    pub(super) row: &'a Row,
    pub(super) index: &'a IndexRecord,
    pub(super) limits: LimitRecord,
    /// The strategy and its limits.
    pub(super) strategy: String,
    /// Depth, and threads, rate and machine where the loads differ in them.
    pub(super) setting: String,
    /// Both, which tell it from other loads of the same index.
    pub(super) name: String,
}

impl LoadView<'_> {
    /// Mean time of a query, in milliseconds; none at a fixed rate, where times hold waiting.
    pub(super) fn mean_ms(&self) -> Option<f64> {
        self.row.rate.is_none().then_some(self.row.mean_us / 1e3)
    }
}

/// The loads of all results, in their order.
pub(super) fn loads(sources: &[Source]) -> Vec<LoadView<'_>> {
    let rows = || sources.iter().flat_map(|source| &source.benchmark.rows);
    let threads = differ(rows().map(|row| row.threads));
    let rates = differ(rows().map(|row| row.rate.map(f64::to_bits)));
    let machines = differ(sources.iter().map(|source| &source.benchmark.machine));
    let mut all = Vec::new();
    for (source, number) in sources.iter().zip(1..) {
        for row in &source.benchmark.rows {
            let Some(index) = source.benchmark.index(row) else { continue };
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
            let limits = source.benchmark.limits;
            let strategy = format!("{}{}", row.strategy, limits.label());
            let name = format!("{strategy}, {setting}");
            all.push(LoadView { row, index, limits, strategy, setting, name });
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

/// What `key` says of the loads, each answer once, in their order.
pub(super) fn distinct<T: PartialEq>(loads: &[LoadView<'_>], key: impl Fn(&LoadView<'_>) -> T) -> Vec<T> {
    let mut all = Vec::new();
    for value in loads.iter().map(key) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}
