//! `spork train`: what it leaves behind, what it says, and that its model works.

#[cfg(debug_assertions)]
use super::kill_points::{TRAIN, killed};
use super::*;

fn settings(model: &str) -> String {
    format!(
        r#"
steps = 6
[model]
initial = "{}"
[objective]
kind = "splade"
pairs = ["pairs.jsonl"]
negatives = 1
[objective.documents]
lambda = 1e-4
[batch]
size = 2
[validation]
pairs = "pairs.jsonl"
every = 3
[checkpoint]
every = 2
"#,
        project("crates/model/tests/golden").join(model).display()
    )
}

const PAIRS: &str = concat!(
    "{\"query\": \"cat\", \"positive\": \"the cat\", \"negatives\": [\"more water\"]}\n",
    "{\"query\": \"water\", \"positive\": \"more water\", \"negatives\": [\"the cat\"]}\n",
    "{\"query\": \"dog\", \"positive\": \"a dog\", \"negatives\": [\"the cat\", \"more water\"]}\n",
);

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("pairs.jsonl", PAIRS);
    bench.write("train.toml", settings("bert-tied"));
    bench
}

#[test]
fn a_run_from_settings_to_a_model_that_encodes() {
    let bench = bench();
    let output = bench.spork("train --config train.toml --output out --device cpu");
    let said = stderr(&output);
    assert!(output.status.success() && output.stdout.is_empty(), "{said}");
    assert!(said.contains("RR@10") && said.contains("device: cpu"), "{said}");
    let log = std::fs::read_to_string(bench.path("out/train.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 6);
    assert!(std::fs::read_to_string(bench.path("out/curve.svg")).unwrap().contains("validation"));
    let vectors =
        bench.with_input("encode --model out/model --input -", b"d1\tthe cat and the dog\n");
    assert!(
        String::from_utf8_lossy(&vectors.stdout).starts_with("{\"id\": \"d1\""),
        "{}",
        stderr(&vectors)
    );

    let said = bench.fails("train --config train.toml --output out", 1);
    assert!(said.contains("--resume"), "{said}");
    let resumed = bench.spork("train --config train.toml --output out --resume --quiet");
    assert!(resumed.status.success(), "{}", stderr(&resumed));
    assert_eq!(log, std::fs::read_to_string(bench.path("out/train.jsonl")).unwrap());
}

/// The log without times.
#[cfg(debug_assertions)]
fn log(bench: &Bench, output: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(bench.path(output).join("train.jsonl")).unwrap();
    let record = |line: &str| {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        record.as_object_mut().unwrap().remove("seconds").unwrap();
        record
    };
    text.lines().map(record).collect()
}

#[test]
#[cfg(debug_assertions)]
fn a_killed_run_trains_the_same_model() {
    let bench = bench();
    let line = "train --config train.toml --device cpu --output";
    bench.ok(&format!("{line} whole"));
    let model =
        |output: &str| std::fs::read(bench.path(output).join("model/model.safetensors")).unwrap();
    for (number, point) in TRAIN.iter().enumerate() {
        let output = format!("out{number}");
        // The first model of the run replaces it.
        std::fs::create_dir_all(bench.path(&output).join("model")).unwrap();
        killed(&bench, &format!("{line} {output}"), point);
        bench.ok(&format!("{line} {output} --resume"));
        assert!(model(&output) == model("whole"), "{point}");
        assert_eq!(log(&bench, &output), log(&bench, "whole"), "{point}");
        for folder in ["", "checkpoints"] {
            let names = std::fs::read_dir(bench.path(&output).join(folder)).unwrap();
            let names: Vec<_> = names.map(|name| name.unwrap().file_name()).collect();
            let left = |name: &std::ffi::OsString| {
                let name = name.to_string_lossy();
                name.ends_with(".partial") || name.ends_with(".old")
            };
            assert!(!names.iter().any(left), "{point}: {names:?}");
        }
    }
}

#[test]
fn a_run_replaces_neither_an_input_nor_a_model() {
    let bench = bench();
    let initial = project("crates/model/tests/golden/bert-tied");
    copy_folder(&initial, &bench.path("out/model"));
    let before = std::fs::read(bench.path("out/model/model.safetensors")).unwrap();
    let train = "train --device cpu --output out --config";
    let said = bench.fails(&format!("{train} train.toml"), 1);
    assert!(said.contains("out/model") && said.contains("another --output"), "{said}");
    let own = settings("bert-tied").replace(&initial.display().to_string(), "out/model");
    bench.write("own.toml", own);
    for line in [format!("{train} own.toml"), format!("{train} own.toml --resume")] {
        let said = bench.fails(&line, 1);
        assert!(said.contains("out/model") && said.contains("would destroy"), "{said}");
    }
    bench.write("out/train.jsonl", PAIRS);
    bench.write("log.toml", settings("bert-tied").replace("[\"pairs.jsonl", "[\"out/train.jsonl"));
    let said = bench.fails(&format!("{train} log.toml"), 1);
    assert!(said.contains("train.jsonl") && said.contains("would destroy"), "{said}");
    assert_eq!(std::fs::read_to_string(bench.path("out/train.jsonl")).unwrap(), PAIRS);
    assert!(std::fs::read(bench.path("out/model/model.safetensors")).unwrap() == before);
}

#[test]
fn what_is_wrong_is_said() {
    let bench = bench();
    bench.fails("train --config train.toml", 2);
    let said = bench.fails("train --config absent.toml --output out", 1);
    assert!(said.contains("absent.toml"), "{said}");
    bench.write("bad.toml", settings("bert-tied").replace("steps = 6", "steps = 6\nlamda = 3"));
    let said = bench.fails("train --config bad.toml --output out", 1);
    assert!(said.contains("bad.toml") && said.contains("lamda"), "{said}");
    bench.write("bad.toml", settings("no-such-model"));
    let said = bench.fails("train --config bad.toml --output out", 1);
    assert!(said.contains("no-such-model"), "{said}");
    let said = bench.fails("train --config train.toml --output out --device cuda:77", 1);
    assert!(said.contains("cuda:77"), "{said}");
}
