//! Models whose queries need no network: `spork` encodes them itself.

use super::*;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("d.jsonl", VECTORS);
    bench.write("topics.tsv", "q1\tthe cat and the dog\nq2\tmore water\n");
    bench.ok("index --input d.jsonl --output i");
    bench
}

/// Runs `spork` where a `spork-torch` can't be.
fn alone(bench: &Bench, line: &str) -> String {
    let output = bench.command(line).env("SPORK_TORCH", bench.path("nowhere")).output().unwrap();
    assert!(output.status.success(), "spork {line}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_inference_free_model_searches_from_text() {
    let bench = bench();
    let model = project("crates/model/tests/golden/st-inference-free").display().to_string();
    let run = alone(&bench, &format!("search --index i --topics topics.tsv --model {model}"));
    assert!(run.starts_with("q1 Q0 d1 1 "), "{run}");
    let encode = format!("encode --model {model} --kind query --input topics.tsv");
    alone(&bench, &format!("{encode} --output q.jsonl"));
    assert_eq!(run, bench.ok("search --index i --vectors q.jsonl"));
    let shown = alone(&bench, &format!("inspect --model {model} --kind query water"));
    assert!(shown.starts_with("1 terms: 1 of the text, 0 expansion\n"), "{shown}");
    let parts = format!("{encode} --device cpu,cpu --output parts.svec");
    alone(&bench, &parts);
    alone(&bench, &format!("{encode} --output whole.svec"));
    let read = |name: &str| std::fs::read(bench.path(name)).unwrap();
    assert!(read("parts.svec") == read("whole.svec"));
}

#[test]
fn query_tokens_need_the_tokenizer_of_any_model_alone() {
    let bench = bench();
    let model = project("crates/model/tests/golden/st-splade").display().to_string();
    let search = format!("search --index i --topics topics.tsv --model {model} --query-tokens");
    let run = alone(&bench, &search);
    assert!(run.starts_with("q1 Q0 d1 1 4 "), "every token weighs 1: {run}");
}

#[test]
fn libtorch_is_asked_for_by_name_before_standard_input_is_read() {
    let bench = bench();
    let model = project("crates/model/tests/golden/st-splade").display().to_string();
    let line = format!("encode --backend torch --model {model} --input -");
    let mut command = bench.command(&line);
    command.env("SPORK_TORCH", bench.path("nowhere")).stdin(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Standard input stays open: whoever read from it would wait.
    let output = child.wait_with_output().unwrap();
    assert!(stderr(&output).contains("nowhere is missing"), "{}", stderr(&output));
}

#[test]
fn libtorch_is_asked_for_before_topics_are_read() {
    let bench = bench();
    let model = project("crates/model/tests/golden/st-splade").display().to_string();
    let search = format!("search --backend torch --index i --topics - --model {model}");
    let mut command = bench.command(&search);
    command.env("SPORK_TORCH", bench.path("nowhere")).stdin(Stdio::piped()).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert!(stderr(&output).contains("nowhere is missing"), "{}", stderr(&output));
}
