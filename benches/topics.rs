//! A synthetic collection with strong topics, grown from real queries: `topics QUERIES DOCUMENTS
//! SEED DOCS.jsonl MEASURED.jsonl`.
//!
//! QUERIES are vectors of any format, such as SPLADE's of the dev queries of MS MARCO. A document
//! is a noisy copy of one of them, mixed with some of that one's nearest neighbors, and filled up
//! with terms that are frequent in all queries. So terms occur together as a model has them, and a
//! topic has many documents or few. MEASURED are a thousand of the queries, with weights from 1 to
//! 255; of a quarter of these no document is grown. The arithmetic is exact on every machine: the
//! same queries and the same seed make the same bytes.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use rayon::prelude::*;
use spork_cli::inputs::{WeightedQuery, read_query_vectors};
use spork_core::Random;
use spork_files::Output;
use spork_vectors::{ReadOptions, write_vector_line};

/// Queries that are measured.
const MEASURED: usize = 1000;
/// The share of them that no document is grown from.
const LEFT_OUT: f64 = 0.25;
/// Neighbors of a query that its documents take terms from.
const NEIGHBORS: usize = 32;
/// The largest weight.
const LARGEST: f64 = 255.0;
/// Terms of a document, about.
const TERMS: f64 = 112.0;
/// Documents that are made at a time.
const TOGETHER: u64 = 20_000;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [queries, documents, seed, document_file, query_file] = args.as_slice() else {
        bail!("usage: topics QUERIES DOCUMENTS SEED DOCS.jsonl MEASURED.jsonl");
    };
    let documents: u64 = documents.parse().context("DOCUMENTS")?;
    let seed: u64 = seed.parse().context("SEED")?;
    let given = read_query_vectors(&PathBuf::from(queries), &ReadOptions::default())?;
    let topics = Topics::new(&given, seed)?;
    let mut output = Output::open(Some(Path::new(query_file)))?;
    for &number in &topics.measured {
        let vector = topics.named(&topics.queries[number]);
        write_vector_line(&mut output, &given[number].qid, vector)?;
    }
    output.finish()?;
    let mut output = Output::open(Some(Path::new(document_file)))?;
    for start in (0..documents).step_by(TOGETHER as usize) {
        let numbers = start..documents.min(start + TOGETHER);
        let lines: Vec<Vec<u8>> =
            numbers.into_par_iter().map(|number| topics.line(number)).collect::<Result<_>>()?;
        lines.iter().try_for_each(|line| output.write_all(line))?;
    }
    Ok(output.finish()?)
}

/// Terms by number, each with a weight from 1 to 255; ascending.
type Vector = Vec<(usize, f64)>;

struct Topics {
    seed: u64,
    /// Names of the terms.
    terms: Vec<String>,
    queries: Vec<Vector>,
    /// Queries that are measured.
    measured: Vec<usize>,
    /// Queries that documents are grown from, the most popular first.
    grown: Vec<usize>,
    popularity: Shares,
    /// By query: the nearest of those that documents are grown from.
    neighbors: Vec<Vec<usize>>,
    frequent: Shares,
}

impl Topics {
    fn new(given: &[WeightedQuery], seed: u64) -> Result<Self> {
        ensure!(given.len() > 2 * MEASURED, "expected more than {} queries", 2 * MEASURED);
        let (terms, queries) = numbered(given);
        let mut random = Random::new(seed ^ 0x5eed);
        let mut measured: Vec<usize> = (0..queries.len()).collect();
        random.sample(&mut measured, MEASURED);
        let mut left_out = vec![false; queries.len()];
        for &number in &measured {
            left_out[number] = random.unit() < LEFT_OUT;
        }
        let mut grown: Vec<usize> =
            (0..queries.len()).filter(|&number| !left_out[number]).collect();
        let all = grown.len();
        random.sample(&mut grown, all);
        let mut frequencies = vec![0.0; terms.len()];
        queries.iter().flatten().for_each(|&(term, _)| frequencies[term] += 1.0);
        let popularity =
            Shares::new((0..grown.len()).map(|rank| 1.0 / (rank as f64 + 10.0).sqrt()));
        let frequent = Shares::new(frequencies.into_iter());
        let neighbors = nearest(&queries, &grown, terms.len());
        Ok(Self { seed, terms, queries, measured, grown, popularity, neighbors, frequent })
    }

    fn named<'t>(&'t self, vector: &'t Vector) -> impl Iterator<Item = (&'t str, f32)> {
        vector.iter().map(|&(term, weight)| (self.terms[term].as_str(), weight as f32))
    }

    fn line(&self, number: u64) -> Result<Vec<u8>> {
        let mut line = Vec::new();
        let document = self.document(number);
        write_vector_line(&mut line, &number.to_string(), self.named(&document))?;
        Ok(line)
    }

    /// The queries that a document is grown from, each with the share of its terms that are kept
    /// and the factor of their weights.
    fn sources(&self, random: &mut Random) -> Vec<(usize, f64, f64)> {
        let main = self.grown[self.popularity.draw(random)];
        let others = match random.unit() {
            share if share < 0.15 => 0,
            share if share < 0.5 => 1,
            share if share < 0.8 => 2,
            _ => 3,
        };
        let mut sources = vec![(main, 0.45 + 0.5 * random.unit(), 0.85 * around_one(random, 0.65))];
        for _ in 0..others {
            let other = match random.unit() < 0.7 {
                true => self.neighbors[main][random.below(NEIGHBORS)],
                false => self.grown[self.popularity.draw(random)],
            };
            sources.push((other, 0.2 + 0.6 * random.unit(), 0.6 * around_one(random, 1.15)));
        }
        sources
    }

    fn document(&self, number: u64) -> Vector {
        let mut random = Random::new(self.seed ^ number.wrapping_mul(0xa24b_aed4_963e_e407));
        let random = &mut random;
        let mut weights = std::collections::BTreeMap::new();
        for (source, kept, factor) in self.sources(random) {
            for &(term, weight) in &self.queries[source] {
                // Heavy terms stay more often.
                if random.unit() < kept + (1.0 - kept) * 0.5 * weight / LARGEST {
                    let weight = whole(weight * factor * around_one(random, 1.4));
                    let known = weights.entry(term).or_insert(weight);
                    *known = weight.max(*known);
                }
            }
        }
        let length = (TERMS * around_one(random, 1.4)).round() as usize;
        for _ in 0..20 * length {
            if weights.len() >= length {
                break;
            }
            let term = self.frequent.draw(random);
            let weight = whole(10.0 * around_one(random, 6.0));
            weights.entry(term).or_insert(weight);
        }
        let mut vector: Vector = weights.into_iter().collect();
        vector.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        vector.truncate(length);
        vector.sort_by_key(|&(term, _)| term);
        vector
    }
}

/// Terms by number, and queries of these; the largest weight of all becomes 255.
fn numbered(given: &[WeightedQuery]) -> (Vec<String>, Vec<Vector>) {
    let weights = || given.iter().flat_map(|query| &query.weights);
    let mut terms: Vec<String> = weights().map(|(term, _)| term.clone()).collect();
    terms.sort();
    terms.dedup();
    let largest = weights().map(|&(_, weight)| f64::from(weight)).fold(1.0, f64::max);
    let vector = |query: &WeightedQuery| {
        let mut vector: Vector = Vec::with_capacity(query.weights.len());
        for (term, weight) in &query.weights {
            let number = terms.partition_point(|known| known < term);
            vector.push((number, whole(f64::from(*weight) * LARGEST / largest)));
        }
        vector.sort_by_key(|&(term, _)| term);
        vector
    };
    let queries = given.iter().map(vector).collect();
    (terms, queries)
}

/// By query: those of `grown` that are nearest to it by the cosine.
fn nearest(queries: &[Vector], grown: &[usize], terms: usize) -> Vec<Vec<usize>> {
    let mut lists: Vec<Vec<(usize, f64)>> = vec![Vec::new(); terms];
    for &number in grown {
        queries[number].iter().for_each(|&(term, weight)| lists[term].push((number, weight)));
    }
    let square = |vector: &Vector| vector.iter().map(|(_, weight)| weight * weight).sum::<f64>();
    let norms: Vec<f64> = queries.iter().map(|vector| square(vector).sqrt()).collect();
    let of = |(number, vector): (usize, &Vector)| {
        let mut products = vec![0.0; queries.len()];
        for &(term, weight) in vector {
            lists[term].iter().for_each(|&(other, own)| products[other] += weight * own);
        }
        let mut others: Vec<usize> = grown.iter().copied().filter(|&o| o != number).collect();
        let cosine = |other: usize| products[other] / norms[other].max(1.0);
        others.sort_by(|&one, &other| cosine(other).total_cmp(&cosine(one)).then(one.cmp(&other)));
        others.truncate(NEIGHBORS);
        others
    };
    queries.par_iter().enumerate().map(of).collect()
}

/// Numbers to be drawn, each as often as its share says.
struct Shares(Vec<f64>);

impl Shares {
    fn new(shares: impl Iterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let running = shares.map(|share| {
            sum += share;
            sum
        });
        Self(running.collect())
    }

    fn draw(&self, random: &mut Random) -> usize {
        let at = random.unit() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|&end| end <= at).min(self.0.len() - 1)
    }
}

/// A factor that is as often twice as half, and the farther from 1 the larger `spread` is: the
/// quotient of two uniform numbers from 1 to 1 + spread.
fn around_one(random: &mut Random, spread: f64) -> f64 {
    let (up, down) = (random.unit(), random.unit());
    (1.0 + spread * up) / (1.0 + spread * down)
}

/// A weight as an integer from 1 to 255.
fn whole(weight: f64) -> f64 {
    weight.round().clamp(1.0, LARGEST)
}
