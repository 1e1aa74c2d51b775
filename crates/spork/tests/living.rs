//! An index that changes, as a program meets it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use spork_search::{
    Analyzer, Bm25, EmptyField, Error, Index, Quantizer, Query, Scale, StoredSchema, build, change,
    open, parse_schema,
};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    (folder, path)
}

fn docnos(index: &Index, query: impl Into<Query>) -> Vec<String> {
    index.search(query, 10).unwrap().into_iter().map(|hit| hit.docno).collect()
}

#[test]
fn readers_keep_their_generation_until_they_refresh() {
    let (_folder, path) = folder();
    build(&path).text([("d1", "a fork"), ("d2", "forks and bowls")]).unwrap();
    let mut reader = open(&path).unwrap();
    let (first, before) = (reader.generation(), reader.search("forks", 10).unwrap());
    assert!(!reader.refresh().unwrap(), "nothing has changed");
    let added = change(&path).text([("d3", "fork fork fork")]).unwrap();
    assert_eq!((added.report.summary.counts.documents, added.report.replaced), (1, 0));
    let deleted = change(&path).delete(["d1"]).unwrap();
    assert_eq!((deleted.report.deleted, deleted.report.left), (1, 2));
    change(&path).update(true).text([("d2", "a bowl")]).unwrap();
    let merged = change(&path).merge().unwrap();
    assert_eq!((merged.after, merged.documents), (1, 2));
    // Its files are gone from the folder; what it has open is not.
    assert_eq!(reader.search("forks", 10).unwrap(), before);
    assert_eq!((reader.generation(), reader.len()), (first, 2));
    assert!(reader.refresh().unwrap() && !reader.refresh().unwrap());
    assert_eq!((reader.generation(), reader.len()), (first + 4, 2));
    assert_eq!(docnos(&reader, "forks"), ["d3"]);
    // Built anew in the same folder after it was removed: the same number, another index.
    std::fs::remove_dir_all(&path).unwrap();
    build(&path).text([("d9", "a fork")]).unwrap();
    let mut other = open(&path).unwrap();
    std::fs::remove_dir_all(&path).unwrap();
    assert!(other.refresh().is_err(), "it is gone");
    assert_eq!(docnos(&other, "forks"), ["d9"], "what is open stays");
    build(&path).text([("d8", "a fork")]).unwrap();
    assert_eq!(other.generation(), 1);
    assert!(other.refresh().unwrap() && other.generation() == 1);
    assert_eq!(docnos(&other, "forks"), ["d8"]);
}

#[test]
fn a_mix_that_does_not_fit_any_more_is_told_at_the_refresh() {
    let (_folder, path) = folder();
    build(&path).hybrid([("d1", "a fork", [("a", 1.0)])]).unwrap();
    let mut reader = open(&path).unwrap().with_mix("splade=0,bm25=1").unwrap();
    build(&path).text([("d2", "forks")]).unwrap();
    assert!(reader.refresh().unwrap_err().to_string().contains("splade"));
    assert_eq!(docnos(&reader, "forks"), ["d1"]);
}

fn empty(path: &Path) {
    let step = Quantizer::new(0.01).unwrap();
    build(path)
        .empty(&[
            EmptyField::Vectors { scale: Scale::Step(step), calibration: 2.0 },
            EmptyField::Text {
                analyzer: &Analyzer::english(),
                bm25: Bm25 { k1: 1.2, b: 0.75 },
                mean_length: 2.5,
                calibration: 1.0,
            },
        ])
        .unwrap();
}

#[test]
fn a_hybrid_index_grows_from_nothing() {
    let (_folder, path) = folder();
    empty(&path);
    let mut index = open(&path).unwrap();
    assert!(index.is_empty());
    let query = || Query::Both("fork".to_owned(), vec![("a".to_owned(), 1.0)]);
    assert!(docnos(&index, query()).is_empty());
    change(&path)
        .hybrid([("d1", "a fork", vec![("a", 1.5)]), ("d2", "a bowl", vec![("b", 0.5)])])
        .unwrap();
    change(&path).vectors([("d3", [("a", 1.0)])]).unwrap();
    change(&path).text([("d4", "forks and forks")]).unwrap();
    index.refresh().unwrap();
    assert_eq!(docnos(&index, query()), ["d1", "d3", "d4"]);
    // An update brings all fields anew.
    change(&path).update(true).text([("d1", "a fork")]).unwrap();
    index.refresh().unwrap();
    assert_eq!(docnos(&index, query()), ["d3", "d4", "d1"]);
    assert_eq!(index.len(), 4);
}

#[test]
fn a_filter_holds_for_every_generation() {
    let (folder, path) = folder();
    let records = |name: &str, years: std::ops::Range<u32>| {
        let line =
            |year| format!("{{\"_id\": \"d{year}\", \"text\": \"fork\", \"year\": {year}}}\n");
        let file = folder.path().join(name);
        std::fs::write(&file, years.map(line).collect::<String>()).unwrap();
        file
    };
    let columns = parse_schema("year:integer").unwrap();
    let stored = StoredSchema { columns, texts: true, ..StoredSchema::default() };
    build(&path).stored(stored).text_files(&[records("a", 0..10)]).unwrap();
    let mut index = open(&path).unwrap().with_filter("year > 6").unwrap();
    assert_eq!(docnos(&index, "fork"), ["d9", "d8", "d7"]);
    assert_eq!(index.searchable().unwrap(), 3);
    change(&path).text_files(&[records("b", 10..12)]).unwrap();
    change(&path).delete_where("year in (8, 3)").unwrap();
    index.refresh().unwrap();
    assert_eq!(docnos(&index, "fork"), ["d9", "d7", "d11", "d10"]);
    assert_eq!((index.searchable().unwrap(), index.len()), (4, 10));
    // The index is built anew, without columns.
    build(&path).text([("d1", "a fork")]).unwrap();
    assert!(index.refresh().unwrap_err().to_string().contains("no column"));
    assert_eq!(docnos(&index, "fork").len(), 4);
}

/// Whoever opens an index while it changes sees one state of it, whole.
#[test]
fn readers_see_all_of_a_change_or_nothing() {
    let (_folder, path) = folder();
    build(&path).text([("d0", "a fork"), ("e0", "a fork")]).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    let ordering = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let (mut seen, mut most) = (0, 0);
            while !done.load(ordering) {
                let index = open(&path).unwrap();
                let found = index.search("fork", 1000).unwrap().len();
                assert_eq!(found, index.len(), "all of a generation's documents");
                assert!(found.is_multiple_of(2) && found >= most, "{found} after {most}");
                (seen, most) = (seen + 1, found);
            }
            seen
        });
        for i in 1..=20 {
            let pair = [format!("d{i}"), format!("e{i}")];
            change(&path).text(pair.iter().map(|docno| (docno, "a fork"))).unwrap();
        }
        change(&path).merge().unwrap();
        done.store(true, ordering);
        assert!(reading.join().unwrap() > 0);
    });
    assert_eq!(open(&path).unwrap().len(), 42);
}

#[test]
fn many_additions_are_merged_unless_that_is_not_wanted() {
    for (merge, expected) in [(true, 1), (false, 8)] {
        let (_folder, path) = folder();
        empty(&path);
        let mut last = None;
        for i in 0..8 {
            let document = (format!("d{i}"), [("a", 1.0 + i as f32)]);
            last = change(&path).merge_due(merge).vectors([document]).unwrap().merged;
        }
        assert_eq!(last.is_some(), merge);
        let index = spork_index::Index::open(&path).unwrap();
        assert_eq!(index.segments().len(), expected);
        let vectors = open(&path).unwrap().with_mix("splade=1,bm25=0").unwrap();
        assert_eq!(docnos(&vectors, [("a", 1.0)])[0], "d7");
    }
}

#[test]
fn errors_leave_the_index_as_it_was() {
    let (_folder, path) = folder();
    build(&path).text([("d1", "a fork")]).unwrap();
    let said = |error: Error| error.to_string();
    let there = change(&path).text([("d0", "new"), ("d1", "again")]).unwrap_err();
    assert!(said(there).contains("has a document \"d1\" already"));
    let missing = change(&path).delete(["d1", "d7"]).unwrap_err();
    assert!(said(missing).contains("no document \"d7\""));
    let vectors = change(&path).vectors([("d2", [("a", 1.0)])]).unwrap_err();
    assert!(said(vectors).contains("no field for vectors; it has bm25"));
    assert!(change(path.join("none")).text([("d2", "x")]).is_err());
    let index = open(&path).unwrap();
    assert_eq!((index.len(), index.generation()), (1, 1));
    let report = change(&path).ignore_missing(true).delete(["d7"]).unwrap().report;
    assert_eq!((report.deleted, report.missing), (0, 1));
    assert_eq!(open(&path).unwrap().generation(), 1, "nothing to do is no change");
    assert!(!path.join("none").exists(), "no folder is made");
}
