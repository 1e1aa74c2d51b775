//! Standard streams that can't be written never end in a panic: exit codes are 0, 1 and 2.

#![cfg(target_os = "linux")]

use std::fs::OpenOptions;

use super::*;

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// A pipe whose reader has gone.
fn gone() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// The exit code of a line of a shell, in which `SPORK` is the program.
fn shell(bench: &Bench, line: &str) -> Option<i32> {
    let mut command = Command::new("sh");
    command.args(["-c", line]).env("SPORK", SPORK).current_dir(bench.path(""));
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().code()
}

#[test]
fn a_standard_error_that_fails_changes_no_exit_code() {
    let bench = Bench::new();
    bench.write("docs.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat unknown\n2\tunknown\n");
    for (line, code) in [
        ("index --input docs.jsonl --output i", 0),
        ("search --index i --vectors q.tsv --output run", 0),
        ("verify --index i", 0),
        ("search --index nowhere --vectors q.tsv", 1),
        ("search --index i", 2),
        ("no-such-command", 2),
        ("", 2),
        ("--help", 0),
        ("--version", 0),
    ] {
        for stream in [full, gone] {
            let mut command = bench.command(line);
            let status = command.stdout(Stdio::null()).stderr(stream()).status().unwrap();
            assert_eq!(status.code(), Some(code), "spork {line}");
        }
        assert_eq!(shell(&bench, &format!("\"$SPORK\" {line} 2>&-")), Some(code), "{line} 2>&-");
    }
}

#[test]
fn a_standard_output_that_fails_is_an_error_unless_its_reader_has_gone() {
    let bench = Bench::new();
    bench.write("docs.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n");
    bench.ok("index --input docs.jsonl --output i");
    for line in ["search --index i --vectors q.tsv", "inspect --index i", "--help", "search --help"]
    {
        let code = |stream: Stdio| {
            let mut command = bench.command(line);
            command.stdout(stream).stderr(Stdio::null()).status().unwrap().code()
        };
        assert_eq!(code(full()), Some(1), "spork {line}");
        assert_eq!(code(gone()), Some(0), "spork {line}");
        let closed = shell(&bench, &format!("exec \"$SPORK\" {line} 1>&-"));
        assert!(matches!(closed, Some(0 | 1)), "spork {line} 1>&-: {closed:?}");
    }
}
