//! Queries and flags as users write them.

use std::path::Path;

use anyhow::{Context, Result, bail};
use spork_core::TermId;
use spork_files::{Error, SeenIds, Source};
use spork_indexer::Scale;
use spork_model::MOST_IDF_POWER;
use spork_vectors::{Format, ReadOptions, VectorFormat, VectorLine, VectorReader, recognize};

/// A query as terms and weights.
pub struct WeightedQuery {
    /// Its id.
    pub qid: String,
    /// Terms, each once, and their weights, in the order of the query and therefore no
    /// `SparseVector`: of equally heavy terms those that come first stay where `--query-terms`
    /// leaves some out.
    pub weights: Vec<(String, f32)>,
}

/// Reads query vectors of any format.
pub fn read_query_vectors(path: &Path, options: &ReadOptions) -> Result<Vec<WeightedQuery>> {
    let mut source = Source::open(path)?;
    let format = match options.format {
        Some(format) => format,
        None => recognize(&mut source)?,
    };
    let line_format = match format {
        Format::AnseriniTopics => VectorFormat::RepeatedTerms,
        Format::Pisa => VectorFormat::Pisa,
        _ if format.is_json() => {
            source.is_json()?;
            VectorFormat::Jsonl
        }
        _ => {
            let reader = VectorReader::from_source(source, format, options)?;
            return some(read_blocks(reader)?, path);
        }
    };
    let mut queries = Vec::new();
    let mut qids = SeenIds::default();
    let mut buffer = Vec::new();
    while let Some(line) = source.next_line(&mut buffer)? {
        let vector = VectorLine::parse(line_format, line)
            .map_err(|error| Error::line(source.path(), line.number, error))?;
        qids.add(&vector.id, source.path(), line.number)?;
        let weights =
            vector.weights.into_iter().map(|(term, weight)| (term.into_owned(), weight)).collect();
        queries.push(WeightedQuery { qid: vector.id.into_owned(), weights });
    }
    some(queries, path)
}

fn read_blocks(mut reader: VectorReader) -> Result<Vec<WeightedQuery>> {
    let (mut queries, mut terms, mut qids) = (Vec::new(), Vec::new(), SeenIds::default());
    while let Some(block) = reader.next_block()? {
        terms.extend(block.new_terms);
        for vector in block.vectors {
            qids.add(&vector.id, reader.path(), queries.len() as u64 + 1)?;
            let term = |(id, weight): (TermId, f32)| (terms[id.0 as usize].clone(), weight);
            queries.push(WeightedQuery {
                qid: vector.id,
                weights: vector.vector.into_iter().map(term).collect(),
            });
        }
    }
    Ok(queries)
}

fn some<T>(queries: Vec<T>, path: &Path) -> Result<Vec<T>> {
    if queries.is_empty() {
        bail!(Error::NoQuery { path: path.to_owned() });
    }
    Ok(queries)
}

/// `500M`, `4G`, `4GiB`, or plain bytes; the units are powers of 1024.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let unit = match lower[digits..].trim_end_matches("ib").trim_end_matches('b').trim() {
        "" => 1u64,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        _ => return Err("expected a size such as 500M or 4G".to_owned()),
    };
    let number: f64 =
        lower[..digits].parse().map_err(|_| "expected a size such as 500M or 4G".to_owned())?;
    Ok((number * unit as f64) as u64)
}

/// `integer`, or the step between impacts.
pub fn parse_scale(text: &str) -> Result<Scale, String> {
    text.parse().map_err(|_| "expected a number above 0, or integer".into())
}

/// Documents per query.
pub fn parse_k(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&k| k > 0).ok_or("expected a number from 1 up".into())
}

/// A number of threads that a machine could have.
pub fn parse_threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|threads| (1..=1024).contains(threads))
        .ok_or("expected a number from 1 to 1024".into())
}

/// Queries a second.
pub fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| (0.001..=1e7).contains(rate));
    rate.ok_or("expected a number from 0.001 to 10000000".into())
}

/// A finite number above 0.
pub fn parse_factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor: &f64| *factor > 0.0 && factor.is_finite());
    factor.ok_or("expected a number above 0".into())
}

/// A number from 0 to 1.
pub fn parse_share(text: &str) -> Result<f32, String> {
    let share = text.parse().ok().filter(|share: &f32| (0.0..=1.0).contains(share));
    share.ok_or("expected a number from 0 to 1".into())
}

/// A share of weights above 0.
pub fn parse_mass(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| *share > 0.0 && *share <= 1.0);
    share.ok_or("expected a number above 0, up to 1".into())
}

/// A quantile that leaves something above it.
pub fn parse_quantile(text: &str) -> Result<f64, String> {
    let quantile = text.parse().ok().filter(|quantile: &f64| (0.0..1.0).contains(quantile));
    quantile.ok_or("expected a number from 0 to below 1".into())
}

/// Milliseconds, fractions included.
pub fn parse_milliseconds(text: &str) -> Result<f64, String> {
    let time = text.parse().ok().filter(|time: &f64| (0.0..=1e9).contains(time));
    time.ok_or("expected milliseconds, from 0 to 1000000000".into())
}

/// `A..B`: ranks from 1, both ends included.
pub fn parse_ranks(text: &str) -> Result<(usize, usize), String> {
    let ranks = text
        .split_once("..")
        .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    ranks
        .filter(|&(first, last)| 1 <= first && first <= last)
        .ok_or("expected ranks such as 1..100".into())
}

/// A number from 0 up.
pub fn parse_not_negative(text: &str) -> Result<f32, String> {
    parse_within(text, 0.0..=f32::MAX, "a number from 0 up")
}

/// A number from 0 to 1.
pub fn parse_b(text: &str) -> Result<f32, String> {
    parse_within(text, 0.0..=1.0, "a number from 0 to 1")
}

/// A power of idf.
pub fn parse_idf_power(text: &str) -> Result<f32, String> {
    parse_within(text, 0.0..=MOST_IDF_POWER, &format!("a number from 0 to {MOST_IDF_POWER}"))
}

fn parse_within(
    text: &str,
    range: std::ops::RangeInclusive<f32>,
    expected: &str,
) -> Result<f32, String> {
    text.parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("expected {expected}"))
}

/// A pool of `threads` threads, or of one a core.
pub fn start_threads(threads: Option<usize>) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build();
    pool.context("threads could not be started")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks() {
        assert_eq!(parse_ranks("1..100"), Ok((1, 100)));
        assert_eq!(parse_ranks("7..7"), Ok((7, 7)));
        for text in ["", "7", "0..3", "5..4", "1..=4", "a..b", "1.."] {
            assert!(parse_ranks(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, size) in
            [("500M", 500 << 20), ("4G", 4 << 30), ("4GiB", 4 << 30), ("1.5g", 3 << 29), ("7", 7)]
        {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
        for text in ["", "G", "4X", "-1G", "four"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
