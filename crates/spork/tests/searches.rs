//! What a door says of a search, and what it gets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use spork_search::{
    BuildError, DocumentFiles, Error, Index, Limits, Phase, Progress, Query, SearchError,
    SearchOptions, Stop, Stopped, StoredSchema, build, change, open, parse_schema,
};

const DOCUMENTS: u32 = 300;

/// Documents with a number as column; each third has the word "third".
fn index(folder: &Path) -> PathBuf {
    let path = folder.join("index");
    let mut files = DocumentFiles::beside(&path).unwrap();
    for number in 0..DOCUMENTS {
        let word = if number % 3 == 0 { "third" } else { "other" };
        let line = format!(r#"{{"_id":"d{number:03}","text":"{word} fork","number":{number}}}"#);
        files.push_json(&line, true).unwrap();
    }
    let columns = parse_schema("number:integer").unwrap();
    let stored = StoredSchema { columns, texts: true, vectors: false };
    build(&path).stored(stored).documents(files).unwrap();
    path
}

fn below(number: u32) -> SearchOptions {
    let filter = Some(format!("number < {number}").parse().unwrap());
    SearchOptions { filter, ..SearchOptions::default() }
}

fn docnos(index: &Index, query: &str, k: usize, options: &SearchOptions) -> Vec<String> {
    let answer = index.search_with(query, k, options).unwrap();
    index.hits(&answer).unwrap().into_iter().map(|hit| hit.docno).collect()
}

#[test]
fn filters_are_each_search_s_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = open(index(folder.path())).unwrap();
    // More filters than are remembered, twice.
    for number in (0..60).chain(0..60) {
        let answer = index.search_with("third", 1000, &below(number)).unwrap();
        assert_eq!(answer.matched(), Some(number.into()));
        assert_eq!(answer.len(), number.div_ceil(3) as usize);
        assert!(answer.is_exact());
    }
    assert_eq!(docnos(&index, "third", 2, &below(10)), ["d009", "d006"]);
    // What a filter keeps is of its generation.
    change(index.folder()).delete(["d009"]).unwrap();
    assert_eq!(docnos(&index, "third", 2, &below(10)), ["d009", "d006"]);
    assert!(index.refresh().unwrap());
    assert_eq!(docnos(&index, "third", 2, &below(10)), ["d006", "d003"]);
    assert!(index.search("third", 1).unwrap()[0].docno.starts_with("d29"), "no filter stays");
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(index(folder.path())).unwrap();
    let mix = Some("splade=1".parse().unwrap());
    let wrong = SearchOptions { mix, ..SearchOptions::default() };
    assert!(index.check(&wrong).is_err());
    assert!(index.search_with("fork", 1, &wrong).is_err());
    let filter = Some("year > 3".parse().unwrap());
    let wrong = SearchOptions { filter, ..SearchOptions::default() };
    assert!(matches!(index.search_with("fork", 1, &wrong), Err(Error::Filter(_))));
    assert!(index.with_options(wrong).is_err());
}

#[test]
fn a_batch_is_its_searches() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(index(folder.path())).unwrap();
    let options = below(100);
    let queries = ["third", "fork", "", "nothing", "third fork"];
    let answers = index.search_batch(queries, 7, &options).unwrap();
    for (query, answer) in queries.iter().zip(&answers) {
        let single = index.search_with(*query, 7, &options).unwrap();
        assert_eq!(index.hits(answer).unwrap(), index.hits(&single).unwrap(), "{query}");
        assert_eq!((answer.matched(), answer.is_exact()), (Some(100), true));
    }
    let mut run = Vec::new();
    index.write_trec(&answers[0], &mut run, "q", "tag").unwrap();
    let results = index.with_options(options).unwrap().search_topics([("q", "third")], 7).unwrap();
    let mut same = Vec::new();
    results.write_trec(&mut same, "tag").unwrap();
    assert_eq!(run, same);
}

#[test]
fn limits_come_with_a_bound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    // Some blocks are always scored: there are more.
    let vector = |number: u32| [("a", (number % 97 + 1) as f32), ("b", (number % 89 + 1) as f32)];
    build(&path).vectors((0..20_000).map(|n| (format!("d{n}"), vector(n)))).unwrap();
    let index = open(&path).unwrap();
    let limits = Limits { postings: 0, ..Limits::default() };
    let options = SearchOptions { limits, ..SearchOptions::default() };
    let query = || Query::from([("a", 1.0), ("b", 1.0)]);
    let exact = index.search(query(), 1000).unwrap();
    let cut = index.search_with(query(), 1000, &options).unwrap();
    assert!(!cut.is_exact(), "{:?}", cut.statistics());
    let found = index.hits(&cut).unwrap();
    let unseen = cut.unseen_at_most().unwrap();
    assert!(exact.iter().filter(|hit| !found.contains(hit)).all(|hit| hit.score <= unseen));
}

#[test]
fn a_prepared_query_belongs_to_its_generation() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = open(index(folder.path())).unwrap();
    let options = SearchOptions::default();
    let prepared = index.prepare(vec![Query::from("third")], &options).unwrap().remove(0);
    assert_eq!(prepared.text(), Some("third"));
    assert_eq!(prepared.fields(), [("bm25".to_owned(), 1.0)]);
    let answer = index.search_prepared(&prepared, 3, &options).unwrap();
    let hits = index.hits(&answer).unwrap();
    let explained = index.explain_prepared(&prepared, &hits[0].docno, None, &options).unwrap();
    assert_eq!(explained.terms[0].term, "third");
    change(index.folder()).delete(["d000"]).unwrap();
    assert!(index.refresh().unwrap());
    let stale = |result: Option<Error>| matches!(result, Some(Error::OtherGeneration { .. }));
    assert!(stale(index.search_prepared(&prepared, 3, &options).err()));
    assert!(stale(index.explain_prepared(&prepared, "d003", None, &options).err()));
}

/// Asks to stop after so many steps.
struct StopAfter(std::sync::atomic::AtomicU64);

impl Progress for StopAfter {
    fn phase(&self, _: Phase, _: Option<u64>) {}

    fn advance(&self, steps: u64) -> Result<(), Stopped> {
        let left = self.0.load(std::sync::atomic::Ordering::Relaxed);
        self.0.store(left.saturating_sub(steps), std::sync::atomic::Ordering::Relaxed);
        if left < steps.max(1) { Err(Stopped) } else { Ok(()) }
    }
}

#[test]
fn stopped_work_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = index(folder.path());
    let before = open(&path).unwrap();
    let files = || {
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    };
    let there = files();
    let mut completed = 0;
    for steps in [0, 1, 10, 100, 250, 450, 600, 1000, 100_000] {
        let after = StopAfter(steps.into());
        let documents = (0..200).map(|number| (format!("new{number}"), "a new fork"));
        match change(&path).progress(&after).text(documents) {
            Ok(_) => completed += 1,
            Err(error) => {
                assert!(matches!(error, Error::Build(BuildError::Stopped(Stopped))), "{error}");
                assert_eq!(open(&path).unwrap().generation(), before.generation());
            }
        }
        assert_eq!(files(), there, "after {steps}");
        if completed > 0 {
            break;
        }
    }
    assert_eq!(completed, 1);
    assert_eq!(open(&path).unwrap().len(), before.len() + 200);
    let options = SearchOptions { stop: Stop::default(), ..SearchOptions::default() };
    options.stop.request();
    for queries in [vec!["fork"; 3], vec!["fork"; 500]] {
        let stopped = before.search_batch(queries, 10, &options);
        assert!(matches!(stopped, Err(Error::Search(SearchError::Stopped(Stopped)))));
    }
}

#[test]
fn documents_from_memory_say_what_is_wrong_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let mut files = DocumentFiles::beside(&path).unwrap();
    for (line, text) in
        [("no JSON", false), (r#"{"text": "x"}"#, true), (r#"{"_id": "a"}"#, true), ("[1]", false)]
    {
        let error = files.push_json(line, text).unwrap_err();
        assert!(error.to_string().contains(line), "{error}");
    }
    assert!(matches!(build(&path).documents(files), Err(Error::NoDocuments { .. })));
    let mut files = DocumentFiles::beside(&path).unwrap();
    files.push_vector("a", [("x", 1.0)]).unwrap();
    files.push_json(r#"{"_id": "a", "year": 3}"#, false).unwrap();
    files.push_text("b", "a fork").unwrap();
    let columns = parse_schema("year:integer").unwrap();
    let stored = StoredSchema { columns, ..StoredSchema::default() };
    build(&path).stored(stored).documents(files).unwrap();
    let index = open(&path).unwrap();
    assert_eq!(index.len(), 2);
    let document = serde_json::to_value(index.document("a").unwrap()).unwrap();
    let expected = serde_json::json!({
        "docno": "a", "columns": {"year": 3}, "vector": {"splade": {"x": 1.0}, "bm25": {}}
    });
    assert_eq!(document, expected);
    assert!(index.contains("b").unwrap() && !index.contains("c").unwrap());
    assert!(matches!(index.document("c"), Err(Error::NoDocument { .. })));
}
