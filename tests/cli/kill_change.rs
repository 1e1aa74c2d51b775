//! Changes of an index that are killed at named points. Afterwards the old or the new state is
//! there, whole; the next run completes the work and leaves nothing behind.

use super::kill_points::{Answers, killed};
use super::*;

/// A change that is killed at each of some points.
struct Change {
    line: &'static str,
    points: &'static [(&'static str, Answers)],
}

use Answers::{New, Old};

/// Points of a commit, in order, and what comes before all work.
macro_rules! committed {
    ($($point:expr),* $(,)?) => {
        &[
            ("index.locked", Old),
            ("index.leftover-removed", Old),
            $(($point, Old),)*
            ("index.generation-written", Old),
            ("index.generation-synced", Old),
            ("index.pointer-written", Old),
            ("index.pointer-renamed", New),
            ("index.pointer-synced", New),
            ("index.old-removed", New),
        ]
    };
}

const CHANGES: &[Change] = &[
    Change {
        line: "add --index i --input more.jsonl --bm25 more.texts --update --no-merge",
        points: committed!(
            "index.segment-made",
            "indexer.collected",
            "indexer.weighed",
            "indexer.pruned",
            "indexer.joined",
            "indexer.ordered",
            "indexer.records-stored",
            "indexer.vectors-stored",
            "index.window-written",
            "index.postings-written",
            "index.lexicon-written",
            "index.docnos-written",
            "index.segment-written",
            "indexer.added",
            "index.living-written",
        ),
    },
    Change {
        line: "delete --index i --docno a3 b7 --no-merge",
        points: committed!("indexer.deleting", "index.living-written"),
    },
    Change {
        line: "delete --index i --docno a3 b7 --purge --no-merge",
        points: committed!(
            "indexer.deleting",
            "index.segment-made",
            "indexer.ordered",
            "indexer.records-stored",
            "indexer.vectors-stored",
            "index.window-written",
            "index.postings-written",
            "index.lexicon-written",
            "index.docnos-written",
            "index.segment-written",
            "indexer.merged",
            // The second segment.
            "index.segment-made=2",
            "index.docnos-written=2",
            "indexer.merged=2",
        ),
    },
    Change {
        line: "merge --index i",
        points: committed!(
            "index.segment-made",
            "indexer.ordered",
            "indexer.records-stored",
            "indexer.vectors-stored",
            "index.window-written",
            "index.postings-written",
            "index.lexicon-written",
            "index.docnos-written",
            "index.segment-written",
            "indexer.merged",
        ),
    },
];

fn vectors(letter: char, documents: std::ops::Range<usize>) -> String {
    let line = |i: usize| {
        let (one, other) = (i % 7, i % 5);
        format!("{{\"id\": \"{letter}{i}\", \"vector\": {{\"t{one}\": 1.5, \"s{other}\": 0.5}}}}\n")
    };
    documents.map(line).collect()
}

fn texts(letter: char, documents: std::ops::Range<usize>) -> String {
    let text = |i: usize| {
        let text = ["cat", "cat dog", "fish dog dog"][i % 3];
        format!("{{\"_id\": \"{letter}{i}\", \"text\": \"{text}\", \"year\": {i}}}\n")
    };
    documents.map(text).collect()
}

/// A hybrid index of two segments, with everything stored, some of whose documents are deleted.
fn begun() -> Bench {
    let bench = Bench::new();
    bench.write("a.jsonl", vectors('a', 0..200));
    bench.write("a.texts", texts('a', 0..200));
    bench.write("b.jsonl", vectors('b', 0..100));
    bench.write("b.texts", texts('b', 0..100));
    bench.write("more.jsonl", vectors('a', 190..220));
    bench.write("more.texts", texts('a', 190..220));
    bench.write("t.tsv", "1\tcat\n2\tfish dog\n");
    bench.write(
        "q.jsonl",
        "{\"id\": 1, \"vector\": {\"t1\": 1}}\n{\"id\": 2, \"vector\": {\"s2\": 2}}\n",
    );
    let stored = "--columns year:integer --store text,vectors";
    bench.ok(&format!(
        "index --input a.jsonl --bm25 a.texts --order bisection {stored} --output old"
    ));
    bench.ok("add --index old --input b.jsonl --bm25 b.texts --no-merge");
    bench.ok("delete --index old --docno a1 a2 b1 --no-merge");
    bench
}

const SEARCH: &str = "search --index i --topics t.tsv --vectors q.jsonl";

/// What an index is: its answers, its statistics and the files of its segments.
fn state(bench: &Bench) -> (String, String, Vec<SegmentFiles>) {
    let plain = |files: SegmentFiles| {
        let name = |name: String| name.split('-').next().unwrap().to_owned();
        files.into_iter().map(|(file, bytes)| (name(file), bytes)).collect()
    };
    let segments = segment_files(&bench.path("i")).into_iter().map(plain).collect();
    (bench.ok(SEARCH), bench.ok("inspect --index i --json"), segments)
}

/// The files of the index are those that the current generation lists, and the lock.
#[track_caller]
fn nothing_is_left_over(bench: &Bench, at: &str) {
    let files = files_of(&bench.path("i"));
    let current = String::from_utf8(files["CURRENT"].clone()).unwrap();
    let listed = bench.ok("inspect --index i");
    let segments =
        listed.lines().filter(|line| line.starts_with("  0") && line.contains("deleted"));
    let segments: Vec<String> = segments
        .map(|line| format!("segment-{}", line.trim().split('\t').next().unwrap()))
        .collect();
    for name in files.keys() {
        let known = name == "CURRENT"
            || *name == current.trim_end()
            || segments.iter().any(|segment| name.starts_with(segment.as_str()));
        assert!(known, "{at}: {name} is left over");
    }
    for segment in segments {
        let living = format!("{segment}/living-");
        let living = files.keys().filter(|name| name.starts_with(&living)).count();
        assert!(living <= 1, "{at}: {living} files of living documents in {segment}");
    }
    assert_eq!(std::fs::read(bench.path("i/.lock")).unwrap(), b"", "{at}: nobody holds the lock");
}

#[test]
fn a_killed_change_leaves_the_old_index_or_the_new_one() {
    let bench = begun();
    for Change { line, points } in CHANGES {
        let restore = || {
            let _ = std::fs::remove_dir_all(bench.path("i"));
            copy_folder(&bench.path("old"), &bench.path("i"));
        };
        restore();
        let old = state(&bench);
        bench.ok(line);
        let new = state(&bench);
        assert!(old.2 != new.2, "{line}");
        for &(point, expected) in *points {
            restore();
            // Another run died before and left what it had.
            killed(&bench, line, "index.generation-written");
            killed(&bench, line, point);
            let at = format!("{line}, {point}");
            bench.ok("verify --index i");
            let answers = bench.ok(SEARCH);
            assert_eq!(answers, if expected == Old { &*old.0 } else { &*new.0 }, "{at}");
            match expected {
                Old => drop(bench.ok(line)),
                New if line.contains("--docno") => drop(bench.fails(line, 1)),
                // Documents replace themselves; merged segments are merged.
                New => drop(bench.ok(line)),
            }
            bench.ok("verify --index i");
            assert_eq!(bench.ok(SEARCH), new.0, "{at}");
            if expected == Old || !line.starts_with("add") {
                assert!(state(&bench) == new, "{at}");
            }
            nothing_is_left_over(&bench, &at);
        }
    }
}

/// What the lists above leave out of the points that a change passes would be untested.
#[test]
fn every_point_that_a_change_passes_is_listed() {
    let bench = begun();
    for Change { line, points } in CHANGES {
        let listed: Vec<&str> =
            points.iter().map(|(point, _)| point.split('=').next().unwrap()).collect();
        for &point in super::kill_points::INDEX.iter().chain(super::kill_points::CHANGE) {
            let _ = std::fs::remove_dir_all(bench.path("i"));
            copy_folder(&bench.path("old"), &bench.path("i"));
            killed(&bench, "merge --index i", "index.generation-written");
            let output = bench.command(line).env("SPORK_KILL_POINT", point).output().unwrap();
            assert_eq!(!output.status.success(), listed.contains(&point), "{line}, {point}");
        }
    }
}

/// A merge that follows an addition is a change of its own.
#[test]
fn an_addition_stands_when_the_merge_after_it_is_killed() {
    let bench = Bench::new();
    bench.ok("index --empty splade --scale 0.01 --output old");
    for i in 0..7 {
        bench.write("v.jsonl", vectors('a', 10 * i..10 * i + 10));
        bench.ok("add --index old --input v.jsonl");
    }
    bench.write("v.jsonl", vectors('a', 70..80));
    let segments = |expected: usize, at: &str| {
        bench.ok("verify --index i");
        assert!(bench.ok("inspect --index i").starts_with("documents\t80\n"), "{at}");
        assert_eq!(segment_files(&bench.path("i")).len(), expected, "{at}");
    };
    for (point, expected) in [
        ("index.locked=2", 8),
        ("index.segment-made=2", 8),
        ("index.docnos-written=2", 9),
        ("indexer.merged", 9),
        ("index.pointer-written=2", 9),
        ("index.pointer-renamed=2", 9),
        ("index.old-removed=3", 8),
    ] {
        let _ = std::fs::remove_dir_all(bench.path("i"));
        copy_folder(&bench.path("old"), &bench.path("i"));
        killed(&bench, "add --index i --input v.jsonl", point);
        // A folder that is left over with files in it counts, too.
        segments(expected, point);
        bench.fails("add --index i --input v.jsonl", 1);
        bench.ok("merge --index i");
        segments(1, point);
        nothing_is_left_over(&bench, point);
    }
}
