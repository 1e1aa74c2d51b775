//! Vectors that different backends, precisions or instruction levels computed are joined only where
//! that is allowed.

use super::*;

/// What the model "own" records of itself, computed in one way or another.
fn record(arithmetic: &str) -> String {
    format!(
        r#"{{"name": "own", "architecture": "bert", "pooling": "max", "max_length": 256,
            "top_terms": null, "lexical_only": false, "weights": "00000001",
            "tokenizer": "0000000a"{arithmetic}}}"#
    )
}

const RUST: &str = r#", "backend": "rust", "precision": "fp32""#;
const TORCH: &str = r#", "backend": "torch", "precision": "fp32", "level": "avx512""#;
const BF16: &str = r#", "backend": "rust", "precision": "bf16", "level": "avx512""#;
const BF16_AVX2: &str = r#", "backend": "rust", "precision": "bf16", "level": "avx2""#;
/// Of a version that did not record backends.
const OLD: &str = r#", "precision": "fp32""#;

/// A file of one vector, whose encoder says so of itself in its header.
fn write(bench: &Bench, name: &str, arithmetic: &str) {
    let line = format!("{{\"id\": \"{name}\", \"vector\": {{\"cat\": 1.5}}}}\n");
    bench.write(&format!("{name}.jsonl"), line);
    bench.write(&format!("{name}.jsonl.model.json"), record(arithmetic));
    bench.ok(&format!("convert --input {name}.jsonl --output {name}.svec"));
}

#[test]
fn a_mixture_is_refused_with_both_ways_and_recorded_where_it_is_allowed() {
    let bench = Bench::new();
    for (name, arithmetic) in
        [("rust", RUST), ("torch", TORCH), ("bf16", BF16), ("bf16-avx2", BF16_AVX2), ("old", OLD)]
    {
        write(&bench, name, arithmetic);
    }
    for (one, other, ways, recorded) in [
        (
            "rust",
            "torch",
            ["backend rust, fp32, every level", "backend torch, fp32, avx512"],
            [r#""backend":"rust+torch""#, r#""level":"avx512+every level""#],
        ),
        (
            "rust",
            "bf16",
            ["backend rust, fp32", "backend rust, bf16"],
            [r#""precision":"bf16+fp32""#, r#""backend":"rust""#],
        ),
        (
            "bf16",
            "bf16-avx2",
            ["bf16, avx512", "bf16, avx2"],
            [r#""level":"avx2+avx512""#, r#""precision":"bf16""#],
        ),
        (
            "old",
            "rust",
            ["an unknown backend, fp32", "backend rust, fp32"],
            [r#""backend":"rust+unknown""#, r#""precision":"fp32""#],
        ),
    ] {
        let inputs = format!("--input {one}.svec {other}.svec");
        for line in [
            format!("convert {inputs} --output both.svec --force"),
            format!("index {inputs} --output both"),
        ] {
            let said = bench.fails(&line, 1);
            let files = [format!("{one}.svec"), format!("{other}.svec")];
            let expected = files.iter().map(String::as_str).chain(ways).chain(["--allow-mismatch"]);
            for part in expected {
                assert!(said.contains(part), "{line}: {part}: {said}");
            }
            let output = bench.spork(&format!("{line} --allow-mismatch"));
            assert!(output.status.success(), "{line}: {}", stderr(&output));
            assert!(stderr(&output).contains("a mixture of"), "{line}: {}", stderr(&output));
        }
        // Both the index of the parts and that of the joined file record it.
        bench.ok("index --input both.svec --output joined");
        for index in ["both", "joined"] {
            let shown = bench.ok(&format!("inspect --index {index}"));
            for part in recorded {
                assert!(shown.contains(part), "{index}: {part}: {shown}");
            }
        }
        // A part of the mixture adds nothing to it, and is still refused unless it is allowed.
        let again = format!("convert --input both.svec {one}.svec --output again.svec");
        bench.fails(&again, 1);
    }
}

#[test]
fn another_encoder_is_refused_whatever_is_allowed() {
    let bench = Bench::new();
    write(&bench, "rust", RUST);
    write(&bench, "lexical", &format!(r#"{RUST}, "prompt": "query: ""#));
    for line in ["convert --output both.svec", "index --output both"] {
        let line = format!("{line} --allow-mismatch --input rust.svec lexical.svec");
        let said = bench.fails(&line, 1);
        assert!(said.contains("different encoders: prompt none, not query: "), "{said}");
    }
}

/// How queries and documents were computed is no matter: a search compares models.
#[test]
fn queries_may_be_computed_in_another_way_than_documents() {
    let bench = Bench::new();
    write(&bench, "torch", TORCH);
    write(&bench, "old", OLD);
    bench.ok("index --input torch.svec --output i");
    write(&bench, "rust", RUST);
    for queries in ["rust", "old"] {
        let output = bench.spork(&format!("search --index i --vectors {queries}.svec"));
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(!stderr(&output).contains("WARN"), "{}", stderr(&output));
    }
}

/// An index takes what its own encoder made.
#[test]
fn vectors_of_another_encoder_are_not_added() {
    let bench = Bench::new();
    write(&bench, "rust", RUST);
    write(&bench, "again", RUST);
    write(&bench, "torch", TORCH);
    write(&bench, "lexical", &format!(r#"{RUST}, "prompt": "query: ""#));
    bench.write("silent.jsonl", "{\"id\": \"silent\", \"vector\": {\"cat\": 1.5}}\n");
    bench.ok("index --input rust.svec --output i");
    let output = bench.spork("add --index i --input again.svec");
    assert!(output.status.success() && !stderr(&output).contains("WARN"), "{}", stderr(&output));
    let files = files_of(&bench.path("i"));
    let said = bench.fails("add --index i --input lexical.svec --allow-mismatch", 1);
    assert!(said.contains("i and lexical.svec come from different encoders: prompt"), "{said}");
    let said = bench.fails("add --index i --input torch.svec", 1);
    assert!(said.contains("i was encoded by backend rust, fp32, every level"), "{said}");
    assert!(said.contains("--allow-mismatch"), "{said}");
    assert!(files_of(&bench.path("i")) == files, "nothing has changed");
    let output = bench.spork("add --index i --input torch.svec --allow-mismatch");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("a mixture of backend rust+torch"), "{}", stderr(&output));
    // It stays recorded when documents come and go.
    bench.ok("delete --index i --docno torch");
    bench.ok("merge --index i");
    let shown = bench.ok("inspect --index i");
    assert!(shown.contains(r#""backend":"rust+torch""#), "{shown}");
    bench.fails("add --index i --input torch.svec", 1);
    let output = bench.spork("add --index i --input silent.jsonl");
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(
        said.contains("silent.jsonl does not record its encoder; that of i, own, is"),
        "{said}"
    );
    // The other way round nothing can be checked, unless there is nothing yet.
    bench.ok("index --input silent.jsonl --output silent");
    let output = bench.spork("add --index silent --input rust.svec");
    let said = stderr(&output);
    assert!(said.contains("silent does not record the encoder of its vectors"), "{said}");
    assert!(!bench.ok("inspect --index silent").contains("encoder"));
    bench.ok("index --empty splade --scale 0.01 --output empty");
    let output = bench.spork("add --index empty --input rust.svec");
    assert!(output.status.success() && !stderr(&output).contains("WARN"), "{}", stderr(&output));
    bench.fails("add --index empty --input lexical.svec", 1);
}
