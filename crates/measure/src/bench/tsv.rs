//! The table that `spork bench` prints, tab-separated, as `spork plot` reads it.

use std::io::{self, Write};

use super::measurement::Measurement;
use super::record::Benchmark;
use crate::pruning_record::PruningRecord;

const COLUMNS: [&str; 24] = [
    "index",
    "strategy",
    "k",
    "threads",
    "rate",
    "mean_us",
    "p50_us",
    "p95_us",
    "p99_us",
    "p99.9_us",
    "qps",
    "noise",
    "recall",
    "exact",
    "pruned",
    "postings",
    "blocks",
    "flops",
    "bytes",
    "ns_per_posting",
    "ns_low",
    "ns_high",
    "intercept_us",
    "r_squared",
];

impl Benchmark {
    /// Writes a tab-separated table, a line for each combination that was measured. A `-` marks a
    /// measurement without a fit, and an index that was not pruned.
    ///
    /// # Errors
    /// `output` can't be written.
    pub fn write_table(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "{}", COLUMNS.join("\t"))?;
        self.rows.iter().try_for_each(|row| self.write_row(row, output))
    }

    fn write_row(&self, row: &Measurement, output: &mut impl Write) -> io::Result<()> {
        let index = self.index(row);
        let (flops, bytes) = index.map_or((0.0, 0), |index| (index.flops, index.bytes));
        let pruned =
            index.and_then(|index| index.pruned).map_or("-".to_owned(), PruningRecord::label);
        let rate = row.rate.map_or("closed".to_owned(), |rate| rate.to_string());
        write!(output, "{}\t{}\t{}\t{}\t{rate}", row.index, row.strategy, row.k, row.threads)?;
        for us in [row.mean_us, row.p50_us, row.p95_us, row.p99_us, row.p999_us, row.qps] {
            write!(output, "\t{us:.1}")?;
        }
        let Measurement { noise, recall, exact, postings, blocks, .. } = row;
        write!(
            output,
            "\t{noise:.3}\t{recall:.4}\t{exact:.3}\t{pruned}\t{postings:.0}\t{blocks:.0}"
        )?;
        write!(output, "\t{flops:.4}\t{bytes}")?;
        match row.fit {
            Some(fit) => {
                write!(
                    output,
                    "\t{:.4}\t{:.4}\t{:.4}",
                    fit.ns_per_posting, fit.ns_low, fit.ns_high
                )?;
                writeln!(output, "\t{:.1}\t{:.4}", fit.intercept_us, fit.r_squared)
            }
            None => writeln!(output, "\t-\t-\t-\t-\t-"),
        }
    }
}
