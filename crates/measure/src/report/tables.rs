//! The tables of each result: the machine, the command line, its indexes and its measurements.

use super::numbers::{bytes_a_posting, grouped, interval, size};
use super::page::{Cell, Page};
use super::result_file::ResultFile;
use crate::bench::{Benchmark, Fit, IndexRecord, Measurement};
use crate::pruning_record::PruningRecord;

const INDEX_COLUMNS: [&str; 10] = [
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
const MEASUREMENT_COLUMNS: [&str; 18] = [
    "index",
    "strategy",
    "k",
    "threads",
    "arrivals, queries/s",
    "mean, ms",
    "noise, %",
    "p50, ms",
    "p95, ms",
    "p99, ms",
    "p99.9, ms",
    "answered, queries/s",
    "recall",
    "exact",
    "postings scored",
    "ns a posting (95 % interval)",
    "intercept, µs",
    "R²",
];

pub(super) fn write(page: &mut Page, result: &ResultFile) {
    let benchmark = &result.benchmark;
    page.heading(&result.path.display().to_string());
    page.paragraph(&set_up(benchmark));
    page.command(&command_line(&benchmark.command));
    page.table(&INDEX_COLUMNS, benchmark.indexes.iter().map(index_cells));
    page.paragraph(
        "Size: posting lists, lexicon and document names. Bytes a posting: posting lists and \
         lexicon. FLOPS: expected terms in common of a query and a document.",
    );
    page.table(&MEASUREMENT_COLUMNS, benchmark.rows.iter().map(|row| row_cells(benchmark, row)));
    page.paragraph(&format!(
        "Times and postings are of a query. Each figure is the median of {} passes; noise is the \
         range of their means as a share of the mean, and smaller differences mean nothing. \
         Arrivals: queries that arrive a second; closed: the next one starts when a thread is \
         free.",
        benchmark.repetitions
    ));
    page.paragraph(&format!(
        "Recall: share of the documents of {} that were found. Exact: share of the answers that \
         are certified to be the best of the index that is searched, for all terms of the query; \
         answers of a pruned index are exact with respect to the pruned index.",
        recalled(benchmark)
    ));
    page.paragraph(
        "Time of a query ≈ intercept + postings scored · ns a posting, by least squares over the \
         queries; the interval is a bootstrap's.",
    );
}

/// The answers that recall is of.
fn recalled(benchmark: &Benchmark) -> String {
    match &benchmark.reference {
        Some(index) => format!("the exact answers of {index}"),
        None => "the exact answers of the index that is searched".to_owned(),
    }
}

/// Program, queries and machine.
fn set_up(benchmark: &Benchmark) -> String {
    let machine = &benchmark.machine;
    let memory = machine
        .memory_bytes
        .map(|bytes| format!(", {:.1} GiB of memory", bytes as f64 / 2f64.powi(30)));
    format!(
        "{}; {} queries of {}; {}, {} cores{}, {}, vector instructions: {}.",
        benchmark.program,
        benchmark.queries,
        benchmark.vectors,
        machine.processor.as_deref().unwrap_or("unknown processor"),
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
    std::iter::once("spork".to_owned())
        .chain(words.iter().map(quoted))
        .collect::<Vec<_>>()
        .join(" ")
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
        Cell::Number(bytes_a_posting(index)),
        Cell::Number(format!("{:.3}", index.flops)),
    ]
}

fn row_cells(benchmark: &Benchmark, row: &Measurement) -> Vec<Cell> {
    let number = |value: f64, decimals: usize| Cell::Number(format!("{value:.decimals$}"));
    let fit = |figure: &dyn Fn(&Fit) -> String| {
        Cell::Number(row.fit.as_ref().map_or("–".to_owned(), figure))
    };
    vec![
        Cell::Text(row.index.clone()),
        Cell::Text(format!("{}{}", row.strategy, benchmark.limits.label())),
        Cell::Number(row.k.to_string()),
        Cell::Number(row.threads.to_string()),
        Cell::Number(row.rate.map_or("closed".to_owned(), |rate| rate.to_string())),
        number(row.mean_us / 1e3, 3),
        number(row.noise * 100.0, 1),
        number(row.p50_us / 1e3, 3),
        number(row.p95_us / 1e3, 3),
        number(row.p99_us / 1e3, 3),
        number(row.p999_us / 1e3, 3),
        number(row.qps, 1),
        number(row.recall, 4),
        Cell::Number(exactness(benchmark, row)),
        Cell::Number(grouped(row.postings.round() as u64)),
        fit(&interval),
        fit(&|fit| format!("{:.0}", fit.intercept_us)),
        fit(&|fit| format!("{:.3}", fit.r_squared)),
    ]
}

/// The share of exact answers, and with respect to what they are exact where that is not
/// everything.
fn exactness(benchmark: &Benchmark, row: &Measurement) -> String {
    let pruned = benchmark.index(row).is_some_and(|index| index.pruned.is_some());
    format!("{:.3}{}", row.exact, if pruned { " of the pruned index" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_shell_reads_back() {
        let words = ["bench", "--index", "my index", "it's", ""].map(str::to_owned);
        assert_eq!(command_line(&words), r"spork bench --index 'my index' 'it'\''s' ''");
    }
}
