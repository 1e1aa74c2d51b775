//! A synthetic collection shaped like SPLADE vectors, and queries for it: `collection DOCUMENTS
//! SEED DOCS.jsonl QUERIES.jsonl`.
//!
//! A topic is a bag of terms. A document takes most of its terms from one topic and some from
//! another, and the rest from a vocabulary in which few terms are frequent and most are rare;
//! weights are integers from 1 to 255, of which most are small. A query is some of a topic's terms.
//! Documents of a topic are spread over the collection, so that an order that brings them together
//! has something to find. The same seed makes the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use spork_core::Random;
use spork_files::Output;
use spork_vectors::write_vector_line;

/// Terms of the vocabulary.
const VOCABULARY: u64 = 28_000;
/// Terms of a topic.
const TOPIC: u64 = 150;
/// Documents a topic, on average.
const DOCUMENTS_A_TOPIC: u64 = 100;
const QUERIES: u64 = 1000;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [documents, seed, document_file, query_file] = args.as_slice() else {
        bail!("usage: collection DOCUMENTS SEED DOCS.jsonl QUERIES.jsonl");
    };
    let documents: u64 = documents.parse().context("DOCUMENTS")?;
    let seed: u64 = seed.parse().context("SEED")?;
    let topics = (documents / DOCUMENTS_A_TOPIC).max(1);
    write(document_file, documents, |number| {
        let mut random = Random::new(seed ^ number << 1);
        let (main, other) = (random.next_u64() % topics, random.next_u64() % topics);
        let mut vector = BTreeMap::new();
        draw(&mut vector, 60, &mut random, |random| term_of(seed, main, skewed(random, TOPIC)));
        draw(&mut vector, 25, &mut random, |random| term_of(seed, other, skewed(random, TOPIC)));
        draw(&mut vector, 40, &mut random, |random| skewed(random, VOCABULARY));
        vector
    })?;
    write(query_file, QUERIES, |number| {
        let mut random = Random::new(seed ^ (number << 1 | 1));
        let topic = random.next_u64() % topics;
        let mut vector = BTreeMap::new();
        draw(&mut vector, 30, &mut random, |random| term_of(seed, topic, skewed(random, TOPIC)));
        draw(&mut vector, 15, &mut random, |random| skewed(random, VOCABULARY));
        vector
    })
}

/// A term of a topic.
fn term_of(seed: u64, topic: u64, number: u64) -> u64 {
    let seed = seed ^ (topic * TOPIC + number).wrapping_mul(0xd6e8_feb8_6659_fd93);
    skewed(&mut Random::new(seed), VOCABULARY)
}

/// Adds `n` terms with weights; one that is there already gets the larger weight.
fn draw(
    vector: &mut BTreeMap<u64, u64>,
    n: u64,
    random: &mut Random,
    term: impl Fn(&mut Random) -> u64,
) {
    for _ in 0..n {
        let weight = 1 + skewed(random, 255);
        let entry = vector.entry(term(random)).or_default();
        *entry = weight.max(*entry);
    }
}

fn write(path: &str, n: u64, vector: impl Fn(u64) -> BTreeMap<u64, u64>) -> Result<()> {
    let mut output = Output::open(Some(Path::new(path)))?;
    let names: Vec<String> = (0..VOCABULARY).map(|term| format!("t{term}")).collect();
    for number in 0..n {
        let vector = vector(number);
        let weights =
            vector.iter().map(|(&term, &weight)| (names[term as usize].as_str(), weight as f32));
        write_vector_line(&mut output, &number.to_string(), weights)?;
    }
    Ok(output.finish()?)
}

/// Below `n`, small numbers often and large ones seldom.
fn skewed(random: &mut Random, n: u64) -> u64 {
    let share = random.unit();
    (share * share * share * n as f64) as u64
}
