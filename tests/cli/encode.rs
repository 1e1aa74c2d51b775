//! Encoding that is cut off, split and put together again: the same bytes each way.

#[cfg(debug_assertions)]
use std::collections::BTreeSet;

#[cfg(debug_assertions)]
use super::kill_points::{ENCODE, killed};
use super::*;

/// Two whole blocks of vectors and a part of one.
const TEXTS: usize = 2 * 4096 + 500;

fn corpus() -> String {
    let words = ["the", "cat", "dog", "water", "more", "and", "with", "is", "new", "time"];
    let text = |number: usize| {
        let word = |place: usize| words[(number * (place + 3) + place * place) % words.len()];
        (0..number % 9).map(word).collect::<Vec<_>>().join(" ")
    };
    (0..TEXTS).map(|number| format!("d{number}\t{}\n", text(number))).collect()
}

fn encode(bench: &Bench, rest: &str) -> String {
    let model = project("crates/model/tests/golden/st-splade");
    if !bench.path("corpus.tsv").exists() {
        bench.write("corpus.tsv", corpus());
    }
    format!("encode --model {} --input corpus.tsv --backend {BACKEND} {rest}", model.display())
}

fn bytes(bench: &Bench, name: &str) -> Vec<u8> {
    std::fs::read(bench.path(name)).unwrap()
}

#[test]
fn statistics_count_what_was_written() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output a.jsonl --stats stats.json"));
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let lines = String::from_utf8(bytes(&bench, "a.jsonl")).unwrap();
    let terms = |line: &str| read(line)["vector"].as_object().unwrap().len();
    let statistics = read(&String::from_utf8(bytes(&bench, "stats.json")).unwrap());
    let empty = lines.lines().filter(|line| terms(line) == 0).count();
    assert_eq!(statistics["texts"], TEXTS);
    assert_eq!(statistics["terms"], lines.lines().map(terms).sum::<usize>());
    assert_eq!(statistics["empty"], empty);
    let special = 2 * TEXTS;
    let words = corpus().split_whitespace().count() - TEXTS;
    assert_eq!(statistics["tokens"], special + words);
    assert!(statistics["texts_per_second"].as_f64().unwrap() > 0.0);
    let said = bench.fails(&encode(&bench, "--stats -"), 1);
    assert!(said.contains("can't both go to standard output"), "{said}");
}

#[test]
fn both_formats_hold_the_same() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output a.jsonl"));
    bench.ok(&encode(&bench, "--output a.svec"));
    bench.ok("convert --input a.jsonl --output b.svec");
    bench.ok("convert --input a.svec --output b.jsonl");
    bench.ok("convert --input b.svec --output c.jsonl");
    assert!(bytes(&bench, "b.jsonl") == bytes(&bench, "c.jsonl"), "there and back");
    let sorted = |text: String| {
        // Terms are in the order of their ids in one and of their numbers in the other.
        let line = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        text.lines().map(line).collect::<Vec<_>>()
    };
    let read = |name: &str| sorted(String::from_utf8(bytes(&bench, name)).unwrap());
    assert!(read("a.jsonl") == read("b.jsonl"));
    for (vectors, index) in [("a.jsonl", "lines"), ("a.svec", "blocks")] {
        bench.ok(&format!("index --input {vectors} --output {index}"));
    }
    let inspected = |index: &str| bench.ok(&format!("inspect --index {index}"));
    assert_eq!(inspected("lines"), inspected("blocks"));
    let search = |index: &str, queries: &str| {
        bench.ok(&format!("search --index {index} --vectors {queries} --k 3"))
    };
    bench.write(
        "q.jsonl",
        String::from_utf8(bytes(&bench, "a.jsonl"))
            .unwrap()
            .lines()
            .take(9)
            .fold(String::new(), |all, line| all + line + "\n"),
    );
    bench.ok("convert --input q.jsonl --output q.svec");
    let found = search("lines", "q.jsonl");
    assert!(found.lines().count() > 9, "{found}");
    assert_eq!(found, search("blocks", "q.svec"));
}

#[test]
fn parts_make_the_whole() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    for part in 1..=3 {
        bench.ok(&encode(&bench, &format!("--shard {part}/3 --output {part}.svec")));
    }
    bench.ok("convert --input 3.svec 1.svec 2.svec --output merged.svec");
    assert!(bytes(&bench, "merged.svec") == bytes(&bench, "whole.svec"));
    let said = bench.fails("convert --input 3.svec 1.svec --output x.svec", 1);
    assert!(said.contains("all 3 parts") && said.contains("1/3, 3/3"), "{said}");
    let said = bench.fails("convert --input 1.svec 1.svec 2.svec --output x.svec", 1);
    assert!(said.contains("1/3, 1/3, 2/3"), "{said}");
    assert!(!bench.path("x.svec").exists());
    bench.fails(&encode(&bench, "--shard 0/3 --output x.svec"), 2);
    bench.fails(&encode(&bench, "--shard 4/3 --output x.svec"), 2);
}

/// Runs `line` to its end, and says whether it had blocks to go on from.
#[cfg(debug_assertions)]
fn goes_on(bench: &Bench, line: &str) -> bool {
    let output = bench.spork(line);
    assert!(output.status.success(), "{}", stderr(&output));
    stderr(&output).contains("are encoded already")
}

#[test]
#[cfg(debug_assertions)]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    let whole = bytes(&bench, "whole.svec");
    let points = ["output.locked", "svec.block-written=1", "svec.block-written=3", "output.synced"];
    for (number, point) in points.into_iter().enumerate() {
        let line = encode(&bench, &format!("--resume --output {number}.svec"));
        killed(&bench, &line, point);
        assert_eq!(goes_on(&bench, &line), point != "output.locked", "{point}");
        assert!(bytes(&bench, &format!("{number}.svec")) == whole, "{point}");
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_resumed_run_may_be_killed_too() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    let whole = bytes(&bench, "whole.svec");
    let line = encode(&bench, "--resume --output a.svec");
    // A part of the second block.
    bench.write("a.svec.partial", &whole[..whole.len() * 2 / 3]);
    for point in ["svec.tail-cut", "svec.block-written", "output.written"] {
        killed(&bench, &line, point);
        let partial = bytes(&bench, "a.svec.partial");
        assert!(whole.starts_with(&partial) && !bench.path("a.svec").exists(), "{point}");
    }
    assert!(goes_on(&bench, &line));
    assert!(bytes(&bench, "a.svec") == whole);
}

#[test]
fn what_can_not_go_on_says_why() {
    let bench = Bench::new();
    let said = bench.fails(&encode(&bench, "--resume --output a.jsonl"), 1);
    assert!(said.contains(".svec"), "{said}");
    bench.fails(&encode(&bench, "--resume"), 2);

    bench.ok(&encode(&bench, "--output whole.svec"));
    let whole = bytes(&bench, "whole.svec");
    bench.write("a.svec.partial", &whole[..whole.len() - 200]);
    let said = bench.fails(&encode(&bench, "--output a.svec"), 1);
    assert!(said.contains("a.svec.partial") && said.contains("--resume"), "{said}");
    let said = bench.fails(&encode(&bench, "--resume --top-terms 3 --output a.svec"), 1);
    assert!(said.contains("other settings"), "{said}");

    let changed = corpus().replacen("d17\t", "other\t", 1);
    bench.write("corpus.tsv", changed);
    let said = bench.fails(&encode(&bench, "--resume --output a.svec"), 1);
    assert!(
        said.contains("d17") && said.contains("other") && said.contains("has changed"),
        "{said}"
    );
    bench.write(
        "corpus.tsv",
        corpus().lines().take(20).fold(String::new(), |all, line| all + line + "\n"),
    );
    let said = bench.fails(&encode(&bench, "--resume --output a.svec"), 1);
    assert!(said.contains("ends before"), "{said}");
    bench.write("corpus.tsv", corpus());
    bench.ok(&encode(&bench, "--resume --output a.svec"));
    assert!(bytes(&bench, "a.svec") == whole);
    let said = stderr(&bench.spork(&encode(&bench, "--resume --output a.svec")));
    assert!(said.contains("complete already"), "{said}");
}

#[test]
fn a_damaged_tail_is_named_and_made_again() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    let mut damaged = bytes(&bench, "whole.svec");
    let place = damaged.len() * 2 / 3;
    damaged[place] ^= 1;
    bench.write("a.svec.partial", &damaged);
    let output = bench.spork(&encode(&bench, "--resume --output a.svec"));
    let said = stderr(&output);
    assert!(
        output.status.success() && said.contains("checksum") && said.contains("resuming"),
        "{said}"
    );
    assert!(bytes(&bench, "a.svec") == bytes(&bench, "whole.svec"));

    bench.write("bad.svec", &damaged);
    let said = bench.fails("index --input bad.svec --output i", 1);
    assert!(said.contains("bad.svec: the block at byte") && said.contains("checksum"), "{said}");
    bench.write("short.svec", &damaged[..place]);
    let said = bench.fails("convert --input short.svec --output x.jsonl", 1);
    assert!(said.contains("short.svec") && !bench.path("x.jsonl").exists(), "{said}");
}

#[test]
fn coarse_weights_are_smaller() {
    let bench = Bench::new();
    let size = |weights: &str| {
        bench.ok(&encode(&bench, &format!("--weights {weights} --output {weights}.svec")));
        bytes(&bench, &format!("{weights}.svec")).len()
    };
    let (whole, half, byte) = (size("f32"), size("f16"), size("u8"));
    assert!(byte < half && half < whole, "{whole} {half} {byte}");
}

#[test]
#[cfg(target_os = "linux")]
fn errors_do_not_wait_for_the_rest_of_a_pipe() {
    let bench = Bench::new();
    let line = encode(&bench, "--output /dev/full").replace("corpus.tsv", "-");
    let mut command = bench.command(&line);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // More than one group of texts, and then nothing, with the pipe open.
    let _ = input.write_all(corpus().as_bytes());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/dev/full"), "{}", stderr(&output));
    drop(input);
}

#[test]
fn several_devices_make_the_same_bytes_as_one() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    let output = bench.spork(&encode(&bench, "--device cpu,cpu --output all.svec"));
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("[1/2 cpu]") && said.contains("[2/2 cpu]"), "{said}");
    assert!(bytes(&bench, "all.svec") == bytes(&bench, "whole.svec"));
    let left: Vec<_> =
        std::fs::read_dir(bench.path("")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    let again = bench.spork(&encode(&bench, "--device cpu,cpu --resume --output all.svec"));
    assert!(stderr(&again).contains("complete already"), "{}", stderr(&again));
}

#[test]
fn a_device_that_fails_costs_its_own_part_only() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    bench.write("all.2-of-2.svec.partial", "what another program left");
    let said = bench.fails(&encode(&bench, "--device cpu,cpu --output all.svec"), 1);
    assert!(said.contains("part 2/2 on cpu") && said.contains("--resume"), "{said}");
    assert!(bench.path("all.1-of-2.svec").exists());
    bench.write("all.all.svec.partial", "a merge that was cut off");
    let said = stderr(&bench.spork(&encode(&bench, "--device cpu,cpu --resume --output all.svec")));
    assert!(said.contains("all.1-of-2.svec is complete already"), "{said}");
    assert!(bytes(&bench, "all.svec") == bytes(&bench, "whole.svec"));
}

#[test]
#[cfg(debug_assertions)]
fn devices_that_are_killed_go_on() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    let line = encode(&bench, "--device cpu,cpu --resume --output all.svec");
    let mut parts = bench.command(&line);
    let said = stderr(&parts.env("SPORK_KILL_POINT", "svec.block-written").output().unwrap());
    assert!(said.contains("failed: part 1/2") && said.contains("part 2/2"), "{said}");
    assert!(goes_on(&bench, &line));
    assert!(bytes(&bench, "all.svec") == bytes(&bench, "whole.svec"));
}

#[test]
#[cfg(debug_assertions)]
fn parts_that_are_joined_when_a_run_is_killed_are_joined_by_the_next() {
    let bench = Bench::new();
    bench.ok(&encode(&bench, "--output whole.svec"));
    let line = encode(&bench, "--device cpu,cpu --resume --output all.svec");
    for point in ENCODE.iter().filter(|point| point.starts_with("join.")) {
        killed(&bench, &line, point);
        bench.ok(&line);
        assert!(bytes(&bench, "all.svec") == bytes(&bench, "whole.svec"), "{point}");
        let left: BTreeSet<_> = std::fs::read_dir(bench.path(""))
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        assert!(left.iter().eq(["all.svec", "corpus.tsv", "whole.svec"]), "{point}: {left:?}");
        std::fs::remove_file(bench.path("all.svec")).unwrap();
    }
}

#[test]
fn several_devices_say_what_they_need() {
    let bench = Bench::new();
    for (rest, expected) in [
        ("--device cpu,cpu --output all.jsonl", ".svec"),
        ("--device cpu,cpu", ".svec"),
        ("--device cpu,cpu --shard 1/2 --output all.svec", "leave out --shard"),
        ("--device cpu,gpu --output all.svec", "\"gpu\" is no device"),
        ("--device cpu,cpu --input - --output all.svec", "give a file"),
    ] {
        let mut line = encode(&bench, rest);
        if rest.contains("--input") {
            line = line.replace("--input corpus.tsv", "");
        }
        let said = bench.fails(&line, 1);
        assert!(said.contains(expected), "{rest}: {said}");
    }
    bench.write("all.svec.partial", "begun");
    let said = bench.fails(&encode(&bench, "--device cpu,cpu --output all.svec"), 1);
    assert!(said.contains("all.svec.partial"), "{said}");
}

/// Each takes a batch at a time.
#[cfg(target_os = "linux")]
const CORES: usize = 2;

/// The peak of what a run's process held, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory(bench: &Bench, line: &str) -> f64 {
    let mut child = bench.command(line).env("OMP_NUM_THREADS", CORES.to_string()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    while child.try_wait().unwrap().is_none() {
        // The process may end between the two looks at it.
        let said = std::fs::read_to_string(&status).unwrap_or_default();
        let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        peak = kibibytes.map_or(peak, |kibibytes| kibibytes * 1024.0);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success(), "spork {line}");
    peak
}

/// The bound that docs/encode.md states. Logits alone, if all were kept, would take 122 kB a token.
#[test]
#[cfg(target_os = "linux")]
fn memory_is_bounded_by_the_tokens_of_a_batch() {
    let bench = Bench::new();
    let text = "water rises over stone while seven gray herons wait by the gate ".repeat(24);
    let texts: String = (0..128).map(|i| format!("{i}\t{text}\n")).collect();
    bench.write("texts.tsv", texts);
    let model = project("data/model");
    let encode = format!(
        "encode --quiet --model {} --input texts.tsv --device cpu --backend {BACKEND}",
        model.display()
    );
    let peak = |tokens: usize| {
        let peak = peak_memory(
            &bench,
            &format!("{encode} --batch-tokens {tokens} --output {tokens}.svec"),
        );
        let bound = 600e6 + 16e3 * (tokens * CORES) as f64;
        assert!(peak < bound, "{tokens} tokens a batch: {peak} bytes, expected {bound} at most");
        peak
    };
    assert!(peak(512) < peak(8192));
}
