//! Indexes sparse vectors of any encoder and searches them with a vector.
//!
//! `cargo run --example own_vectors`

use spork_search::{Codec, build, open};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("index");
    // Weights are what a SPLADE model gives: zero or more, a few dozen terms a document.
    let documents = [
        ("d1", vec![("sparse", 1.7), ("vector", 1.2), ("index", 0.9)]),
        ("d2", vec![("dense", 1.5), ("vector", 1.4), ("graph", 0.6)]),
        ("d3", vec![("index", 2.1), ("posting", 1.8), ("sparse", 0.3)]),
    ];
    build(&path).codec(Codec::Compact).vectors(documents)?;

    let index = open(&path)?;
    for hit in index.search([("sparse", 1.0), ("index", 0.8)], 2)? {
        println!("{}  {:.3}", hit.docno, hit.score);
    }
    Ok(())
}
