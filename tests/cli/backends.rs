//! Both backends in one program, and vectors of both.

use super::*;

/// Two whole blocks of vectors and a part of one.
const TEXTS: usize = 2 * 4096 + 100;

fn bench() -> Bench {
    let bench = Bench::new();
    let text = |number: usize| format!("d{number}\tthe cat {}\n", number % 7);
    bench.write("corpus.tsv", (0..TEXTS).map(text).collect::<String>());
    bench
}

fn encode(rest: &str) -> String {
    let model = project("crates/model/tests/golden/st-splade");
    format!("encode --model {} --input corpus.tsv --precision fp32 {rest}", model.display())
}

#[test]
fn either_backend_can_be_asked_for_and_is_recorded() {
    let bench = bench();
    for backend in ["rust", "torch"] {
        let output = bench.spork(&encode(&format!("--backend {backend} --output {backend}.svec")));
        let said = stderr(&output);
        assert!(output.status.success(), "{said}");
        assert!(said.contains(&format!("fp32, backend {backend} (as asked)")), "{said}");
        bench.ok(&format!("index --input {backend}.svec --output {backend}"));
        let shown = bench.ok(&format!("inspect --index {backend}"));
        assert!(shown.contains(&format!(r#""backend":"{backend}""#)), "{shown}");
    }
    // A search may use either.
    let model = project("crates/model/tests/golden/st-splade").display().to_string();
    for backend in ["rust", "torch"] {
        let search = format!("search --index rust --model {model} --backend {backend} the cat");
        assert!(bench.ok(&search).starts_with("rank"));
    }
}

#[test]
fn shards_of_both_backends_are_joined_only_where_that_is_allowed() {
    let bench = bench();
    for (part, backend) in [(1, "rust"), (2, "torch")] {
        let rest = format!("--backend {backend} --shard {part}/2 --output {part}.svec");
        bench.ok(&encode(&rest));
    }
    let convert = "convert --input 1.svec 2.svec --output all.svec";
    let said = bench.fails(convert, 1);
    for part in ["1.svec", "2.svec", "backend rust, fp32", "backend torch, fp32"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!bench.path("all.svec").exists());
    bench.ok(&format!("{convert} --allow-mismatch"));
    assert_eq!(bench.ok("convert --input all.svec").lines().count(), TEXTS);
}

#[test]
fn a_run_is_resumed_by_the_other_backend_only_where_that_is_allowed() {
    let bench = bench();
    bench.ok(&encode("--backend torch --output whole.svec"));
    let whole = std::fs::read(bench.path("whole.svec")).unwrap();
    bench.write("a.svec.partial", &whole[..whole.len() * 2 / 3]);
    let line = encode("--backend rust --resume --output a.svec");
    let said = bench.fails(&line, 1);
    assert!(
        said.contains("by backend torch") && said.contains("this run by backend rust"),
        "{said}"
    );
    let output = bench.spork(&format!("{line} --allow-mismatch"));
    let said = stderr(&output);
    assert!(output.status.success() && said.contains("4096 texts are encoded already"), "{said}");
    bench.ok("index --input a.svec --output i");
    assert!(bench.ok("inspect --index i").contains(r#""backend":"rust+torch""#));
}

#[test]
fn a_device_that_is_not_there_is_named() {
    let bench = bench();
    let said = bench.fails(&encode("--device cuda:7"), 1);
    assert!(said.contains("cuda:7") && said.contains("--device cpu"), "{said}");
    let said = bench.fails(&encode("--device cpu,cuda:7 --output a.svec"), 1);
    assert!(said.contains("CPUs and GPUs") && said.contains("--allow-mismatch"), "{said}");
}
