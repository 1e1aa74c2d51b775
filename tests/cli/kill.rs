//! Runs that are killed at named points. Afterwards the old state is there, or one that the next
//! run completes; that run makes the bytes of a run that was never killed.

use std::collections::BTreeSet;
use std::fs::File;

use super::kill_points::{Answers, CHANGE, ENCODE, INDEX, TRAIN, killed};
use super::*;

/// Until a new pointer has its name, the old index is there.
fn expected_at(point: &str) -> Answers {
    let renamed = INDEX.iter().position(|&point| point == "index.pointer-renamed");
    match INDEX.iter().position(|&listed| listed == point) >= renamed {
        true => Answers::New,
        false => Answers::Old,
    }
}

/// Points of every output that is a file. The file has its name after the last.
const OUTPUT: &[&str] = &["output.locked", "output.written", "output.synced", "output.renamed"];

/// Points of binary vectors, beside those of [`OUTPUT`].
const VECTORS_FILE: &[&str] = &["svec.block-written"];

/// The files of the segments with their bytes.
fn index_files(bench: &Bench, index: &str) -> Vec<SegmentFiles> {
    segment_files(&bench.path(index))
}

/// The pointer, the lock, a generation and its segment.
#[track_caller]
fn nothing_is_left_over(bench: &Bench, index: &str) {
    let left = std::fs::read_dir(bench.path(index)).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

const INDEX_OLD: &str = "index --input old.jsonl --output i";
const INDEX_NEW: &str = "index --bm25 new.tsv --order bisection --store text,vectors --output i";
const SEARCH: &str = "search --index i --vectors q.tsv";

/// Two collections that answer the query differently, and the answers and files of the new one.
fn collections() -> (Bench, String, Vec<SegmentFiles>) {
    let bench = Bench::new();
    bench.write("old.jsonl", VECTORS);
    let text = |i: usize| format!("n{i}\t{}\n", ["cat", "cat dog", "fish dog dog"][i % 3]);
    bench.write("new.tsv", (0..300).map(text).collect::<String>());
    bench.write("q.tsv", "1\tcat\n");
    bench.ok(INDEX_NEW);
    let (answer, files) = (bench.ok(SEARCH), index_files(&bench, "i"));
    std::fs::remove_dir_all(bench.path("i")).unwrap();
    (bench, answer, files)
}

#[test]
fn a_killed_run_leaves_the_old_index_or_the_new_one() {
    let (bench, new, files) = collections();
    bench.ok(INDEX_OLD);
    let old = bench.ok(SEARCH);
    assert!(old != new && !old.is_empty() && !new.is_empty());
    for &point in INDEX {
        bench.ok(INDEX_OLD);
        killed(&bench, INDEX_NEW, "index.docnos-written");
        killed(&bench, INDEX_NEW, point);
        bench.ok("verify --index i");
        let answers = if bench.ok(SEARCH) == old { Answers::Old } else { Answers::New };
        assert_eq!(answers, expected_at(point), "{point}");
        bench.ok(INDEX_NEW);
        assert!(index_files(&bench, "i") == files && bench.ok(SEARCH) == new, "{point}");
        nothing_is_left_over(&bench, "i");
    }
}

#[test]
fn a_killed_run_leaves_no_index_or_a_whole_one() {
    let (bench, new, files) = collections();
    let all = |index: &str| {
        let mut files = files_of(&bench.path(index));
        files.retain(|name, _| !name.ends_with(".lock"));
        files
    };
    bench.ok(&INDEX_NEW.replace("--output i", "--output plain"));
    let plain = all("plain");
    // There is nothing to remove.
    let absent = ["index.leftover-removed", "index.old-removed"];
    for &point in INDEX.iter().filter(|point| !absent.contains(point)) {
        killed(&bench, INDEX_NEW, point);
        match expected_at(point) {
            Answers::Old => {
                let said = bench.fails("verify --index i", 1);
                assert!(said.contains("no Spork index here"), "{point}: {said}");
            }
            Answers::New => assert_eq!(bench.ok(SEARCH), new, "{point}"),
        }
        bench.ok(INDEX_NEW);
        assert!(index_files(&bench, "i") == files, "{point}");
        // The names too: nothing tells that a writer was killed.
        assert!(expected_at(point) == Answers::New || all("i") == plain, "{point}");
        nothing_is_left_over(&bench, "i");
        std::fs::remove_dir_all(bench.path("i")).unwrap();
    }
}

#[test]
fn a_run_killed_between_windows_leaves_the_old_index() {
    let bench = Bench::new();
    bench.write("old.jsonl", VECTORS);
    let line = |i: usize| format!("{{\"id\": {i}, \"vector\": {{\"t{}\": 1}}}}\n", i % 7);
    // A window holds 65,536 documents.
    bench.write("new.jsonl", (0..70_000).map(line).collect::<String>());
    let new = "index --input new.jsonl --output i";
    bench.ok(new);
    let files = index_files(&bench, "i");
    for passing in ["index.window-written=1", "index.window-written=2"] {
        bench.ok(INDEX_OLD);
        killed(&bench, new, passing);
        bench.ok("verify --index i");
        bench.ok(new);
        assert!(index_files(&bench, "i") == files, "{passing}");
        nothing_is_left_over(&bench, "i");
    }
}

/// A run file, plain and compressed.
#[test]
fn a_killed_run_leaves_the_old_output() {
    let bench = Bench::new();
    bench.write("old.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n");
    bench.ok(INDEX_OLD);
    for name in ["run.trec", "run.trec.gz", "run.trec.zst"] {
        let line = format!("{SEARCH} --output {name}");
        bench.ok(&line);
        let whole = std::fs::read(bench.path(name)).unwrap();
        for &point in OUTPUT {
            bench.write(name, "old");
            killed(&bench, &line, point);
            let expected = if point == "output.renamed" { &whole[..] } else { b"old" };
            assert!(std::fs::read(bench.path(name)).unwrap() == expected, "{name}, {point}");
            bench.ok(&line);
            assert!(std::fs::read(bench.path(name)).unwrap() == whole, "{name}, {point}");
            assert!(!bench.path(&format!("{name}.partial")).exists(), "{name}, {point}");
        }
    }
}

/// Vectors in binary, whose partial file is kept: it may be worth hours.
#[test]
fn a_killed_run_keeps_the_blocks_of_vectors() {
    let bench = Bench::new();
    // Two whole blocks and a part of one.
    let line = |i: usize| format!("{{\"id\": {i}, \"vector\": {{\"t{}\": 1}}}}\n", i % 7);
    bench.write("v.jsonl", (0..2 * 4096 + 500).map(line).collect::<String>());
    let line = "convert --input v.jsonl --output v.svec";
    bench.ok(line);
    let whole = std::fs::read(bench.path("v.svec")).unwrap();
    std::fs::remove_file(bench.path("v.svec")).unwrap();
    let blocks = |point: &&str| [1, 2, 3].map(|passing| format!("{point}={passing}"));
    let blocks = VECTORS_FILE.iter().flat_map(blocks);
    let mut left = 0;
    for point in blocks.chain(OUTPUT.iter().map(|&point| point.to_owned())) {
        killed(&bench, line, &point);
        let partial = std::fs::read(bench.path("v.svec.partial")).ok();
        if point == "output.renamed" {
            assert!(partial.is_none());
            assert!(std::fs::read(bench.path("v.svec")).unwrap() == whole);
            continue;
        }
        let partial = partial.unwrap();
        assert!(!bench.path("v.svec").exists() && whole.starts_with(&partial), "{point}");
        if point.starts_with("svec.block-written") {
            assert!(partial.len() > left, "{point}: nothing was added to {left} bytes");
            left = partial.len();
        }
        if !partial.is_empty() {
            let said = bench.fails(line, 1);
            assert!(said.contains("v.svec.partial"), "{point}: {said}");
            std::fs::remove_file(bench.path("v.svec.partial")).unwrap();
        }
        bench.ok(line);
        assert!(std::fs::read(bench.path("v.svec")).unwrap() == whole, "{point}");
        std::fs::remove_file(bench.path("v.svec")).unwrap();
    }
}

/// Every kill point of the code is in a list here, and so is passed by a run that dies there.
#[test]
fn no_point_is_left_out() {
    let listed = [INDEX, CHANGE, OUTPUT, VECTORS_FILE, ENCODE, TRAIN].into_iter().flatten();
    let listed: BTreeSet<String> = listed.map(|&point| point.to_owned()).collect();
    let mut found = BTreeSet::new();
    points_under(&project("crates"), &mut found);
    assert_eq!(found, listed);
}

/// The names in `kill_point("NAME")` in all sources of a folder.
fn points_under(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            points_under(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let calls = text.split("kill_point(\"").skip(1);
            found.extend(calls.map(|call| call.split('"').next().unwrap().to_owned()));
        }
    }
}

#[test]
fn a_locked_index_is_left_alone() {
    let bench = Bench::new();
    bench.write("old.jsonl", VECTORS);
    bench.ok(INDEX_OLD);
    let files = index_files(&bench, "i");
    let lock = File::create(bench.path("i/.lock")).unwrap();
    lock.lock().unwrap();
    let said = bench.fails(INDEX_OLD, 1);
    assert!(said.contains("another process is writing this index"), "{said}");
    assert!(index_files(&bench, "i") == files);
    lock.unlock().unwrap();
    bench.ok(INDEX_OLD);
}

#[test]
fn a_writer_locks_its_index() {
    let bench = Bench::new();
    bench.write("old.jsonl", VECTORS);
    let mut writer = bench
        .command("index --input - --output i")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = writer.stdin.take().unwrap();
    // Far more than a pipe and a buffer hold: when it is written, the writer is past its start.
    let line = |i: usize| format!("{{\"id\": {i}, \"vector\": {{\"t{}\": 1}}}}\n", i % 7);
    input.write_all((0..100_000).map(line).collect::<String>().as_bytes()).unwrap();
    let said = bench.fails(INDEX_OLD, 1);
    assert!(said.contains("another process is writing this index"), "{said}");
    drop(input);
    assert!(writer.wait().unwrap().success());
    bench.ok("verify --index i");
}
