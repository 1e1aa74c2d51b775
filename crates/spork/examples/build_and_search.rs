//! Indexes text by BM25 and searches it.
//!
//! `cargo run --example build_and_search [CORPUS [QUERY]]`: CORPUS is BEIR's `corpus.jsonl` or
//! `docno<TAB>text`, plain or compressed; without one, four sentences are searched.

use spork_search::{build, open};

const SENTENCES: [(&str, &str); 4] = [
    ("d1", "A posting list holds the documents of a term."),
    ("d2", "Sparse vectors fit an inverted index, since most of their weights are zero."),
    ("d3", "A spork is half a spoon and half a fork."),
    ("d4", "Documents that share no term with the query are never scored."),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("index");
    let report = match args.next() {
        Some(corpus) => build(&path).text_files(&[corpus])?,
        None => build(&path).text(SENTENCES)?,
    };
    let counts = &report.summary.counts;
    println!("{} documents, {} postings", counts.documents, counts.postings());

    let index = open(&path)?;
    let query = args.next().unwrap_or("terms of an inverted index".to_owned());
    for (rank, hit) in index.search(query, 10)?.iter().enumerate() {
        println!("{:2}  {}  {:.3}", rank + 1, hit.docno, hit.score);
    }
    Ok(())
}
