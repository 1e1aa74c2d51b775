//! An index that lives: documents are added, replaced and deleted, and a reader follows.
//!
//! `cargo run --example living`

use spork_search::{Analyzer, Bm25, EmptyField, build, change, open};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("index");
    // It may start empty; then it has to be told what it finds out from documents otherwise.
    let field = EmptyField::Text {
        analyzer: &Analyzer::english(),
        bm25: Bm25::default(),
        mean_length: 6.0,
        calibration: 1.0,
    };
    build(&path).empty(&[field])?;
    let mut index = open(&path)?;

    change(&path).text([("tea", "Green tea from Uji."), ("pot", "A pot for tea.")])?;
    change(&path).text([("cup", "Two cups, and a bowl for matcha.")])?;
    println!("{} documents before the refresh", index.len());
    index.refresh()?;
    println!("{} documents in generation {}", index.len(), index.generation());

    change(&path).update(true).text([("pot", "A pot, sold out.")])?;
    // No file of the index holds its words any more.
    change(&path).purge(true).delete(["cup"])?;
    change(&path).merge()?;
    index.refresh()?;
    for hit in index.search("tea pots", 10)? {
        println!("{}  {:.3}", hit.docno, hit.score);
    }
    Ok(())
}
