//! Real collections with known answers.

use std::collections::HashMap;

use spork_bm25::{Analyzer, Bm25, CollectionStatistics};
use spork_eval::{Metric, Options, Qrels, Run, evaluate};
use spork_files::{Source, TextFormat, TextLine};
use spork_vectors::write_vector_line;

use super::*;

fn metric(name: &str, qrels: &Path, run: &Path) -> f64 {
    let qrels = Qrels::read(&mut Source::open(qrels).unwrap()).unwrap();
    let run = Run::read(&mut Source::open(run).unwrap()).unwrap();
    let metrics = Metric::parse_list(name).unwrap();
    evaluate(&qrels, &run, &metrics, Options { complete: true, ..Options::default() })
        .unwrap()
        .summaries()[0]
}

/// The published BM25 figures of SciFact lie between 0.665 and 0.679.
#[test]
fn bm25_on_scifact() {
    let bench = Bench::new();
    let data = project("data/scifact");
    let data = data.display();
    bench.ok(&format!("index --bm25 {data}/corpus.jsonl.gz --output i"));
    bench.ok(&format!("search --index i --topics {data}/queries.tsv --output run.trec"));
    let ndcg = metric("nDCG@10", &project("data/scifact/qrels.tsv"), &bench.path("run.trec"));
    assert!((0.665 - 0.01..=0.679 + 0.01).contains(&ndcg), "nDCG@10 {ndcg}");
    println!("BM25 on SciFact: nDCG@10 {ndcg:.4}");
}

/// Texts of a file as id and term counts.
fn counts(path: &Path) -> Vec<(String, Vec<(String, u32)>)> {
    let analyzer = Analyzer::english();
    let mut source = Source::open(path).unwrap();
    let format = TextFormat::detect(&mut source).unwrap();
    let (mut all, mut buffer) = (Vec::new(), Vec::new());
    while let Some(line) = source.next_line(&mut buffer).unwrap() {
        let line = TextLine::parse(format, line).unwrap();
        all.push((line.id.into_owned(), analyzer.count_terms(&line.text)));
    }
    all
}

/// The same BM25 weights in 8-bit impacts and in 16 bits (times 4,000, as integers): nDCG@10 hardly
/// moves.
#[test]
fn quantization_costs_next_to_nothing() {
    let bench = Bench::new();
    let documents = counts(&project("data/scifact/corpus.jsonl.gz"));
    let mut df: HashMap<&str, u32> = HashMap::new();
    let mut length = 0;
    for (term, count) in documents.iter().flat_map(|(_, counts)| counts) {
        *df.entry(term).or_default() += 1;
        length += u64::from(*count);
    }
    let collection = CollectionStatistics { documents: documents.len() as u64, length };
    let (mut floats, mut integers) = (Vec::new(), Vec::new());
    for (docno, counts) in &documents {
        let length: u32 = counts.iter().map(|&(_, count)| count).sum();
        let weight = |(term, count): &(String, u32)| {
            let idf = spork_core::idf(collection.documents, df[term.as_str()]);
            idf as f32
                * Bm25::default().weight(
                    collection.mean_length(),
                    f64::from(*count),
                    f64::from(length),
                )
        };
        let weights = || counts.iter().map(|entry| (entry.0.as_str(), weight(entry)));
        write_vector_line(&mut floats, docno, weights()).unwrap();
        write_vector_line(&mut integers, docno, weights().map(|(t, w)| (t, (w * 4000.0).round())))
            .unwrap();
    }
    let mut queries = Vec::new();
    for (qid, counts) in counts(&project("data/scifact/queries.tsv")) {
        let weights = counts.iter().map(|(term, count)| (term.as_str(), *count as f32));
        write_vector_line(&mut queries, &qid, weights).unwrap();
    }
    bench.write("q.jsonl", queries);
    let mut ndcg = Vec::new();
    for (name, vectors) in [("floats", floats), ("integers", integers)] {
        bench.write("v.jsonl", vectors);
        bench.ok(&format!("index --input v.jsonl --output {name}"));
        bench.ok(&format!("search --index {name} --vectors q.jsonl --output run.trec"));
        ndcg.push(metric("nDCG@10", &project("data/scifact/qrels.tsv"), &bench.path("run.trec")));
    }
    println!("nDCG@10 with 8-bit impacts {:.5}, with 16 bits {:.5}", ndcg[0], ndcg[1]);
    assert!((ndcg[0] - ndcg[1]).abs() < 0.002, "{ndcg:?}");
}

/// qid, docno → score.
type Scores = HashMap<(String, String), f64>;

fn run_scores(run: &str) -> Scores {
    let line = |line: &str| {
        let columns: Vec<&str> = line.split(' ').collect();
        ((columns[0].to_owned(), columns[2].to_owned()), columns[4].parse().unwrap())
    };
    run.lines().map(line).collect()
}

/// 20 SPLADE++ documents and 5 queries with their dot products, through index and search.
#[test]
#[ignore = "needs ../shared/data: splade-vectors"]
fn known_answers() {
    let data = project("../shared/data/splade-vectors");
    let expected: Scores = std::fs::read_to_string(data.join("expected-scores.tsv"))
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            ((columns[0].to_owned(), columns[1].to_owned()), columns[2].parse().unwrap())
        })
        .filter(|(_, score): &(_, f64)| *score > 0.0)
        .collect();
    assert_eq!(expected.len(), 54);
    floats(&data, &expected);
    integers(&data);
}

type Vectors = Vec<(String, HashMap<String, f64>)>;

fn vectors(path: &Path) -> Vectors {
    let text = std::fs::read_to_string(path).unwrap();
    let vector = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        (record["id"].to_string(), serde_json::from_value(record["vector"].clone()).unwrap())
    };
    text.lines().map(vector).collect()
}

/// As they are: each score within half a step of document and query weights.
fn floats(data: &Path, expected: &Scores) {
    let bench = Bench::new();
    let shown = data.display();
    bench.ok(&format!("index --input {shown}/documents.jsonl --output i"));
    let got = run_scores(&bench.ok(&format!("search --index i --vectors {shown}/queries.jsonl")));
    let shown = bench.ok("inspect --index i");
    let step: f64 = shown
        .lines()
        .find_map(|line| line.strip_prefix("  weights\tfloats in steps of "))
        .unwrap()
        .parse()
        .unwrap();
    let (documents, queries) =
        (vectors(&data.join("documents.jsonl")), vectors(&data.join("queries.jsonl")));
    let mut largest: f64 = 0.0;
    for (qid, query) in &queries {
        let query_step = query.values().fold(0.0, |a: f64, &b| a.max(b)) / 1023.0;
        for (docno, document) in &documents {
            let key = (qid.clone(), docno.clone());
            let shared = query.iter().filter_map(|(term, q)| Some((q, document.get(term)?)));
            let bound: f64 = shared
                .map(|(q, d)| (q + query_step / 2.0) * step / 2.0 + d * query_step / 2.0)
                .sum();
            let difference =
                (got.get(&key).unwrap_or(&0.0) - expected.get(&key).unwrap_or(&0.0)).abs();
            assert!(difference <= bound + 1e-6, "{key:?}: off by {difference}, bound {bound}");
            largest = largest.max(difference);
        }
    }
    println!("known answers, floats: 100 pairs, largest difference {largest:.5}");
}

/// Times 100 and rounded: exactly.
fn integers(data: &Path) {
    let bench = Bench::new();
    let rounded = |vectors: Vectors| -> Vec<(String, HashMap<String, u32>)> {
        let round = |(term, weight): (String, f64)| (term, (weight * 100.0).round() as u32);
        vectors
            .into_iter()
            .map(|(id, vector)| (id, vector.into_iter().map(round).collect()))
            .collect()
    };
    let documents = rounded(vectors(&data.join("documents.jsonl")));
    let queries = rounded(vectors(&data.join("queries.jsonl")));
    for (name, vectors) in [("d.jsonl", &documents), ("q.jsonl", &queries)] {
        let line = |(id, vector): &(String, HashMap<String, u32>)| {
            format!("{{\"id\": {id}, \"vector\": {}}}\n", serde_json::to_string(vector).unwrap())
        };
        bench.write(name, vectors.iter().map(line).collect::<String>());
    }
    bench.ok("index --input d.jsonl --output i");
    let got = run_scores(&bench.ok("search --index i --vectors q.jsonl"));
    let mut expected = Scores::new();
    for (qid, query) in &queries {
        for (docno, document) in &documents {
            let score: u32 =
                query.iter().map(|(term, q)| q * document.get(term).unwrap_or(&0)).sum();
            if score > 0 {
                expected.insert((qid.clone(), docno.clone()), f64::from(score));
            }
        }
    }
    assert_eq!(got, expected);
    println!("known answers, integers: {} scores equal", got.len());
}
