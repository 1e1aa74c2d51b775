//! The library's own time for the queries of scripts/bench/python: `library INDEX QUERIES.jsonl K
//! CALLS ROUNDS`.
//!
//! Queries are JSONL vectors. Prints names and figures, separated by tabs: the median over CALLS of
//! one search, prepared and named (docnos and scores), in µs; the median over ROUNDS of all queries
//! in a batch, on one thread, in ms a query; and of that what is not the search itself, in µs a
//! query.

use std::time::Instant;

use anyhow::{Result, bail};
use spork_search::{Query, SearchOptions, open};

#[derive(serde::Deserialize)]
struct Line {
    vector: serde_json::Map<String, serde_json::Value>,
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [index, queries, k, calls, rounds] = args.as_slice() else {
        bail!("usage: library INDEX QUERIES.jsonl K CALLS ROUNDS");
    };
    let (index, k) = (open(index)?, k.parse()?);
    let queries = std::fs::read_to_string(queries)?;
    let queries = queries.lines().map(vector).collect::<Result<Vec<_>>>()?;
    let options = SearchOptions::default();
    let mut single = Vec::new();
    for call in 0..calls.parse()? {
        let query = queries[call % queries.len()].clone();
        let start = Instant::now();
        let answer = index.search_with(query, k, &options)?;
        let hits = index.hits(&answer)?;
        single.push(start.elapsed().as_secs_f64());
        drop(hits);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let (mut batches, mut rests) = (Vec::new(), Vec::new());
    for _ in 0..=rounds.parse::<usize>()? {
        let given = queries.clone();
        let start = Instant::now();
        let answers = pool.install(|| index.search_batch(given, k, &options))?;
        let seconds = start.elapsed().as_secs_f64();
        batches.push(seconds);
        rests.push(seconds - answers.iter().map(|answer| answer.time().as_secs_f64()).sum::<f64>());
    }
    // The first one warms up.
    batches.remove(0);
    rests.remove(0);
    println!("search_us\t{}", 1e6 * median(single));
    println!("batch_ms\t{}", 1e3 * median(batches) / queries.len() as f64);
    println!("batch_rest_us\t{}", 1e6 * median(rests) / queries.len() as f64);
    Ok(())
}

fn vector(line: &str) -> Result<Query> {
    let Line { vector } = serde_json::from_str(line)?;
    let weight = |(term, weight): (String, serde_json::Value)| {
        (term, weight.as_f64().unwrap_or_default() as f32)
    };
    Ok(Query::Vector(vector.into_iter().map(weight).collect()))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
