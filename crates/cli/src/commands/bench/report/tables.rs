//! What the report lists of each result: the machine, the command line, its indexes and its loads.

use super::super::record::{Benchmark, IndexRecord};
use super::super::row::{Fit, Row};
use super::Source;
use super::page::{Cell, Page};
use crate::commands::provenance::PruningRecord;

const INDEXES: [&str; 10] = [
    "index",
    "order",
    "codec",
    "pruned",
    "documents",
    "terms",
    "postings",
    "size",
    "bytes a posting",
    "FLOPS",
];
const LOADS: [&str; 18] = [
    "index",
    "strategy",
    "k",
    "threads",
    "rate",
    "mean, ms",
    "p50",
    "p95",
    "p99",
    "p99.9",
    "QPS",
    "recall",
    "exact",
    "postings",
    "ns a posting (95 %)",
    "intercept, µs",
    "R²",
    "noise",
];

pub(super) fn write(page: &mut Page, source: &Source) {
    let benchmark = &source.benchmark;
    page.heading(&source.path.display().to_string());
    page.paragraph(&set_up(benchmark));
    page.command(&command_line(&benchmark.command));
    page.table(&INDEXES, benchmark.indexes.iter().map(index_cells));
    page.table(&LOADS, benchmark.rows.iter().map(|row| load_cells(benchmark, row)));
    page.paragraph(&format!(
        "A query: times in ms, postings scored. Rate: queries that arrive a second; closed: the next one arrives when a thread is \
         free. QPS: queries a second that were answered. Recall: share of the documents of {} that were found. \
         Exact: share of the answers that are exact for certain, for all terms of the query in the index that is searched. A query's time is about intercept + postings · ns a posting, by least \
         squares over the queries, with a bootstrap's 95 % interval. Figures are medians of {} passes; noise is the range of \
         their means.",
        recalled(benchmark),
        benchmark.repetitions
    ));
}

/// Whose answers recall is of.
fn recalled(benchmark: &Benchmark) -> String {
    match &benchmark.reference {
        Some(index) => format!("the exact answers of {index}"),
        None => "the exact answers of the index that is searched".to_owned(),
    }
}

/// What was measured with, and on.
fn set_up(benchmark: &Benchmark) -> String {
    let machine = &benchmark.machine;
    let memory =
        machine.memory_bytes.map(|bytes| format!(", {:.1} GiB of memory", bytes as f64 / 2f64.powi(30)));
    format!(
        "{}; {} queries of {}; {}, {} cores{}, {}, vector instructions: {}.",
        benchmark.program,
        benchmark.queries,
        benchmark.vectors,
        machine.processor.as_deref().unwrap_or("a processor that does not tell its name"),
        machine.cores,
        memory.unwrap_or_default(),
        machine.system,
        machine.instructions
    )
}

/// The command line, quoted where a shell needs it.
fn command_line(words: &[String]) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./,:=@%+".contains(letter);
    let quoted = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    std::iter::once("spork".to_owned()).chain(words.iter().map(quoted)).collect::<Vec<_>>().join(" ")
}

fn index_cells(index: &IndexRecord) -> Vec<Cell> {
    vec![
        Cell::Text(index.index.clone()),
        Cell::Text(index.order.clone()),
        Cell::Text(index.codec.clone().unwrap_or_default()),
        Cell::Text(index.pruned.map_or("–".to_owned(), PruningRecord::label)),
        Cell::Number(grouped(u64::from(index.documents))),
        Cell::Number(grouped(u64::from(index.terms))),
        Cell::Number(grouped(index.postings)),
        Cell::Number(size(index.bytes)),
        Cell::Number(bytes_a_posting(index.bytes, index.postings)),
        Cell::Number(format!("{:.3}", index.flops)),
    ]
}

fn load_cells(benchmark: &Benchmark, row: &Row) -> Vec<Cell> {
    let number = |value: f64, decimals: usize| Cell::Number(format!("{value:.decimals$}"));
    let fit = |figure: &dyn Fn(&Fit) -> String| Cell::Number(row.fit.as_ref().map_or("–".to_owned(), figure));
    vec![
        Cell::Text(row.index.clone()),
        Cell::Text(format!("{}{}", row.strategy, benchmark.limits.label())),
        Cell::Number(row.k.to_string()),
        Cell::Number(row.threads.to_string()),
        Cell::Number(row.rate.map_or("closed".to_owned(), |rate| rate.to_string())),
        number(row.mean_us / 1e3, 3),
        number(row.p50_us / 1e3, 3),
        number(row.p95_us / 1e3, 3),
        number(row.p99_us / 1e3, 3),
        number(row.p999_us / 1e3, 3),
        number(row.qps, 1),
        number(row.recall, 4),
        number(row.exact, 3),
        Cell::Number(grouped(row.postings.round() as u64)),
        fit(&interval),
        fit(&|fit| format!("{:.0}", fit.intercept_us)),
        fit(&|fit| format!("{:.3}", fit.r_squared)),
        Cell::Number(format!("{:.1} %", row.noise * 100.0)),
    ]
}

/// What a posting takes in nanoseconds, and its 95 % interval.
pub(super) fn interval(fit: &Fit) -> String {
    format!("{:.2} ({:.2} to {:.2})", fit.ns_per_posting, fit.ns_low, fit.ns_high)
}

pub(super) fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

pub(super) fn bytes_a_posting(bytes: u64, postings: u64) -> String {
    if postings == 0 { "–".to_owned() } else { format!("{:.2}", bytes as f64 / postings as f64) }
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_threes() {
        let expected = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        assert!(expected.into_iter().all(|(number, text)| grouped(number) == text));
    }

    #[test]
    fn a_line_that_a_shell_reads_back() {
        let words = ["bench", "--index", "my index", "it's", ""].map(str::to_owned);
        assert_eq!(command_line(&words), r"spork bench --index 'my index' 'it'\''s' ''");
    }
}
