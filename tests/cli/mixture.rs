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
