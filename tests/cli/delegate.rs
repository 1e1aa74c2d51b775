//! Commands that `spork` delegates, to which program, and its messages when it can't.

use super::*;

fn encode(bench: &Bench, torch: &Path) -> Command {
    let model = project("crates/model/tests/golden/bert-tied");
    let mut command = bench.command("encode --backend torch --input c.tsv --pooling max --model");
    command.arg(model).env("SPORK_TORCH", torch);
    command
}

#[cfg(unix)]
#[test]
fn a_command_line_goes_to_the_program_that_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    let script = "#!/bin/sh\necho \"$SPORK_DELEGATED_BY\"\nprintf '%s\\n' \"$@\"\nexit 7\n";
    let (written, torch) = (bench.write("script", script), bench.path("torch"));
    std::fs::set_permissions(&written, std::fs::Permissions::from_mode(0o755)).unwrap();
    copy_program(&written, &torch);
    let output = encode(&bench, &torch).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    let (build, arguments) = said.split_once('\n').unwrap();
    assert!(build.starts_with(concat!(env!("CARGO_PKG_VERSION"), " (build ")), "{build}");
    let model = project("crates/model/tests/golden/bert-tied");
    let line = "encode\n--backend\ntorch\n--input\nc.tsv\n--pooling\nmax\n--model\n";
    assert_eq!(arguments, format!("{line}{}\n", model.display()));
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let bench = Bench::new();
    let output = encode(&bench, &bench.path("nowhere")).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("nowhere is missing") && said.contains("SPORK_TORCH"), "{said}");
}

#[test]
fn what_only_libtorch_does_says_so_where_it_is_not_there() {
    let bench = Bench::new();
    bench.write("c.tsv", "d1\tthe cat\n");
    let model = project("crates/model/tests/golden/st-splade").display().to_string();
    let encode = format!("encode --input c.tsv --model {model}");
    for line in [
        format!("{encode} --device cuda"),
        format!("{encode} --precision fp16"),
        format!("{encode} --device cpu,cuda:1 --output c.svec"),
        "train --config train.toml --output out".to_owned(),
    ] {
        let output =
            bench.command(&line).env("SPORK_TORCH", bench.path("nowhere")).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        assert!(said.contains("nowhere is missing") && said.contains("./scripts/build"), "{said}");
    }
    let said = bench.fails(&format!("{encode} --backend rust --device cuda:1"), 1);
    assert!(said.contains("--device cpu") && said.contains("--backend torch"), "{said}");
}

#[test]
fn a_spork_that_is_named_in_place_of_spork_torch_does_not_call_itself_for_ever() {
    let bench = Bench::new();
    let output = encode(&bench, Path::new(SPORK)).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("SPORK_TORCH") && said.contains("not linked with libtorch"), "{said}");
}
