//! Every weight of the input is in the index, or is counted as left out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;
use spork_core::{DocId, TermId};
use spork_index::{Index, Order, WeightKind};
use spork_indexer::{Options, Silent, index_bm25, index_vectors};

mod common;

use common::{build, contents, files, many_lines, write};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn integers_come_back(documents in prop::collection::btree_map("[a-z]{1,6}",
        prop::collection::btree_map(".{0,4}", 1..=u16::MAX, 0..10), 1..30))
    {
        let lines: String = documents.iter().map(|(docno, vector)| {
            let vector = serde_json::to_string(vector).unwrap();
            format!("{{\"id\": {docno:?}, \"vector\": {vector}}}\n")
        }).collect();
        let (folder, report) = build(&lines, &Options::default()).unwrap();
        prop_assert_eq!(report.manifest.fields[0].weights, WeightKind::Integer);
        let index = Index::open(&folder.path().join("index")).unwrap();
        spork_index::verify(&index).unwrap();
        prop_assert_eq!(contents(&index), documents.clone());
        for docno in documents.keys() {
            let docid = index.find(docno).unwrap().unwrap();
            prop_assert_eq!(index.docno(docid).unwrap(), docno);
        }
        prop_assert_eq!(index.find("no such document").unwrap(), None);
        let lexicon = index.segments()[0].lexicon();
        for id in 0..lexicon.len() {
            let term = lexicon.term(TermId(id)).unwrap();
            prop_assert_eq!(lexicon.find(0..lexicon.len(), term).unwrap(), Some(TermId(id)));
        }
    }
}

#[test]
fn same_bytes_for_any_threads_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let lines = many_lines();
    let input = write(folder.path(), "v.jsonl", &lines);
    let mut seen: Option<BTreeMap<PathBuf, Vec<u8>>> = None;
    for (i, (threads, memory)) in
        [(1, 4 << 30), (2, 4 << 30), (4, 4 << 30), (2, 80 << 20)].into_iter().enumerate()
    {
        let output = folder.path().join(format!("index{i}"));
        let options = Options { memory, threads, ..Options::default() };
        index_vectors(std::slice::from_ref(&input), &output, &options, &Silent).unwrap();
        let files = files(&output);
        assert_eq!(files.keys().filter(|path| path.extension().is_some()).count(), 5);
        match &seen {
            None => seen = Some(files),
            Some(first) => assert!(*first == files, "{threads} threads, {memory} bytes"),
        }
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let lines = concat!(
        "{\"id\": 1, \"vector\": {\"a\": 1.5, \"b\": 0, \"c\": 0.0001}}\n",
        "{\"id\": 2, \"vector\": {}}\n",
        "{\"id\": 3, \"vector\": {\"c\": 0.001}}\n",
    );
    let (folder, report) = build(lines, &Options::default()).unwrap();
    assert_eq!((report.zeros(), report.rounded_to_zero()), (1, 2));
    let counts = &report.summary.counts;
    assert_eq!((counts.documents, counts.empty_documents, counts.postings()), (3, 2, 1));
    // A term that has no posting is none.
    assert_eq!(counts.terms(), 1);
    assert_eq!(report.manifest.fields[0].weights, WeightKind::Float);
    let index = Index::open(&folder.path().join("index")).unwrap();
    spork_index::verify(&index).unwrap();
    assert_eq!(contents(&index)["1"], BTreeMap::from([("a".to_owned(), 255)]));
}

#[test]
fn bad_input_is_named_with_its_place() {
    let good = "{\"id\": \"x\", \"vector\": {\"a\": 1}}\n";
    for (line, says) in [
        (
            "{\"id\": \"x\", \"vector\": {\"a\": 2}}",
            "/v.jsonl:2: docno \"x\" is already that of document 1 of /v.jsonl",
        ),
        ("{\"id\": \"y\", \"vector\": {\"a\": NaN}}", "/v.jsonl:2: column 29: NaN or infinity"),
        (
            "{\"id\": \"y\", \"vector\": {\"a\": -1}}",
            "/v.jsonl:2: the weight of term \"a\" of \"y\" is negative (-1)",
        ),
        (
            "{\"id\": \"y\", \"vector\": {\"a\": 65536}}",
            "/v.jsonl:2: the weight 65536 of term \"a\" of \"y\" is beyond 65535",
        ),
        ("\u{1}", "/v.jsonl:2: column 1: expected value; expected {\"id\""),
    ] {
        let error = build(&format!("{good}{line}\n"), &Options::default()).unwrap_err();
        assert!(error.starts_with(says), "{line}: {error}");
    }
    let invalid = [good.as_bytes(), b"{\"id\": \"\xff\"}\n"].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.jsonl");
    std::fs::write(&path, invalid).unwrap();
    let error = index_vectors(&[path], &folder.path().join("index"), &Options::default(), &Silent)
        .unwrap_err();
    assert!(error.to_string().contains("v.jsonl:2: not valid UTF-8 at byte 8"), "{error}");
    assert!(!folder.path().join("index").exists());
    assert!(build("\n \n", &Options::default()).unwrap_err().contains("no document"));
    let small = Options { memory: 10 << 20, ..Options::default() };
    assert!(build(good, &small).unwrap_err().contains("--memory is 10M;"));
}

#[test]
fn an_index_is_replaced_only_by_a_whole_one() {
    let (folder, _) =
        build("{\"id\": \"old\", \"vector\": {\"a\": 1}}\n", &Options::default()).unwrap();
    let output = folder.path().join("index");
    let bad =
        write(folder.path(), "bad.jsonl", "{\"id\": \"new\", \"vector\": {\"a\": 1}}\nnonsense\n");
    index_vectors(&[bad], &output, &Options::default(), &Silent).unwrap_err();
    let open = Index::open(&output).unwrap();
    assert_eq!(open.docno(DocId(0)).unwrap(), "old");
    let good = write(folder.path(), "good.jsonl", "{\"id\": \"new\", \"vector\": {\"a\": 1}}\n");
    index_vectors(&[good], &output, &Options::default(), &Silent).unwrap();
    // A reader keeps what it opened.
    assert_eq!(open.docno(DocId(0)).unwrap(), "old");
    assert_eq!(Index::open(&output).unwrap().docno(DocId(0)).unwrap(), "new");

    let foreign = folder.path().join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    write(&foreign, "thesis.tex", "");
    let error =
        index_vectors(&[folder.path().join("good.jsonl")], &foreign, &Options::default(), &Silent);
    assert!(error.unwrap_err().to_string().contains("neither empty nor a Spork index"));
    assert!(foreign.join("thesis.tex").exists());
}

#[test]
fn bm25_weights() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = write(folder.path(), "c.tsv", "1\tcats and dogs\n2\tthe cat sat\n3\t\n");
    let output = folder.path().join("index");
    let analyzer = spork_bm25::Analyzer::english();
    let bm25 = spork_bm25::Bm25::default();
    let report =
        index_bm25(&[corpus], &output, &analyzer, bm25, &Options::default(), &Silent).unwrap();
    assert_eq!((report.summary.counts.documents, report.summary.counts.empty_documents), (3, 1));
    let index = Index::open(&output).unwrap();
    spork_index::verify(&index).unwrap();
    let contents = contents(&index);
    let keys: Vec<&str> = contents["1"].keys().map(String::as_str).collect();
    assert_eq!(keys, ["cat", "dog"]);
    // Both documents have two terms, once each; how rare a term is counts in queries alone.
    assert_eq!(contents["1"]["dog"], contents["1"]["cat"]);
    assert_eq!(contents["1"]["cat"], contents["2"]["cat"]);
    let field = &index.manifest().fields[0];
    assert_eq!(
        (field.name.as_str(), index.field_documents(0), field.calibration),
        ("bm25", 2, 1.0)
    );
    let property = |key: &str| field.properties[key].as_str();
    assert_eq!((property("analyzer"), property("mean_length")), ("english", "1.3333333333333333"));
}

#[test]
fn an_order_moves_documents_and_loses_nothing() {
    let line = |i: u32| {
        let terms: Vec<String> = (0..6)
            .map(|j| format!("\"t{}\": {}", (i % 9) * 8 + (i / 9 + j * 5) % 8, 1 + (i + j) % 40))
            .collect();
        format!("{{\"id\": \"d{i}\", \"vector\": {{{}}}}}\n", terms.join(", "))
    };
    // One window and a bit.
    let lines: String = (0..66_000).map(line).collect();
    let built = |order, threads, memory| {
        let options = Options { order, threads, memory, ..Options::default() };
        build(&lines, &options).unwrap()
    };
    let (input, _) = built(Order::Input, 2, 4 << 30);
    let (moved, report) = built(Order::Bisection, 2, 4 << 30);
    let (again, _) = built(Order::Bisection, 1, 100 << 20);
    assert_eq!(report.manifest.order, Order::Bisection);
    let open = |folder: &tempfile::TempDir| Index::open(&folder.path().join("index")).unwrap();
    assert!(contents(&open(&input)) == contents(&open(&moved)));
    assert!(open(&input).docno(DocId(1)).unwrap() != open(&moved).docno(DocId(1)).unwrap());
    assert!(files(&moved.path().join("index")) == files(&again.path().join("index")));
    let error =
        build(&lines, &Options { order: Order::Bisection, memory: 70 << 20, ..Options::default() });
    assert!(error.unwrap_err().contains("--memory"));
}
