//! Runs that are killed: afterwards the old index opens, or none does and the next run succeeds.

use std::time::Duration;

use super::*;

/// Enough lines for a run of some tenths of a second.
fn many(n: usize, name: &str) -> String {
    let line = |i: usize| {
        let terms: Vec<String> =
            (0..30).map(|t| format!("\"t{}\": {}", (i * 7 + t * 13) % 5000, 1 + t)).collect();
        format!("{{\"id\": \"{name}{i}\", \"vector\": {{{}}}}}\n", terms.join(", "))
    };
    (0..n).map(line).collect()
}

fn run_and_kill(bench: &Bench, line: &str, after: Duration) {
    let mut child = bench.command(line).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn killed_at_any_moment() {
    let bench = Bench::new();
    bench.write("old.jsonl", VECTORS);
    bench.write("new.jsonl", many(60_000, "n"));
    bench.write("q.tsv", "1\tcat\n");
    let start = std::time::Instant::now();
    bench.ok("index --input new.jsonl --output whole");
    let whole = start.elapsed();

    for step in 1..=5 {
        let after = whole * step / 6;
        // Nothing was there: no index opens, unless the run was done before the kill.
        run_and_kill(&bench, "index --input new.jsonl --output fresh", after);
        let opened = bench.spork("verify --index fresh");
        if !opened.status.success() {
            assert!(stderr(&opened).contains("no Spork index here"), "{}", stderr(&opened));
        }
        bench.ok("index --input old.jsonl --output fresh");
        bench.ok("verify --index fresh");
        let left = std::fs::read_dir(bench.path("fresh")).unwrap().count();
        assert_eq!(left, 3, "one generation, the pointer and the lock");
        std::fs::remove_dir_all(bench.path("fresh")).unwrap();

        // An index was there: it answers as before, or the new one is whole.
        bench.ok("index --input old.jsonl --output i");
        let before = bench.ok("search --index i --vectors q.tsv");
        run_and_kill(&bench, "index --input new.jsonl --output i", after);
        bench.ok("verify --index i");
        let answer = bench.ok("search --index i --vectors q.tsv");
        assert!(answer == before || answer.is_empty(), "{answer}");
    }
}

#[test]
fn one_writer_at_a_time() {
    let bench = Bench::new();
    bench.write("new.jsonl", many(10_000, "n"));
    // The first run waits for its input with the lock in hand.
    let mut first = bench
        .command("index --input - --output i")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = first.stdin.take().unwrap();
    input.write_all(VECTORS.as_bytes()).unwrap();
    while !bench.path("i/.lock").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    let said = bench.fails("index --input new.jsonl --output i", 1);
    assert!(said.contains("another process is writing this index"), "{said}");
    drop(input);
    assert!(first.wait().unwrap().success());
    bench.ok("verify --index i");
}
