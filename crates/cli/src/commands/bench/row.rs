//! A load's figures.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use spork_eval::{LinearFit, Resampling, fit_line};
use spork_searcher::LatencySummary;

use super::load::{Answer, Load, Pace, Pass};

/// How often queries are drawn anew for the fit's interval, and from which seed on.
const RESAMPLING: Resampling = Resampling { samples: 1000, seed: 0 };

/// A load's figures: of each, the median over the repetitions.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) index: String,
    pub(super) strategy: String,
    pub(super) k: usize,
    pub(super) threads: usize,
    /// Queries a second that arrive; none where the next comes as soon as a thread is free.
    pub(super) rate: Option<f64>,
    pub(super) mean_us: f64,
    pub(super) p50_us: f64,
    pub(super) p95_us: f64,
    pub(super) p99_us: f64,
    pub(super) p999_us: f64,
    /// Queries a second that were answered.
    pub(super) qps: f64,
    /// Largest less smallest mean over the repetitions, as a share of the median.
    pub(super) noise: f64,
    /// Share of the exact answers' documents that are found.
    pub(super) recall: f64,
    /// Share of the answers that are for certain the best of the index for all terms of the query.
    pub(super) exact: f64,
    /// Postings scored, a query; and so on.
    pub(super) postings: f64,
    pub(super) lists: f64,
    pub(super) blocks: f64,
    pub(super) blocks_skipped: f64,
    pub(super) bytes: f64,
    /// What a posting takes; none at a fixed rate, where times hold waiting, and where all queries score as many.
    #[serde(default)]
    pub(super) fit: Option<Fit>,
    #[serde(default)]
    pub(super) samples: Samples,
}

/// Time of a query = `intercept_us` + postings scored · `ns_per_posting`, by least squares over the queries.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Fit {
    pub(super) ns_per_posting: f64,
    /// The 95 % interval of the slope, from a bootstrap over queries.
    pub(super) ns_low: f64,
    pub(super) ns_high: f64,
    pub(super) intercept_us: f64,
    pub(super) r_squared: f64,
}

/// Work and time of each query in the fastest of its passes, in the order of the queries.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Samples {
    /// Postings scored.
    pub(super) postings: Vec<u64>,
    /// Microseconds, to the nanosecond.
    pub(super) us: Vec<f64>,
}

impl Row {
    pub(super) fn new(path: &Path, load: &Load<'_>, passes: &[Pass], recall: f64) -> Self {
        let times = |pass: &Pass| LatencySummary::new(pass.answers.iter().map(|answer| answer.time));
        let summaries: Vec<LatencySummary> = passes.iter().map(times).collect();
        let of = |figure: fn(&LatencySummary) -> f64| median(summaries.iter().map(figure).collect());
        let means = || summaries.iter().map(|summary| summary.mean_us);
        let range = means().fold(0.0, f64::max) - means().fold(f64::INFINITY, f64::min);
        let queries = load.queries.len() as f64;
        // Work is the same in every pass, if no time is set.
        let work = passes.first().map(|pass| pass.work).unwrap_or_default();
        let a_query = |count: u64| count as f64 / queries;
        let qps = |pass: &Pass| queries / pass.wall.max(Duration::from_nanos(1)).as_secs_f64();
        let mean_us = of(|summary| summary.mean_us);
        let samples = Samples::new(passes);
        let rate = match load.pace {
            Pace::Closed => None,
            Pace::Open(rate) => Some(rate),
        };
        Self {
            index: path.display().to_string(),
            strategy: load.strategy_that_runs().name().to_owned(),
            k: load.k,
            threads: load.threads,
            rate,
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
            fit: if rate.is_none() { Fit::new(&samples) } else { None },
            samples,
        }
    }
}

impl Fit {
    fn new(samples: &Samples) -> Option<Self> {
        let points: Vec<(f64, f64)> = samples.pairs().collect();
        let LinearFit { slope, slope_interval: (low, high), intercept, r_squared } =
            fit_line(&points, RESAMPLING)?;
        Some(Self {
            ns_per_posting: slope * 1e3,
            ns_low: low * 1e3,
            ns_high: high * 1e3,
            intercept_us: intercept,
            r_squared,
        })
    }
}

impl Samples {
    /// The fastest pass of each query: whatever else a machine does makes a pass slower only, now and then by far.
    fn new(passes: &[Pass]) -> Self {
        let queries = passes.first().map_or(0, |pass| pass.answers.len());
        let fastest = |query: usize| {
            let answers = passes.iter().filter_map(|pass| pass.answers.get(query));
            answers.copied().min_by_key(|answer| answer.time)
        };
        let answers: Vec<Answer> = (0..queries).filter_map(fastest).collect();
        Self {
            postings: answers.iter().map(|answer| answer.postings).collect(),
            us: answers.iter().map(|answer| answer.time.as_nanos() as f64 / 1e3).collect(),
        }
    }

    /// (postings, microseconds) of each query.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.postings.iter().map(|&postings| postings as f64).zip(self.us.iter().copied())
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
