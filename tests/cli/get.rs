//! `get`: what an index holds of a document.

use super::*;

#[test]
fn a_document_is_printed_as_json_or_as_a_vector() {
    let bench = Bench::new();
    bench.write("v.jsonl", "{\"id\": \"b\", \"vector\": {\"猫\": 1, \"a\\n\": 2}}\n{\"id\": \"a\", \"vector\": {\"dog\": 3}}\n");
    bench.ok("index --input v.jsonl --output i");
    assert_eq!(
        bench.ok("get --index i --docno b a"),
        "{\"docno\":\"b\",\"vector\":{\"splade\":{\"a\\n\":2.0,\"猫\":1.0}}}\n\
         {\"docno\":\"a\",\"vector\":{\"splade\":{\"dog\":3.0}}}\n"
    );
    let vectors = bench.ok("get --index i --docno b --docno a --vector");
    assert_eq!(
        vectors,
        bench.ok("inspect --index i --docno b --json")
            + &vectors[vectors.find('\n').unwrap() + 1..]
    );
    bench.write("again.jsonl", vectors);
    bench.ok("index --input again.jsonl --output again");
    assert_eq!(bench.ok("get --index again --docno a"), bench.ok("get --index i --docno a"));
}

#[test]
fn what_is_not_there_is_an_error() {
    let bench = Bench::new();
    bench.write("corpus.tsv", "a\tone dog\nb\ttwo cats\n");
    bench.write("v.jsonl", "{\"id\": \"a\", \"vector\": {\"dog\": 3}}\n");
    bench.ok("index --bm25 corpus.tsv --input v.jsonl --output i");
    for (line, expected) in [
        ("get --index i --docno a c", "i: no document \"c\""),
        ("get --index i --docno a --text", "no text is stored of \"a\"; index with --store text"),
        ("get --index i --docno a --vector", "has the fields splade, bm25"),
    ] {
        let output = bench.spork(line);
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(output.stdout.is_empty(), "{line}");
        assert!(stderr(&output).contains(expected), "{line}: {}", stderr(&output));
    }
}
