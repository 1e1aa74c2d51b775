//! Query vectors that do not belong to the index are refused, or warned of where that is not sure.

use super::*;

/// What an encoder records of itself.
fn record(name: &str, weights: &str, tokenizer: &str, more: &str) -> String {
    format!(
        r#"{{"name": "{name}", "architecture": "bert", "pooling": "max", "max_length": 256,
            "top_terms": null, "lexical_only": false, "weights": "{weights}",
            "tokenizer": "{tokenizer}"{more}}}"#
    )
}

const QUERIES: &str = "{\"id\": \"q1\", \"vector\": {\"cat\": 3, \"dog\": 1.5}}\n";
/// Most words are there once in a query; some are stop words.
const TEXT: &str = "q1\twhat is the cat of a dog\nq2\tthe cat and the dog\n";

/// An index of documents that model "own" encoded, one of documents that nobody knows the encoder
/// of, one of text.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("d.jsonl", VECTORS);
    bench.ok("index --input d.jsonl --output unrecorded");
    bench.write("d.jsonl.model.json", record("own", "00000001", "0000000a", ""));
    bench.ok("index --input d.jsonl --output recorded");
    bench.write("corpus.tsv", "d1\tthe cat runs\nd2\tdogs\n");
    bench.ok("index --bm25 corpus.tsv --output text");
    bench.write("q.jsonl", QUERIES);
    bench.write("text.tsv", TEXT);
    bench
}

#[test]
fn the_encoder_of_query_vectors_must_be_that_of_the_index() {
    let bench = bench();
    let search = "search --index recorded --vectors q.jsonl";
    let run = bench.ok(search);
    let said = |of_queries: String| {
        bench.write("q.jsonl.model.json", of_queries);
        let output = bench.spork(search);
        let failed = output.status.code() != Some(0);
        assert!(failed || output.stdout == run.as_bytes());
        (failed, stderr(&output))
    };
    let fits = [
        record("own", "00000001", "0000000a", ""),
        record("own/again", "00000001", "0000000a", ""),
        record("own", "00000002", "0000000a", r#", "side": "query""#),
        record("own", "00000002", "0000000a", "").replace("\"bert\"", "\"tokens\""),
    ];
    for fit in fits {
        let (failed, words) = said(fit);
        assert!(!failed && !words.contains("WARN"), "{words}");
    }
    for (misfit, expected) in [
        (record("other", "00000002", "0000000a", ""), "weights 00000002"),
        (record("other", "00000001", "0000000b", ""), "vocabulary"),
        (record("other", "00000001", "0000000a", "").replace("max\"", "sum\""), "sum pooling"),
    ] {
        let (failed, words) = said(misfit);
        assert!(failed, "{words}");
        for part in [expected, "own", "other", "--allow-mismatch"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let output = bench.spork(&format!("{search} --allow-mismatch"));
        assert!(output.status.success() && output.stdout == run.as_bytes());
        assert!(stderr(&output).contains("other"), "{}", stderr(&output));
        for line in
            ["bench --index recorded --vectors q.jsonl", "flops --index recorded --vectors q.jsonl"]
        {
            let output = bench.spork(line);
            assert!(output.status.success() && stderr(&output).contains("other"), "{line}");
        }
    }
}

#[test]
fn vectors_of_different_encoders_are_not_indexed_together() {
    let bench = bench();
    bench.write("e.jsonl", QUERIES);
    let index = "index --input d.jsonl e.jsonl --output both";
    let output = bench.spork(index);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 of 2 inputs, the first of them e.jsonl"));
    bench.write("e.jsonl.model.json", record("own", "00000002", "0000000a", ""));
    let said = bench.fails(index, 1);
    assert!(said.contains("checksum of the model's weights 00000001, not 00000002"), "{said}");
    assert!(!said.contains('{'), "{said}");
}

#[test]
fn model_vectors_are_not_searched_in_text() {
    let bench = bench();
    bench.ok("search --index text --vectors q.jsonl");
    bench.write("q.jsonl.model.json", record("own", "00000001", "0000000a", ""));
    let said = bench.fails("search --index text --vectors q.jsonl", 1);
    assert!(
        said.contains("BM25") && said.contains("of own") && said.contains("--topics"),
        "{said}"
    );
}

#[test]
fn text_is_not_searched_as_if_it_were_terms() {
    let bench = bench();
    let said = bench.fails("search --index recorded --vectors text.tsv", 1);
    for part in ["10 of 11", "looks like text", "--topics", "--model own", "--allow-mismatch"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = bench.fails("search --index text --vectors text.tsv", 1);
    assert!(said.contains("BM25") && said.contains("--topics"), "{said}");
    for line in [
        "search --index recorded --vectors text.tsv --allow-mismatch",
        "search --index text --vectors text.tsv --allow-mismatch",
        // Nobody knows what its terms are.
        "search --index unrecorded --vectors text.tsv",
    ] {
        let output = bench.spork(line);
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        assert!(stderr(&output).contains("WARN text.tsv"), "{line}: {}", stderr(&output));
    }
    // Anserini's form, in which a weight is a number of repetitions.
    bench.write("terms.tsv", "q1\tcat cat the is dog dog dog\n");
    bench.write("stems.tsv", "q1\tcat run dog\nq2\tdog fish\n");
    for line in [
        "search --index recorded --vectors terms.tsv",
        "search --index text --vectors stems.tsv",
        "search --index unrecorded --vectors stems.tsv",
    ] {
        let output = bench.spork(line);
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        assert!(!stderr(&output).contains("looks like"), "{line}: {}", stderr(&output));
    }
}

#[test]
fn a_run_that_was_asked_to_be_empty_is_told() {
    let output = bench().spork("search --index unrecorded --vectors q.jsonl -k 0");
    assert!(output.status.success() && output.stdout.is_empty());
    assert!(stderr(&output).contains("WARN -k 0"), "{}", stderr(&output));
}

#[test]
fn terms_that_are_nowhere_are_counted() {
    let bench = bench();
    let said = |queries: &str| {
        bench.write("q.jsonl", queries);
        let output = bench.spork("search --index unrecorded --vectors q.jsonl");
        assert!(output.status.success());
        stderr(&output)
    };
    let words = said("{\"id\": \"q1\", \"vector\": {\"cat\": 3, \"x\": 2, \"y\": 2}}\n");
    assert!(words.contains("2 of 3 query terms are in no document"), "{words}");
    let words =
        said("{\"id\": \"q1\", \"vector\": {\"cat\": 3}}\n{\"id\": \"q2\", \"vector\": {}}\n");
    assert!(words.contains("1 of 2 queries have no term") && !words.contains("0 of"), "{words}");
    assert!(!words.contains("unknown"), "{words}");
}
