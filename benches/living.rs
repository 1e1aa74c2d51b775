//! What segments, deletions and filters cost a search: `living WHOLE SEGMENTS QUERIES`.
//!
//! SEGMENTS is an index of several segments with deleted documents, WHOLE the same index merged.
//! Each query is answered by all ways in turn, three rounds, on one thread; the fastest of the
//! three counts. A line of JSON a way: its mean time in microseconds, and what it is compared with.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use spork_cli::inputs::read_query_vectors;
use spork_core::Random;
use spork_index::Index;
use spork_searcher::{Query, Scratch, Searcher, SelectedDocuments, Strategy};
use spork_vectors::ReadOptions;

const ROUNDS: usize = 3;

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
        bail!("usage: living WHOLE SEGMENTS QUERIES");
    };
    let (whole, segments) = (Index::open(whole)?, Index::open(segments)?);
    ensure!(whole.documents() == segments.documents(), "the two have other documents");
    let parsed = |index: &Index| -> Result<Vec<Query>> {
        let queries = read_query_vectors(queries, &ReadOptions::default())?;
        queries.iter().map(|query| Ok(Query::new(index, &query.weights)?)).collect()
    };
    let (in_whole, in_segments) = (parsed(&whole)?, parsed(&segments)?);
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
        for query in 0..in_whole.len() {
            ways.iter_mut().try_for_each(|way| way.answer(query, round))?;
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
    Ok(())
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
