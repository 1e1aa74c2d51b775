//! The figures, as a table and as JSON.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use spork_index::{Index, Order};
use spork_searcher::LatencySummary;

use super::load::{Load, Pace, Pass};
use super::machine::Machine;
use crate::args::BenchArgs;

/// All of a benchmark.
#[derive(Serialize)]
pub(super) struct Report {
    program: &'static str,
    command: Vec<String>,
    machine: Machine,
    vectors: String,
    queries: usize,
    repetitions: usize,
    pub(super) indexes: Vec<IndexRecord>,
    pub(super) rows: Vec<Row>,
}

/// An index that was searched.
#[derive(Serialize)]
pub(super) struct IndexRecord {
    index: String,
    documents: u32,
    terms: u32,
    postings: u64,
    order: &'static str,
    codec: &'static str,
    bytes: u64,
    /// Expected terms in common of a query and a document.
    flops: f64,
}

/// A load's figures: of each, the median over the repetitions.
#[derive(Serialize)]
pub(super) struct Row {
    index: String,
    strategy: &'static str,
    k: usize,
    threads: usize,
    /// Queries a second that arrive; none where the next comes as soon as a thread is free.
    rate: Option<f64>,
    mean_us: f64,
    p50_us: f64,
    p95_us: f64,
    p99_us: f64,
    p999_us: f64,
    /// Queries a second that were answered.
    qps: f64,
    /// Largest less smallest mean over the repetitions, as a share of the median.
    noise: f64,
    /// Share of the exact answers' documents that are found; 1 without limits.
    recall: f64,
    /// Share of the answers that are exact for certain.
    exact: f64,
    /// Postings scored, a query; and so on.
    postings: f64,
    lists: f64,
    blocks: f64,
    blocks_skipped: f64,
    bytes: f64,
}

impl IndexRecord {
    pub(super) fn new(path: &Path, index: &Index, flops: f64) -> Self {
        let manifest = index.manifest();
        Self {
            index: path.display().to_string(),
            documents: manifest.documents,
            terms: manifest.terms,
            postings: manifest.postings,
            order: match manifest.order {
                Order::Input => "input",
                Order::Bisection => "bisection",
            },
            codec: index.postings().codec().name(),
            bytes: manifest.bytes(),
            flops,
        }
    }
}

impl Row {
    pub(super) fn new(path: &Path, load: &Load<'_>, passes: &[Pass], recall: f64) -> Self {
        let summaries: Vec<LatencySummary> =
            passes.iter().map(|pass| LatencySummary::new(pass.times.iter().copied())).collect();
        let of = |figure: fn(&LatencySummary) -> f64| median(summaries.iter().map(figure).collect());
        let means = || summaries.iter().map(|summary| summary.mean_us);
        let range = means().fold(0.0, f64::max) - means().fold(f64::INFINITY, f64::min);
        let queries = load.queries.len() as f64;
        // Work is the same in every pass.
        let work = passes.first().map(|pass| pass.work).unwrap_or_default();
        let a_query = |count: u64| count as f64 / queries;
        let qps = |pass: &Pass| queries / pass.wall.max(Duration::from_nanos(1)).as_secs_f64();
        let mean_us = of(|summary| summary.mean_us);
        Self {
            index: path.display().to_string(),
            strategy: load.strategy_that_runs().name(),
            k: load.k,
            threads: load.threads,
            rate: match load.pace {
                Pace::Closed => None,
                Pace::Open(rate) => Some(rate),
            },
            mean_us,
            p50_us: of(|summary| summary.p50_us),
            p95_us: of(|summary| summary.p95_us),
            p99_us: of(|summary| summary.p99_us),
            p999_us: of(|summary| summary.p999_us),
            qps: median(passes.iter().map(qps).collect()),
            noise: range / mean_us,
            recall,
            exact: median(passes.iter().map(|pass| pass.exact as f64 / queries).collect()),
            postings: a_query(work.postings),
            lists: a_query(work.lists),
            blocks: a_query(work.blocks),
            blocks_skipped: a_query(work.blocks_skipped),
            bytes: a_query(work.bytes),
        }
    }
}

impl Report {
    pub(super) fn new(args: &BenchArgs, queries: usize) -> Self {
        Self {
            program: concat!("spork ", env!("CARGO_PKG_VERSION")),
            command: std::env::args().skip(1).collect(),
            machine: Machine::this(),
            vectors: args.vectors.display().to_string(),
            queries,
            repetitions: args.repetitions.get(),
            indexes: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Tab-separated, as `spork plot` reads it.
    pub(super) fn write_table(&self, output: &mut impl Write) -> Result<()> {
        let columns = "index\tstrategy\tk\tthreads\trate\tmean_us\tp50_us\tp95_us\tp99_us\tp99.9_us\tqps\tnoise\trecall\texact\tpostings\tblocks\tflops\tbytes";
        writeln!(output, "{columns}")?;
        for row in &self.rows {
            let index = self.indexes.iter().find(|index| index.index == row.index);
            let (flops, bytes) = index.map_or((0.0, 0), |index| (index.flops, index.bytes));
            let rate = row.rate.map_or("closed".to_owned(), |rate| rate.to_string());
            write!(output, "{}\t{}\t{}\t{}\t{rate}", row.index, row.strategy, row.k, row.threads)?;
            for us in [row.mean_us, row.p50_us, row.p95_us, row.p99_us, row.p999_us, row.qps] {
                write!(output, "\t{us:.1}")?;
            }
            let Row { noise, recall, exact, postings, blocks, .. } = row;
            write!(output, "\t{noise:.3}\t{recall:.4}\t{exact:.3}\t{postings:.0}\t{blocks:.0}")?;
            writeln!(output, "\t{flops:.4}\t{bytes}")?;
        }
        Ok(())
    }

    pub(super) fn write_json(&self, output: &mut impl Write) -> Result<()> {
        serde_json::to_writer_pretty(&mut *output, self)?;
        Ok(writeln!(output)?)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}
