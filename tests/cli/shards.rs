//! Shards of a collection: built apart, like one index, and searched as one.

use super::*;

fn vectors(documents: std::ops::Range<usize>) -> String {
    let line = |i: usize| {
        let (a, b, weight) = (i % 11, i % 7, 0.25 + (i % 9) as f32 / 4.0);
        format!("{{\"id\": \"d{i}\", \"vector\": {{\"a{a}\": {weight}, \"b{b}\": 0.5}}}}\n")
    };
    documents.map(line).collect()
}

fn texts(documents: std::ops::Range<usize>) -> String {
    let words = ["cats and dogs", "a dog", "fish, fish and more fish", "the cat of the dogs"];
    let text = |i: usize| {
        let (text, lang) = (words[i % words.len()], ["en", "de", "fr"][i % 3]);
        format!("{{\"_id\": \"d{i}\", \"text\": \"{text}\", \"lang\": \"{lang}\"}}\n")
    };
    documents.map(text).collect()
}

/// A hybrid collection, one index of it, and three shards.
fn collection() -> Bench {
    let bench = Bench::new();
    // Vectors in two files, texts in another order than they.
    bench.write("1.jsonl", vectors(0..200));
    bench.write("2.jsonl", vectors(200..400));
    bench.write("t.jsonl", texts(150..420) + &texts(0..150));
    bench.write("t.tsv", "1\tdog\n2\tcats\n3\tfish\n");
    let query = |i| format!("{{\"id\": {i}, \"vector\": {{\"a{i}\": 1, \"b{i}\": 0.3}}}}\n");
    bench.write("q.jsonl", (1..=3).map(query).collect::<String>());
    let settings = "--k1 1.2 --codec compact --columns lang:keyword --store text";
    let input = "--input 1.jsonl 2.jsonl --bm25 t.jsonl";
    bench.ok(&format!("index {input} {settings} --output whole"));
    bench.ok(&format!("index {input} {settings} --statistics-only --output fixed"));
    for part in 1..=3 {
        bench.ok(&format!("index {input} --like fixed --shard {part}/3 --output s{part}"));
        bench.ok(&format!("verify --index s{part}"));
    }
    bench
}

#[test]
fn shards_are_searched_as_one_index() {
    let bench = collection();
    for options in [
        "--k 1000",
        "--k 7",
        "--mix splade=1,bm25=0.5",
        "--strategy block-max --k 10",
        "--filter lang=\"en\"",
        "--alpha 0.5 --k 5",
    ] {
        let search = |folders: &str| {
            let queries = "--topics t.tsv --vectors q.jsonl";
            bench.ok(&format!("search --index {folders} {queries} {options}"))
        };
        let whole = search("whole");
        assert!(whole.lines().count() >= 15, "{options}");
        assert_eq!(search("s1 s2 s3"), whole, "{options}");
        assert_eq!(search("s3 --index s1 --index s2"), whole, "{options}");
        assert_eq!(search("whole"), whole);
    }
    let explain = |folders: &str| {
        let query = "--topics t.tsv --vectors q.jsonl --qid 1 --json";
        bench.ok(&format!("explain --index {folders} --docno d1 d2 d3 {query}"))
    };
    assert_eq!(explain("s1 s2 s3"), explain("whole"));
    let like = |folders: &str| bench.ok(&format!("search --index {folders} --like d7 --output -"));
    assert_eq!(like("s1 s2 s3"), like("whole"));
    // A table for a person, whose words are the query.
    let table = |folders: &str| bench.ok(&format!("search {folders} --mix splade=0,bm25=1 dogs"));
    assert_eq!(table("--index s1 --index s2 --index s3"), table("--index whole"));
}

/// Every document is in one shard; what is added to one has to be its own.
#[test]
fn changes_go_to_the_shard_of_a_document() {
    let bench = collection();
    let documents = |index: &str| -> u64 {
        let said = bench.ok(&format!("inspect --index {index} --json"));
        let statistics: serde_json::Value = serde_json::from_str(&said).unwrap();
        statistics["documents"].as_u64().unwrap()
    };
    assert_eq!(documents("whole"), 420);
    assert_eq!(["s1", "s2", "s3"].map(documents).iter().sum::<u64>(), 420);
    bench.write("new.jsonl", vectors(420..450));
    bench.write("new-t.jsonl", texts(420..450));
    let add = "--input new.jsonl --bm25 new-t.jsonl";
    let refused = bench.fails(&format!("add --index s1 {add}"), 1);
    assert!(refused.contains("belongs to another shard than 1/3"), "{refused}");
    let refused = bench.fails(&format!("add --index s1 --shard 2/3 {add}"), 1);
    assert!(refused.contains("is shard 1/3 of its collection, not 2/3"), "{refused}");
    for part in 1..=3 {
        bench.ok(&format!("add --index s{part} --shard {part}/3 {add}"));
    }
    assert_eq!(["s1", "s2", "s3"].map(documents).iter().sum::<u64>(), 450);
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let bench = collection();
    bench.ok("index --input 1.jsonl --scale 0.5 --output other");
    bench.ok("index --input 1.jsonl --statistics-only --output vectors");
    bench.ok("index --input 1.jsonl --bm25 t.jsonl --columns lang:keyword --store text --output o");
    let queries = "--topics t.tsv --vectors q.jsonl";
    for (folders, expected) in [
        ("s1 s1", "are the same index"),
        ("s1 other", "have other fields, splade, bm25 and splade"),
        ("s1 o", "have other calibrations in the field splade"),
    ] {
        let failed = bench.fails(&format!("search --index {folders} {queries}"), 1);
        assert!(failed.contains(expected), "{folders}: {failed}");
    }
    let failed = bench.fails(&format!("search --index s1 whole {queries} --k 1000"), 1);
    assert!(failed.contains("is a document of"), "{failed}");
    for (arguments, code, expected) in [
        ("index --bm25 t.jsonl --shard 1/2 --output x", 2, "--like"),
        ("index --bm25 t.jsonl --like fixed --shard 3/2 --output x", 2, "expected I/N"),
        ("index --bm25 t.jsonl --like fixed --k1 2 --output x", 2, "--k1"),
        ("index --bm25 t.jsonl --like nowhere --output x", 1, "no Spork index here"),
        ("index --bm25 t.jsonl --statistics-only --like fixed --output x", 2, "--like"),
        ("search --index s1 s2 dogs", 2, "is an index; put --index before each"),
        ("index --bm25 t.jsonl --like fixed --shard 1/3 --output x", 1, "no input is for it"),
        (
            "index --input 1.jsonl --bm25 t.jsonl --like vectors --output x",
            1,
            "has no field for text",
        ),
        ("search --index whole dogs --tag x", 2, "--tag is for a run"),
        ("search --index whole dogs --topics t.tsv", 2, "\"dogs\" is no folder"),
    ] {
        let failed = bench.fails(arguments, code);
        assert!(failed.contains(expected), "{arguments}: {failed}");
    }
    let said = stderr(&bench.spork(&format!("search --index s1 s3 {queries}")));
    assert!(said.contains("2 of the 3 shards"), "{said}");
    let said = stderr(&bench.spork(&format!("search --index s1 s2 s3 {queries}")));
    assert!(!said.contains("shards"), "{said}");
}

/// A shard without a document is an index without one.
#[test]
fn there_may_be_more_shards_than_documents() {
    let bench = Bench::new();
    bench.write("t.tsv", "d1\ta dog\nd2\ttwo cats\n");
    bench.write("q.tsv", "1\tcat dog\n");
    bench.ok("index --bm25 t.tsv --statistics-only --output fixed");
    bench.ok("index --bm25 t.tsv --output whole");
    let mut folders = Vec::new();
    for part in 1..=7 {
        bench.ok(&format!("index --bm25 t.tsv --like fixed --shard {part}/7 --output s{part}"));
        bench.ok(&format!("verify --index s{part}"));
        folders.push(format!("s{part}"));
    }
    let shards = bench.ok(&format!("search --index {} --topics q.tsv", folders.join(" ")));
    assert_eq!(shards, bench.ok("search --index whole --topics q.tsv"));
    assert_eq!(shards.lines().count(), 2);
}
