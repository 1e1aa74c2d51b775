//! Explanations of scores, and of the differences between two searches.

use super::*;

const CORPUS: &str = "d1\tthe cat and the dog\nd2\tthe dog\nd3\twater\n";
const TOPICS: &str = "q1\tcats\nq2\tdogs and cats\nq3\twater\n";

fn text() -> Bench {
    let bench = Bench::new();
    bench.write("corpus.tsv", CORPUS);
    bench.write("topics.tsv", TOPICS);
    bench.ok("index --bm25 corpus.tsv --output text");
    bench
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// The scores of a run, by docno.
fn score(run: &str, docno: &str) -> f64 {
    let columns = run.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    columns.into_iter().find(|columns| columns[2] == docno).unwrap()[4].parse().unwrap()
}

#[test]
fn integers_sum_to_the_score_that_search_prints() {
    let bench = Bench::new();
    bench.write("d.jsonl", VECTORS);
    bench.ok("index --input d.jsonl --output i");
    bench.write("q.tsv", "7\tcat cat dog dog dog eel\n");
    let run = bench.ok("search --index i --vectors q.tsv");
    let table = bench.ok("explain --index i --docno d1 --vectors q.tsv");
    let lines: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(table.lines().next(), Some("d1: rank 1, score 9"), "{table}");
    assert!(score(&run, "d1") == 9.0, "{run}");
    // share bar term query document product df in query, in document
    assert_eq!(
        (lines[3][0], &lines[3][2..]),
        ("67%", &["cat", "2", "3", "6", "2", "unknown", "unknown"][..])
    );
    assert_eq!((lines[4][2], lines[5].as_slice()), ("dog", &["100%", "score", "9"][..]));
    assert!(table.contains("in no document: eel"), "{table}");
    let table = bench.ok("explain --index i --docno d3 --vectors q.tsv");
    assert!(table.contains("not in the document: dog 3\n"), "{table}");
    let explained = json(&bench.ok("explain --index i --docno d1 --vectors q.tsv --json"));
    assert_eq!((&explained["qid"], &explained["points"]), (&"7".into(), &9.into()));
    assert_eq!(explained["rank"], 1);
    let products = explained["terms"].as_array().unwrap().iter();
    assert_eq!(products.map(|term| term["product"].as_u64().unwrap()).sum::<u64>(), 9);
    assert_eq!(explained["unknown"][0]["term"], "eel");
    bench.write("none.tsv", "1\tfish\n");
    let table = bench.ok("explain --index i --docno d2 --vectors none.tsv");
    assert!(table.starts_with("d2: score 0\n"), "{table}");
    assert!(table.contains("no term of the query"), "{table}");
}

#[test]
fn terms_of_text_stand_in_the_text() {
    let bench = text();
    let run = bench.ok("search --index text --query dogs");
    let mut command = bench.command("explain --index text --docno d2 d1 --json --query");
    let lines = command.arg("dogs, eels").output().unwrap();
    let lines = String::from_utf8(lines.stdout).unwrap();
    let explained: Vec<serde_json::Value> = lines.lines().map(json).collect();
    for (explained, docno) in explained.iter().zip(["d2", "d1"]) {
        assert_eq!(explained["docno"], docno);
        let value = explained["score"].as_f64().unwrap();
        assert!((value - score(&run, docno)).abs() < 1e-6, "{explained}");
        let term = &explained["terms"][0];
        assert_eq!((&term["term"], &term["share"]), (&"dog".into(), &1.0.into()));
        assert_eq!((&term["in_query"], &term["in_document"]), (&"text".into(), &"text".into()));
    }
    assert_eq!(explained[0]["unknown"][0]["term"], "eel");
}

#[test]
fn one_query_is_explained_and_documents_have_to_be_there() {
    let bench = text();
    let said = bench.fails("explain --index text --docno d1 --topics topics.tsv", 1);
    assert!(said.contains("has 3 queries; say which one with --qid"), "{said}");
    bench.ok("explain --index text --docno d1 --topics topics.tsv --qid q2");
    let said = bench.fails("explain --index text --docno d1 --topics topics.tsv --qid q9", 1);
    assert!(said.contains("topics.tsv: no query \"q9\""), "{said}");
    let said = bench.fails("explain --index text --docno d1 d9 --query cats", 1);
    assert!(said.contains("text: no document \"d9\""), "{said}");
    bench.fails("explain --index text --docno d1", 2);
    bench.fails("explain --index text --query cats", 2);
}

/// The terms of a model: those in a text, and expansion.
#[test]
fn expansion_is_told_from_text() {
    let bench = Bench::new();
    let model = project("data/model").display().to_string();
    bench.write("d.tsv", "car\tThe mechanic mended the brakes of the automobile.\n");
    bench.ok(&format!("encode --model {model} --input d.tsv --output d.svec"));
    bench.ok("index --input d.svec --output i");
    let explain = |rest: &str| {
        let line = format!("explain --index i --docno car --model {model} --json {rest} --query");
        let output = bench.command(&line).arg("a car's brakes").output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let explained = json(&String::from_utf8(output.stdout).unwrap());
        let terms = explained["terms"].as_array().unwrap().clone();
        let origin = |name: &str, side: &str| {
            let term = terms.iter().find(|term| term["term"] == name).unwrap();
            term[side].as_str().unwrap().to_owned()
        };
        (
            [origin("car", "in_query"), origin("car", "in_document")],
            [origin("brakes", "in_query"), origin("brakes", "in_document")],
        )
    };
    let both = |query: &str, document: &str| [query.to_owned(), document.to_owned()];
    let (car, brakes) = explain("");
    assert_eq!((car, brakes), (both("text", "unknown"), both("text", "unknown")));
    let (car, brakes) = explain("--corpus d.tsv");
    assert_eq!((car, brakes), (both("text", "expansion"), both("text", "text")));
    let (car, brakes) = explain("--text car");
    assert_eq!((car, brakes), (both("text", "text"), both("text", "expansion")));
}

#[test]
fn hits_are_explained_in_a_table_and_in_a_file() {
    let bench = text();
    let table = bench.ok("search --index text --explain dogs and cats");
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[1].ends_with("  d1") && lines[2].trim() == "cat 68% · dog 32%", "{table}");
    assert!(lines[3].ends_with("  d2") && lines[4].trim() == "dog 100%", "{table}");
    let said = bench.fails("search --index text --explain --topics topics.tsv", 1);
    assert!(said.contains("--explanations FILE.jsonl"), "{said}");
    let run = bench.ok("search --index text --topics topics.tsv --explanations e.jsonl");
    assert_eq!(run, bench.ok("search --index text --topics topics.tsv"), "as without");
    let written = std::fs::read_to_string(bench.path("e.jsonl")).unwrap();
    let explained: Vec<serde_json::Value> = written.lines().map(json).collect();
    let hits = run.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    assert_eq!(explained.len(), run.lines().count());
    for (explained, hit) in explained.iter().zip(hits) {
        assert_eq!((&explained["qid"], &explained["docno"]), (&hit[0].into(), &hit[2].into()));
        assert_eq!(explained["rank"].to_string(), hit[3]);
        let (got, expected) = (explained["score"].as_f64().unwrap(), hit[4].parse::<f64>());
        assert!((got - expected.unwrap()).abs() < 1e-6, "{explained}");
    }
    let said = bench.fails("search --index text --topics topics.tsv --explanations -", 1);
    assert!(said.contains("can't both go to standard output"), "{said}");
}

#[test]
fn two_indexes_differ() {
    let bench = text();
    bench.write("other.tsv", "d1\tthe cat and the dog\nd2\tthe dog\nd4\tcats, cats, cats\n");
    bench.write("qrels", "q1 0 d4 1\nq2 0 d1 1\nq3 0 d3 1\n");
    bench.ok("index --bm25 other.tsv --output other");
    let diff = "diff --index text other --topics topics.tsv";
    let table = bench.ok(&format!("{diff} --qrels qrels"));
    assert!(table.starts_with("A  text\nB  other\n"), "{table}");
    // q1: d1 | d4 d1; q2: d1 d2 | d1 d4 d2; q3: d3 | nothing.
    assert!(table.contains("3 topics, their best 10 documents: overlap 0.389"), "{table}");
    assert!(table.contains("topics won by A: 1, by B: 1; tied: 1"), "{table}");
    assert!(table.contains("↑  d4  >100 → 1  grade 1  cat +1.00"), "{table}");
    assert!(table.contains("↓  d3  1 → >100  grade 1  water −1.00"), "{table}");
    let report = json(&bench.ok(&format!("{diff} --qrels qrels --json")));
    assert_eq!((&report["topics"], &report["equal"]), (&3.into(), &0.into()));
    assert_eq!(report["judged"]["wins"], serde_json::json!([1, 1]));
    let topic = report["per_topic"].as_array().unwrap().iter().find(|topic| topic["qid"] == "q1");
    let moved = &topic.unwrap()["moved"][0];
    assert_eq!((&moved["docno"], &moved["ranks"]), (&"d4".into(), &serde_json::json!([null, 1])));
    assert_eq!(moved["terms"][0]["parts"], serde_json::json!([0.0, 1.0]));
    // The runs themselves say the same, but not why.
    bench.ok("search --index text --topics topics.tsv --output a.trec");
    bench.ok("search --index other --topics topics.tsv --output b.trec");
    let runs = bench.ok("diff --run a.trec b.trec --qrels qrels");
    assert!(runs.contains("overlap 0.389") && runs.contains("won by A: 1"), "{runs}");
    assert!(runs.contains("↑  d4  none → 1  grade 1"), "{runs}");
    let same = bench.ok("diff --run a.trec a.trec");
    assert!(same.contains("overlap 1.000, rank-biased overlap 1.000, 3 equal"), "{same}");
    assert!(!same.contains("differ most"), "{same}");
}

#[test]
fn one_index_is_searched_in_two_ways() {
    let bench = Bench::new();
    bench.write("d.jsonl", VECTORS);
    bench.write("a.jsonl", "{\"id\": \"1\", \"vector\": {\"cat\": 1, \"fish\": 1}}\n");
    bench.write("b.jsonl", "{\"id\": \"1\", \"vector\": {\"cat\": 9, \"dog\": 9}}\n");
    bench.ok("index --input d.jsonl --output i");
    let table = bench.ok("diff --index i --vectors a.jsonl b.jsonl");
    assert!(table.starts_with("A  a.jsonl\nB  b.jsonl\n"), "{table}");
    // d3 d1 | d1 d3 d2: fish 300 of 302 for d3; cat 3 · 9 and dog 1 · 9 of 36 for d1.
    assert!(table.contains("↑  d1  2 → 1") && table.contains("cat +0.74 · dog +0.25"), "{table}");
    assert!(table.contains("↓  d3  1 → 2") && table.contains("fish −0.99"), "{table}");
    let said = bench.fails("diff --index i --vectors a.jsonl", 1);
    assert!(said.contains("both sides are the same"), "{said}");
    bench.write("c.jsonl", "{\"id\": \"2\", \"vector\": {\"cat\": 1}}\n");
    let said = bench.fails("diff --index i --vectors a.jsonl c.jsonl", 1);
    assert!(said.contains("no query in common"), "{said}");
    bench.fails("diff --index i --run a b", 2);
    bench.fails("diff --vectors a.jsonl b.jsonl", 2);
    let said = bench.fails("diff --index i i2 --topics -", 1);
    assert!(said.contains("i2"), "{said}");
}

#[test]
fn similar_documents_are_found_without_the_document() {
    let bench = Bench::new();
    bench.write("d.jsonl", VECTORS);
    bench.ok("index --input d.jsonl --output i");
    // d1 is cat 3, dog 1: with d3 3 · 2, with d2 1 · 2.
    let table = bench.ok("search --index i --like d1 --explain");
    let lines: Vec<&str> = table.lines().map(str::trim).collect();
    assert_eq!(&lines[1..], ["1      6  d3", "cat 100%", "2      2  d2", "dog 100%"], "{table}");
    bench.ok("search --index i --like d1 --k 1 --output run");
    assert_eq!(std::fs::read_to_string(bench.path("run")).unwrap(), "d1 Q0 d3 1 6 spork\n");
    let said = bench.fails("search --index i --like d9", 1);
    assert!(said.contains("i: no document \"d9\""), "{said}");
    bench.fails("search --index i --like d1 cats", 2);
    bench.write("c.tsv", "d1\tcats\nd2\tdogs\nd3\tcats and dogs\n");
    bench.ok("index --input d.jsonl --bm25 c.tsv --output both");
    let docnos = |mix: &str| {
        let table = bench.ok(&format!("search --index both --like d1{mix}"));
        let rows = table.lines().skip(1);
        rows.map(|row| row.split_whitespace().nth(2).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(docnos(""), ["d3", "d2"]);
    assert_eq!(docnos(" --mix splade=0,bm25=1"), ["d3"]);
}
