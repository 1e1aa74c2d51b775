//! The figures of a workload.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use spork_eval::{Resampling, fit_line};
use spork_searcher::LatencySummary;

use super::workload::{Answer, Arrivals, Pass, Workload};

/// Bootstrap samples of the fit's interval, and the seed of the first.
const RESAMPLING: Resampling = Resampling { samples: 1000, seed: 0 };

/// The figures of a workload: of each, the median over the repetitions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measurement {
    pub(crate) index: String,
    pub(crate) strategy: String,
    pub(crate) k: usize,
    pub(crate) threads: usize,
    /// Queries a second that arrive; none in a closed loop.
    pub(crate) rate: Option<f64>,
    pub(crate) mean_us: f64,
    pub(crate) p50_us: f64,
    pub(crate) p95_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) p999_us: f64,
    /// Queries a second that were answered.
    pub(crate) qps: f64,
    /// Largest less smallest mean over the repetitions, as a share of the median.
    pub(crate) noise: f64,
    /// Share of the exact answers' documents that are found.
    pub(crate) recall: f64,
    /// Share of the answers that are certified to be the best of the index that is searched, for
    /// all terms of the query. If that index was pruned, they are exact with respect to what is
    /// left.
    pub(crate) exact: f64,
    /// Postings scored, a query.
    pub(crate) postings: f64,
    /// Posting lists read, a query: pairs of a term and a window.
    pub(crate) lists: f64,
    /// Blocks scored, a query.
    pub(crate) blocks: f64,
    /// Blocks that their bounds left out, a query.
    pub(crate) blocks_skipped: f64,
    /// Bytes of postings read, a query.
    pub(crate) bytes: f64,
    /// Time a posting; none at a fixed rate, where times hold waiting, and where all queries score
    /// equally many postings.
    #[serde(default)]
    pub(crate) fit: Option<Fit>,
    #[serde(default)]
    pub(crate) samples: Samples,
}

/// Time of a query = `intercept_us` + postings scored · `ns_per_posting`, by least squares over the
/// queries.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Fit {
    pub(crate) ns_per_posting: f64,
    /// The 95 % interval of the slope, from a bootstrap over queries.
    pub(crate) ns_low: f64,
    pub(crate) ns_high: f64,
    pub(crate) intercept_us: f64,
    pub(crate) r_squared: f64,
}

/// Work and time of each query in the fastest of its passes, in the order of the queries.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Samples {
    /// Postings scored.
    pub(crate) postings: Vec<u64>,
    /// Microseconds, to the nanosecond.
    pub(crate) us: Vec<f64>,
}

impl Measurement {
    pub(super) fn new(path: &Path, workload: &Workload<'_>, passes: &[Pass], recall: f64) -> Self {
        let times =
            |pass: &Pass| LatencySummary::new(pass.answers.iter().map(|answer| answer.time));
        let summaries: Vec<LatencySummary> = passes.iter().map(times).collect();
        let of =
            |figure: fn(&LatencySummary) -> f64| median(summaries.iter().map(figure).collect());
        let means = || summaries.iter().map(|summary| summary.mean_us);
        let range = means().fold(0.0, f64::max) - means().fold(f64::INFINITY, f64::min);
        let queries = workload.queries.len() as f64;
        // Work is the same in every pass, if no time is set.
        let work = passes.first().map(|pass| pass.work).unwrap_or_default();
        let a_query = |count: u64| count as f64 / queries;
        let qps = |pass: &Pass| queries / pass.wall.max(Duration::from_nanos(1)).as_secs_f64();
        let mean_us = of(|summary| summary.mean_us);
        let samples = Samples::new(passes);
        let rate = match workload.arrivals {
            Arrivals::Closed => None,
            Arrivals::Rate(rate) => Some(rate),
        };
        Self {
            index: path.display().to_string(),
            strategy: workload.resolved_strategy().name().to_owned(),
            k: workload.k,
            threads: workload.threads,
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
        let line = fit_line(&points, RESAMPLING)?;
        let (low, high) = line.slope_interval;
        Some(Self {
            ns_per_posting: line.slope * 1e3,
            ns_low: low * 1e3,
            ns_high: high * 1e3,
            intercept_us: line.intercept,
            r_squared: line.r_squared,
        })
    }
}

impl Samples {
    /// The fastest pass of each query: whatever else a machine does only makes a pass slower, now
    /// and then by far.
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
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
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
