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

/// What is stored comes back as it was, also from segments that were added and merged.
#[test]
fn stored_texts_and_columns_are_printed() {
    let bench = Bench::new();
    let record = |docno: &str, text: &str, year: i32| {
        format!(
            "{{\"_id\": \"{docno}\", \"text\": \"{text}\", \"year\": {year}, \"tags\": [\"y\", \"x\"]}}\n"
        )
    };
    bench.write("a.jsonl", record("a", "One  dog\\nruns", 1999) + &record("b", "", 2000));
    bench.write("c.jsonl", record("c", "Two cats", 2001));
    let columns = "--columns year:integer,tags:keyword";
    bench.ok(&format!("index --bm25 a.jsonl {columns} --store text,vectors --output i"));
    bench.ok("add --index i --bm25 c.jsonl --no-merge");
    let all = bench.ok("get --index i --docno a b c");
    let lines: Vec<serde_json::Value> =
        all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["text"], "One  dog\nruns");
    assert_eq!(lines[0]["columns"], serde_json::json!({"year": 1999, "tags": ["x", "y"]}));
    assert_eq!(
        (&lines[2]["text"], &lines[2]["columns"]["year"]),
        (&"Two cats".into(), &2001.into())
    );
    assert!(lines[2]["vector"]["bm25"]["cat"].as_f64().unwrap() > 0.0);
    bench.ok("merge --index i");
    assert_eq!(bench.ok("get --index i --docno a b c"), all);
    assert_eq!(bench.ok("get --index i --docno c --text"), "Two cats\n");
    let shown = bench.ok("inspect --index i");
    for part in ["columns\tyear:integer,tags:keyword\n", "bytes of texts\t", "forward vectors\t"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let said: serde_json::Value =
        serde_json::from_str(&bench.ok("inspect --index i --json")).unwrap();
    assert_eq!(said["columns"], serde_json::json!(["year:integer", "tags:keyword"]));
    let sizes = said["bytes"].as_object().unwrap();
    let sum: u64 = sizes
        .iter()
        .filter(|(name, _)| *name != "total")
        .map(|(_, size)| size.as_u64().unwrap())
        .sum();
    assert_eq!(sizes["total"], sum);
    // Where columns are stored, something has to bring them.
    bench.ok(&format!("index --empty splade --scale 0.01 {columns} --output v"));
    bench.write("v.jsonl", "{\"id\": \"a\", \"vector\": {\"dog\": 1}}\n");
    let said = bench.fails("add --index v --input v.jsonl", 1);
    assert!(said.contains("--records"), "{said}");
    let output = bench.spork("add --index v --input v.jsonl --records a.jsonl");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 records are of no document"), "{}", stderr(&output));
    assert!(bench.ok("get --index v --docno a").contains("\"columns\":{\"year\":1999"));
    let said = bench.fails("index --bm25 a.jsonl --records c.jsonl --output w", 1);
    assert!(said.contains("--columns and --store"), "{said}");
    bench.fails("index --bm25 a.jsonl --columns year:number --output w", 2);
    bench.fails("index --bm25 a.jsonl --store titles --output w", 2);
}
