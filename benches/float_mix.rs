//! Hybrid retrieval by definition: BM25 and SPLADE scores in 64-bit floats over the input files,
//! each divided by the field's calibration, added up and sorted.
//!
//!     float_mix INDEX CORPUS DOCUMENTS.svec TOPICS.tsv QUERIES.jsonl IDF_POWER > RUN
//!
//! INDEX, made of CORPUS and DOCUMENTS, gives the calibrations alone; the run shows what the
//! integers of a search cost.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use spork_bm25::{Analyzer, Bm25, CollectionStatistics};
use spork_cli::inputs::read_query_vectors;
use spork_core::idf;
use spork_eval::write_trec;
use spork_files::{Source, TextFormat, TextLine, read_topics};
use spork_index::Index;
use spork_vectors::ReadOptions;

/// Documents a topic in the run.
const DEPTH: usize = 1000;

/// A field in memory: postings by term, as floats.
#[derive(Default)]
struct Field {
    documents: u64,
    lists: HashMap<String, Vec<(usize, f64)>>,
}

impl Field {
    fn add(&mut self, document: usize, weights: impl IntoIterator<Item = (String, f64)>) {
        for (term, weight) in weights {
            self.lists.entry(term).or_default().push((document, weight));
        }
    }

    /// Adds what a query gives to all documents; its weights are multiplied by idf^`power`.
    fn score(&self, query: &[(String, f32)], power: f64, factor: f64, scores: &mut [f64]) {
        for (term, weight) in query {
            let Some(list) = self.lists.get(term) else { continue };
            let idf = idf(self.documents, list.len() as u32).powf(power);
            for &(document, impact) in list {
                scores[document] += factor * f64::from(*weight) * idf * impact;
            }
        }
    }
}

/// The documents' names and numbers.
#[derive(Default)]
struct Docnos {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Docnos {
    fn number(&mut self, docno: &str) -> usize {
        if let Some(&number) = self.numbers.get(docno) {
            return number;
        }
        self.numbers.insert(docno.to_owned(), self.names.len());
        self.names.push(docno.to_owned());
        self.names.len() - 1
    }
}

fn text(corpus: &Path, docnos: &mut Docnos) -> Result<Field> {
    let mut source = Source::open(corpus)?;
    let format = TextFormat::detect(&mut source)?;
    let (analyzer, mut buffer, mut counts) = (Analyzer::english(), Vec::new(), Vec::new());
    while let Some(line) = source.next_line(&mut buffer)? {
        let line = TextLine::parse(format, line).map_err(anyhow::Error::from)?;
        counts.push((docnos.number(&line.id), analyzer.count_terms(&line.text)));
    }
    let length = |counts: &[(String, u32)]| counts.iter().map(|&(_, count)| u64::from(count)).sum();
    let lengths: Vec<u64> = counts.iter().map(|(_, counts)| length(counts)).collect();
    let documents = counts.len() as u64;
    let statistics = CollectionStatistics { documents, length: lengths.iter().sum() };
    let mean_length = statistics.mean_length();
    let mut field = Field { documents, ..Field::default() };
    for ((document, counts), length) in counts.into_iter().zip(lengths) {
        let weight = |count| Bm25::default().weight(mean_length, f64::from(count), length as f64);
        let weights = counts.into_iter().map(|(term, count)| (term, f64::from(weight(count))));
        field.add(document, weights);
    }
    Ok(field)
}

fn vectors(documents: &Path, docnos: &mut Docnos) -> Result<Field> {
    let vectors = read_query_vectors(documents, &ReadOptions::default())?;
    let mut field = Field { documents: vectors.len() as u64, ..Field::default() };
    for vector in vectors {
        let weights = vector.weights.into_iter().map(|(term, weight)| (term, f64::from(weight)));
        field.add(docnos.number(&vector.qid), weights);
    }
    Ok(field)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [index, corpus, documents, topics, queries, power] = arguments.as_slice() else {
        anyhow::bail!("six arguments are needed; see the first lines of the source");
    };
    let index = Index::open(index.as_ref())?;
    let calibration = |name: &str| -> Result<f64> {
        let place = index.manifest().field_named(name).context("a hybrid index is needed")?;
        Ok(f64::from(index.manifest().fields[place].calibration))
    };
    let (bm25, splade) = (calibration("bm25")?, calibration("splade")?);
    let mut docnos = Docnos::default();
    let text = text(corpus.as_ref(), &mut docnos)?;
    let vectors = vectors(documents.as_ref(), &mut docnos)?;
    let mut encoded: HashMap<String, Vec<(String, f32)>> =
        read_query_vectors(queries.as_ref(), &ReadOptions::default())?
            .into_iter()
            .map(|query| (query.qid, query.weights))
            .collect();
    let (analyzer, power) = (Analyzer::english(), power.parse::<f64>()?);
    let mut output = BufWriter::new(std::io::stdout().lock());
    for (qid, topic) in read_topics(topics.as_ref())? {
        let vector = encoded.remove(&qid).context("a topic without its vector")?;
        let mut scores = vec![0.0; docnos.names.len()];
        text.score(&analyzer.query(&topic), 1.0, 1.0 / bm25, &mut scores);
        vectors.score(&vector, power, 1.0 / splade, &mut scores);
        let mut hits: Vec<(&str, f64)> =
            docnos.names.iter().map(String::as_str).zip(scores).collect();
        hits.retain(|&(_, score)| score > 0.0);
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| b.0.cmp(a.0)));
        hits.truncate(DEPTH);
        write_trec(&mut output, &qid, hits, "float-mix")?;
    }
    Ok(output.flush()?)
}
