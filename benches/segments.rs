//! What segments, deletions and filters cost a search: `segments WHOLE SEGMENTS QUERIES`.
//!
//! SEGMENTS is an index of several segments with deleted documents, WHOLE the same index merged.
//! All queries are answered one way after the other, five rounds, on one thread; the fastest of the
//! five counts. A line of JSON a way: its mean time in microseconds, and what it is compared with.
//! In two steps, a query of its heaviest terms alone finds a hundred candidates, which the whole
//! query scores then; the share of the exact best ten that are found stands beside, and beside it
//! what limits on block-max pruning find.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use spork_cli::inputs::read_query_vectors;
use spork_core::Random;
use spork_index::Index;
use spork_searcher::{Limits, Query, QueryPruning, Scratch, Searcher, SelectedDocuments, Strategy};
use spork_vectors::ReadOptions;

const ROUNDS: usize = 5;
/// Candidates of a search in two steps.
const CANDIDATES: usize = 100;

/// A way to answer queries.
struct Way<'i> {
    name: String,
    /// The name of the way that it is compared with.
    beside: &'static str,
    searcher: Searcher<'i>,
    queries: &'i [Query],
    k: usize,
    strategy: Strategy,
    scratch: Scratch,
    /// By query, the fastest.
    times: Vec<Duration>,
    hits: usize,
}

fn main() -> Result<()> {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [whole, segments, queries] = args.as_slice() else {
        bail!("usage: segments WHOLE SEGMENTS QUERIES");
    };
    let (whole, segments) = (Index::open(whole)?, Index::open(segments)?);
    ensure!(whole.documents() == segments.documents(), "the two have other documents");
    let parsed = |index: &Index, pruning: QueryPruning| -> Result<Vec<Query>> {
        let queries = read_query_vectors(queries, &ReadOptions::default())?;
        let parse = |weights: &[(String, f32)]| Query::pruned(index, weights, pruning);
        queries.iter().map(|query| Ok(parse(&query.weights)?)).collect()
    };
    let all = QueryPruning::default();
    let (in_whole, in_segments) = (parsed(&whole, all)?, parsed(&segments, all)?);
    let shares = [("50 %", 0.5), ("1 %", 0.01), (".01 %", 0.0001)];
    let selections = shares
        .map(|(name, share)| Ok((name, some_documents(&whole, share)?)))
        .into_iter()
        .collect::<Result<Vec<_>>>()?;

    let (on_whole, on_segments) = (Searcher::new(&whole), Searcher::new(&segments));
    let auto = Strategy::Auto;
    let mut ways = vec![
        Way::new("whole, k = 10", "whole, k = 10", on_whole.clone(), &in_whole, 10, auto),
        Way::new("whole, k = 1000", "whole, k = 1000", on_whole.clone(), &in_whole, 1000, auto),
        Way::new("all postings", "all postings", on_whole.clone(), &in_whole, 10, Strategy::Taat),
        Way::new("segments, k = 10", "whole, k = 10", on_segments.clone(), &in_segments, 10, auto),
        Way::new("segments, k = 1000", "whole, k = 1000", on_segments, &in_segments, 1000, auto),
    ];
    for (name, selected) in &selections {
        let searcher = on_whole.with_selected(selected);
        let beside = if *name == "50 %" { "whole, k = 10" } else { "all postings" };
        ways.push(Way::new(&format!("{name} kept, k = 10"), beside, searcher, &in_whole, 10, auto));
    }
    for round in 0..ROUNDS {
        for way in &mut ways {
            (0..in_whole.len()).try_for_each(|query| way.answer(query, round))?;
        }
    }
    for way in &ways {
        let beside = ways.iter().find(|other| other.name == way.beside).unwrap_or(way);
        let (us, ratio) = (way.mean_us(), way.mean_us() / beside.mean_us());
        let line = serde_json::json!({
            "way": way.name, "us": us, "beside": way.beside, "ratio": ratio, "hits": way.hits,
        });
        println!("{line}");
    }
    for terms in [4, 8, 16] {
        let pruned = parsed(&whole, QueryPruning { terms, ..QueryPruning::default() })?;
        let two_steps = TwoSteps { searcher: Searcher::new(&whole), whole: &in_whole, pruned };
        let (candidates, us, recall) = two_steps.measure()?;
        let exact = ways.first().map_or(us, Way::mean_us);
        let line = serde_json::json!({
            "way": format!("two steps, {terms} terms, k = 10"), "us": us,
            "beside": "whole, k = 10", "ratio": us / exact, "recall": recall,
            "ratio_of_candidates_alone": candidates / exact,
        });
        println!("{line}");
    }
    for alpha in [0.9, 0.8, 0.7] {
        let limits = Limits { alpha, ..Limits::default() };
        let limited = Limited { searcher: Searcher::new(&whole), limits, queries: &in_whole };
        let (us, recall) = limited.measure()?;
        let ratio = us / ways.first().map_or(us, Way::mean_us);
        let way = format!("alpha {alpha}, k = 10");
        let line = serde_json::json!({
            "way": way, "us": us, "beside": "whole, k = 10", "ratio": ratio, "recall": recall,
        });
        println!("{line}");
    }
    Ok(())
}

/// Search with limits.
struct Limited<'i> {
    searcher: Searcher<'i>,
    limits: Limits,
    queries: &'i [Query],
}

impl Limited<'_> {
    /// The mean time in microseconds, and the share of the exact best ten that is found.
    fn measure(&self) -> Result<(f64, f64)> {
        let limited = self.searcher.with_limits(self.limits);
        let mut scratch = Scratch::default();
        let mut times = vec![Duration::MAX; self.queries.len()];
        let (mut found, mut expected) = (0, 0);
        for round in 0..ROUNDS {
            for (time, query) in times.iter_mut().zip(self.queries) {
                let ranking = limited.search(query, 10, Strategy::Auto, &mut scratch)?;
                *time = (*time).min(ranking.time);
                if round == 0 {
                    let exact = self.searcher.search(query, 10, Strategy::Taat, &mut scratch)?.hits;
                    let last = exact.last().map_or(0, |hit| hit.score);
                    expected += exact.len();
                    found += ranking.hits.iter().filter(|hit| hit.score >= last).count();
                }
            }
        }
        let sum: Duration = times.iter().sum();
        let us = sum.as_secs_f64() * 1e6 / times.len().max(1) as f64;
        Ok((us, found as f64 / f64::from(expected.max(1) as u32)))
    }
}

/// Search by the heaviest terms, and scores of the candidates by all.
struct TwoSteps<'i> {
    searcher: Searcher<'i>,
    whole: &'i [Query],
    pruned: Vec<Query>,
}

impl TwoSteps<'_> {
    /// The mean time of the first step and of both in microseconds, and the share of the exact best
    /// ten that is found.
    fn measure(&self) -> Result<(f64, f64, f64)> {
        let mut scratch = Scratch::default();
        let mut times = vec![(Duration::MAX, Duration::MAX); self.whole.len()];
        let (mut found, mut expected) = (0, 0);
        for round in 0..ROUNDS {
            for (place, (whole, pruned)) in self.whole.iter().zip(&self.pruned).enumerate() {
                let start = Instant::now();
                let candidates =
                    self.searcher.search(pruned, CANDIDATES, Strategy::Auto, &mut scratch)?.hits;
                let first = start.elapsed();
                let mut scores = Vec::with_capacity(candidates.len());
                for hit in candidates {
                    scores.push(self.searcher.score(whole, hit.docid)?);
                }
                scores.sort_unstable_by(|a, b| b.cmp(a));
                let (fastest, both) = times[place];
                times[place] = (fastest.min(first), both.min(start.elapsed()));
                if round == 0 {
                    let exact = self.searcher.search(whole, 10, Strategy::Auto, &mut scratch)?.hits;
                    let last = exact.last().map_or(0, |hit| hit.score);
                    expected += exact.len();
                    found += scores.iter().take(10).filter(|&&score| score >= last).count();
                }
            }
        }
        let mean = |sum: Duration| sum.as_secs_f64() * 1e6 / times.len().max(1) as f64;
        let first = mean(times.iter().map(|&(first, _)| first).sum());
        let both = mean(times.iter().map(|&(_, both)| both).sum());
        Ok((first, both, found as f64 / f64::from(expected.max(1) as u32)))
    }
}

/// A random share of the documents.
fn some_documents(index: &Index, share: f64) -> Result<SelectedDocuments> {
    let mut random = Random::new(1);
    let mut docids = index.living()?;
    docids.retain(|_| random.unit() < share);
    Ok(SelectedDocuments::of_docids(index, &docids)?)
}

impl<'i> Way<'i> {
    fn new(
        name: &str,
        beside: &'static str,
        searcher: Searcher<'i>,
        queries: &'i [Query],
        k: usize,
        strategy: Strategy,
    ) -> Self {
        let (name, times) = (name.to_owned(), vec![Duration::MAX; queries.len()]);
        let scratch = Scratch::default();
        Self { name, beside, searcher, queries, k, strategy, scratch, times, hits: 0 }
    }

    fn answer(&mut self, query: usize, round: usize) -> Result<()> {
        let (searcher, scratch) = (&self.searcher, &mut self.scratch);
        let ranking = searcher.search(&self.queries[query], self.k, self.strategy, scratch)?;
        self.times[query] = self.times[query].min(ranking.time);
        if round == 0 {
            self.hits += ranking.hits.len();
        }
        Ok(())
    }

    fn mean_us(&self) -> f64 {
        let sum: Duration = self.times.iter().sum();
        sum.as_secs_f64() * 1e6 / self.times.len().max(1) as f64
    }
}
