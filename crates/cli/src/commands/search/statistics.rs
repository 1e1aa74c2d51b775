//! The file of `--stats`: times and counters, together and query by query.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use spork_index::Index;
use spork_measure::PruningRecord;
use spork_searcher::{Certificate, LatencySummary, Query, Ranking};

#[derive(Serialize)]
pub(super) struct StatisticsFile {
    k: usize,
    threads: usize,
    queries: usize,
    postings: u64,
    mean_us: f64,
    p50_us: f64,
    p95_us: f64,
    p99_us: f64,
    /// How the index was pruned; `exact` is with respect to the pruned index.
    pruned: Option<PruningRecord>,
    per_query: Vec<QueryRecord>,
    #[serde(skip)]
    times: Vec<Duration>,
}

#[derive(Serialize)]
struct QueryRecord {
    qid: String,
    strategy: &'static str,
    us: f64,
    hits: usize,
    /// Whether these are the best of the index for the whole query.
    exact: bool,
    /// A bound on the scores of documents that were not scored, if one of them may be among the
    /// best; not known where terms of the query were pruned.
    unseen_at_most: Option<f64>,
    terms: usize,
    unknown_terms: usize,
    rounded_terms: usize,
    pruned_terms: usize,
    postings: u64,
    lists: u64,
    windows: u64,
    windows_skipped: u64,
    blocks: u64,
    blocks_skipped: u64,
    bytes: u64,
    fields: BTreeMap<String, FieldRecord>,
}

/// A query's part for one field.
#[derive(Default, Serialize)]
struct FieldRecord {
    terms: usize,
    /// Postings of the terms' living documents, scored or not.
    postings: u64,
}

/// What the query has of each field of the index.
fn fields(index: &Index, query: &Query) -> BTreeMap<String, FieldRecord> {
    let mut fields: BTreeMap<String, FieldRecord> = BTreeMap::new();
    for term in query.terms() {
        let Some(field) = index.manifest().fields.get(term.field) else { continue };
        let record = fields.entry(field.name.clone()).or_default();
        record.terms += 1;
        record.postings += u64::from(term.df);
    }
    fields
}

impl StatisticsFile {
    pub(super) fn new(k: usize, threads: usize, pruned: Option<PruningRecord>) -> Self {
        Self {
            k,
            threads,
            queries: 0,
            postings: 0,
            mean_us: 0.0,
            p50_us: 0.0,
            p95_us: 0.0,
            p99_us: 0.0,
            pruned,
            per_query: Vec::new(),
            times: Vec::new(),
        }
    }

    /// Adds an answer.
    pub(super) fn add(
        &mut self,
        index: &Index,
        qid: &str,
        query: &Query,
        ranking: &Ranking,
    ) -> anyhow::Result<()> {
        let work = ranking.statistics;
        self.queries += 1;
        self.postings += work.postings;
        self.times.push(ranking.time);
        self.per_query.push(QueryRecord {
            qid: qid.to_owned(),
            strategy: ranking.strategy.name(),
            us: ranking.time.as_secs_f64() * 1e6,
            hits: ranking.hits.len(),
            exact: ranking.is_exact(query),
            unseen_at_most: match ranking.certificate {
                Certificate::AtMost(score) if query.terms_pruned() == 0 => {
                    Some(f64::from(score) * query.unit())
                }
                _ => None,
            },
            terms: query.terms().len(),
            unknown_terms: query.unknown(),
            rounded_terms: query.rounded_to_zero(),
            pruned_terms: query.terms_pruned(),
            postings: work.postings,
            lists: work.lists,
            windows: work.windows,
            windows_skipped: work.windows_skipped,
            blocks: work.blocks,
            blocks_skipped: work.blocks_skipped,
            bytes: work.bytes,
            fields: fields(index, query),
        });
        Ok(())
    }

    pub(super) fn latency(&self) -> LatencySummary {
        LatencySummary::new(self.times.iter().copied())
    }

    pub(super) fn write(mut self, mut output: impl Write) -> anyhow::Result<()> {
        let latency = self.latency();
        (self.mean_us, self.p50_us) = (latency.mean_us, latency.p50_us);
        (self.p95_us, self.p99_us) = (latency.p95_us, latency.p99_us);
        serde_json::to_writer_pretty(&mut output, &self)?;
        Ok(writeln!(output)?)
    }
}
