//! Statistics for scripts: an index's, a document's, the machine's.

use super::*;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn of_an_index() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.ok("index --input v.jsonl --output i");
    let said = json(&bench.ok("inspect --index i --json"));
    let counts = [
        ("documents", 3),
        ("empty_documents", 0),
        ("terms", 3),
        ("postings", 5),
        ("largest_df", 2),
    ];
    for (key, expected) in counts {
        assert_eq!(said[key], expected, "{key}: {said}");
    }
    assert_eq!((&said["order"], &said["codec"]), (&"input".into(), &"fast".into()));
    assert_eq!(
        (&said["fields"][0]["weights"], &said["fields"][0]["scale"]),
        (&"integer".into(), &1.0.into())
    );
    // cat and dog are in two of three documents, fish in one.
    let flops = (4.0 + 4.0 + 1.0) / 9.0;
    assert!((said["document_flops"].as_f64().unwrap() - flops).abs() < 1e-12, "{said}");
    assert!(said["pruned"].is_null() && said["fields"][0]["encoder"].is_null(), "{said}");
    let bytes = |name: &str| said["bytes"][name].as_u64().unwrap();
    assert_eq!(bytes("total"), bytes("postings") + bytes("lexicon") + bytes("docnos"));
    let each = (bytes("postings") + bytes("lexicon")) as f64 / 5.0;
    assert!((said["bytes_per_posting"].as_f64().unwrap() - each).abs() < 1e-9, "{said}");
    // The text says the same.
    let text = bench.ok("inspect --index i");
    assert!(text.contains(&format!("bytes of postings\t{}\n", bytes("postings"))), "{text}");
}

#[test]
fn of_a_pruned_index_and_its_encoder() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("v.jsonl.model.json", "{\"name\": \"m\"}");
    bench.ok("index --input v.jsonl --output i --prune-documents 0.6");
    let said = json(&bench.ok("inspect --index i --json"));
    let field = &said["fields"][0];
    assert_eq!((&field["encoder"]["name"], &field["name"]), (&"m".into(), &"splade".into()));
    assert!(field["properties"]["encoder"].is_null(), "it stands once: {said}");
    assert_eq!(said["pruned"]["documents"], 0.6);
    assert_eq!(
        said["pruned"]["postings"].as_u64().unwrap() + said["postings"].as_u64().unwrap(),
        5
    );
}

/// Documents as JSON are vectors: an index of them is the index.
#[test]
fn of_a_document() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.ok("index --input v.jsonl --output i");
    let documents: String = ["d1", "d2", "d3"]
        .map(|docno| bench.ok(&format!("inspect --index i --docno {docno} --json")))
        .concat();
    bench.write("again.jsonl", documents);
    bench.ok("index --input again.jsonl --output again");
    assert_eq!(bench.ok("inspect --index again --json"), bench.ok("inspect --index i --json"));
    bench.fails("inspect --index i --docno d9 --json", 1);
    bench.fails("inspect --model m --json text", 2);
}

#[test]
fn of_the_machine() {
    let bench = Bench::new();
    let said = json(&bench.ok("bench --machine"));
    assert!(said["cores"].as_u64().unwrap() > 0, "{said}");
    assert!(said["system"].as_str().unwrap().starts_with(std::env::consts::OS), "{said}");
    assert!(
        ["scalar", "avx2", "avx512"].contains(&said["instructions"].as_str().unwrap()),
        "{said}"
    );
    // The same as in a result.
    bench.write("v.jsonl", VECTORS);
    bench.ok("index --input v.jsonl --output i");
    bench.ok("bench --index i --vectors v.jsonl --repetitions 1 --json b.json");
    let result = json(&std::fs::read_to_string(bench.path("b.json")).unwrap());
    assert_eq!(result["machine"], said);
    let size = json(&bench.ok("inspect --index i --json"));
    assert_eq!(result["indexes"][0]["bytes_per_posting"], size["bytes_per_posting"]);
    bench.fails("bench --machine --index i --vectors v.jsonl", 2);
}

#[cfg(not(feature = "plot"))]
#[test]
fn a_program_without_pictures_says_how_to_get_them() {
    let bench = Bench::new();
    for line in [
        "plot --input t.tsv --x a --y b --output o.svg",
        "bench report --input b.json --output o.html",
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains("cargo install") && said.contains("\"plot\""), "{said}");
    }
}
