//! A living index: documents added and replaced, segments merged.

use super::*;

fn vectors(documents: std::ops::Range<usize>) -> String {
    let line = |i: usize| {
        let (a, b, weight) = (i % 11, i % 7, 0.25 + (i % 9) as f32 / 4.0);
        format!("{{\"id\": \"d{i}\", \"vector\": {{\"a{a}\": {weight}, \"b{b}\": 0.5}}}}\n")
    };
    documents.map(line).collect()
}

fn texts(documents: std::ops::Range<usize>) -> String {
    let words = ["cats and dogs", "a dog", "fish, fish and more fish", "the cat of the dogs"];
    let text = |i: usize| {
        let (text, lang) = (words[i % words.len()], ["en", "de", "fr"][i % 3]);
        format!(
            "{{\"_id\": \"d{i}\", \"text\": \"{text}\", \"year\": {i}, \"lang\": \"{lang}\"}}\n"
        )
    };
    documents.map(text).collect()
}

const EMPTY: &str = "index --empty splade,bm25 --scale 0.01 --mean-length 3.5 --k1 1.2 --b 0.75 \
                     --calibration splade=4,bm25=2 --output";

/// An index that came to be in steps, and one of the same documents that was built in one: merged,
/// the first has the very files of the second.
#[test]
fn a_merged_index_has_the_bytes_of_one_built_at_once() {
    for settings in [
        "",
        "--codec compact",
        "--columns year:integer,lang:keyword --store text,vectors",
        "--order bisection",
    ] {
        let bench = Bench::new();
        bench.ok(&format!("{EMPTY} steps {settings}"));
        bench.ok(&format!("{EMPTY} once {settings}"));
        for (name, documents) in
            [("1", 0..300), ("2", 300..310), ("3", 310..500), ("left", 5..300), ("rest", 310..499)]
        {
            bench.write(&format!("{name}.jsonl"), vectors(documents.clone()));
            bench.write(&format!("{name}.tsv"), texts(documents));
        }
        for name in ["1", "2", "3"] {
            bench.ok(&format!(
                "add --index steps --input {name}.jsonl --bm25 {name}.tsv --no-merge"
            ));
        }
        let gone: Vec<String> = (0..5).chain(300..310).map(|i| format!("d{i}\n")).collect();
        bench.write("gone", gone.concat());
        bench.ok("delete --index steps --docnos gone --no-merge");
        bench.ok("delete --index steps --docno d499 --no-merge");
        bench.ok("add --index once --input left.jsonl rest.jsonl --bm25 left.tsv rest.tsv");
        bench.write("t.tsv", "1\tdog\n2\tcats\n3\tfish\n");
        bench.write(
            "q.jsonl",
            (1..=3)
                .map(|i| format!("{{\"id\": {i}, \"vector\": {{\"a{i}\": 1, \"b{i}\": 0.3}}}}\n"))
                .collect::<String>(),
        );
        let answers = |index: &str| {
            bench.ok(&format!("search --index {index} --topics t.tsv --vectors q.jsonl --k 20"))
        };
        let before = answers("steps");
        assert_eq!(before.lines().count(), 60);
        assert_eq!(before, answers("once"), "{settings}: before the merge");
        let said = stderr(&bench.spork("merge --index steps"));
        assert!(said.contains("merged 2 segments to 1"), "{said}");
        assert!(said.contains("484 documents copied, 6 deleted ones dropped"), "{said}");
        assert_eq!(answers("steps"), before, "{settings}: after the merge");
        let (steps, once) =
            (segment_files(&bench.path("steps")), segment_files(&bench.path("once")));
        assert_eq!((steps.len(), once.len()), (1, 1));
        // Bisection starts from the order that there is, which differs; the answers do not.
        assert_eq!(steps == once, settings != "--order bisection", "{settings}");
        bench.ok("verify --index steps");
        let said = stderr(&bench.spork("merge --index steps"));
        assert!(said.contains("nothing to merge"), "{said}");
    }
}

/// What is added to a BM25 index is weighed as if it had been there from the start.
#[test]
fn text_is_added_with_the_analyzer_and_parameters_of_the_index() {
    let bench = Bench::new();
    bench.write("vocab.txt", "[UNK]\ncat\n##s\ndog\nfish\nand\nmore\n");
    // Twice the same texts, so that their mean length and scale are the same.
    bench.write("one.tsv", texts(0..40));
    bench.write("two.tsv", texts(40..80));
    for settings in ["--k1 1.5 --b 0.9", "--analyzer wordpiece --vocabulary vocab.txt"] {
        bench.ok(&format!("index --bm25 one.tsv two.tsv {settings} --output once"));
        bench.ok(&format!("index --bm25 one.tsv {settings} --output steps"));
        bench.ok("add --index steps --bm25 two.tsv");
        bench.write("t.tsv", "1\tdogs\n2\tcat and fish\n");
        let search = |index: &str| bench.ok(&format!("search --index {index} --topics t.tsv"));
        assert_eq!(search("steps"), search("once"), "{settings}");
        bench.ok("merge --index steps");
        assert!(segment_files(&bench.path("steps")) == segment_files(&bench.path("once")));
    }
    let said = bench.fails("add --index steps --bm25 two.tsv --k1 1.5", 2);
    assert!(said.contains("--k1"), "{said}");
}

#[test]
fn a_docno_that_is_there_is_refused_or_replaced() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write(
        "w.jsonl",
        "{\"id\": \"e\", \"vector\": {\"cat\": 1}}\n{\"id\": \"d2\", \"vector\": {\"cat\": 9}}\n",
    );
    bench.ok("index --input v.jsonl --output i");
    let files = files_of(&bench.path("i"));
    let said = bench.fails("add --index i --input w.jsonl", 1);
    assert!(
        said.contains("w.jsonl:2") && said.contains("\"d2\"") && said.contains("--update"),
        "{said}"
    );
    assert!(files_of(&bench.path("i")) == files, "nothing has changed");
    let output = bench.spork("add --index i --input w.jsonl --update");
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("2 documents added, of which 1 replace others; it has 4"), "{said}");
    assert_eq!(bench.ok("inspect --index i --docno d2"), "cat\t9\n");
    bench.write("q.tsv", "1\tdog\n");
    assert_eq!(bench.ok("search --index i --vectors q.tsv"), "1 Q0 d1 1 1 spork\n");
    // An update may replace what an update brought.
    bench.ok("add --index i --input w.jsonl --update");
    bench.ok("verify --index i");
    assert!(bench.ok("inspect --index i").starts_with("documents\t4\n"));
    // Twice in the input is a mistake all the same.
    bench
        .write("twice.jsonl", "{\"id\": \"x\", \"vector\": {}}\n{\"id\": \"x\", \"vector\": {}}\n");
    let said = bench.fails("add --index i --input twice.jsonl --update", 1);
    assert!(said.contains("docno \"x\" is already that of document 1"), "{said}");
}

#[test]
fn an_updated_hybrid_document_has_only_what_is_given() {
    let bench = Bench::new();
    bench.write("v.jsonl", vectors(0..4));
    bench.write("t.tsv", texts(0..4));
    bench.ok("index --input v.jsonl --bm25 t.tsv --output i");
    bench.write("new.tsv", "d1\ta bird\n");
    let output = bench.spork("add --index i --bm25 new.tsv --update");
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("field splade: 1 of 1 documents are not in its input"), "{said}");
    assert!(said.contains("those that were replaced have lost theirs"), "{said}");
    assert_eq!(bench.ok("inspect --index i --docno d1").lines().count(), 1, "bird");
    bench.ok("verify --index i");
}

#[test]
fn what_does_not_belong_is_refused_and_changes_nothing() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("float.jsonl", "{\"id\": \"x\", \"vector\": {\"cat\": 1.5}}\n");
    bench.write("t.tsv", "x\tcats\n");
    bench.ok("index --input v.jsonl --output i");
    bench.ok("index --input v.jsonl --prune-documents 0.9 --output pruned");
    bench.write("large.jsonl", "{\"id\": \"x\", \"vector\": {\"cat\": 70000}}\n");
    bench.write("bad.jsonl", "{\"id\": \"x\", \"vector\": {\"cat\": -1}}\n");
    bench.write("nothing.jsonl", "");
    let files = files_of(&bench.path("i"));
    for (line, says) in [
        ("add --index i --input float.jsonl", "the index keeps integers as they are"),
        ("add --index i --input large.jsonl", "beyond 65535"),
        ("add --index i --input bad.jsonl", "bad.jsonl:1"),
        ("add --index i --input nothing.jsonl", "no document in nothing.jsonl"),
        ("add --index i --bm25 t.tsv", "no field for text by BM25; it has splade"),
        ("add --index pruned --input float.jsonl", "the index was pruned"),
        ("add --index none --input v.jsonl", "none: no Spork index here"),
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains(says), "{line}: {said}");
    }
    assert!(files_of(&bench.path("i")) == files);
    for line in ["add --index i", "add --input v.jsonl", "add --index i --input v.jsonl --scale 1"]
    {
        bench.fails(line, 2);
    }
}

#[test]
fn weights_are_rounded_as_the_index_has_fixed_and_losses_are_told() {
    let bench = Bench::new();
    bench.ok("index --empty splade --scale 0.5 --output i");
    bench.write(
        "v.jsonl",
        "{\"id\": \"x\", \"vector\": {\"a\": 0.1, \"b\": 1.3, \"c\": 0, \"d\": 40000}}\n",
    );
    let output = bench.spork("add --index i --input v.jsonl");
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    for part in
        ["1 weights of zero left out", "1 weights (33.33 %) under 0.25", "1 of 2 weights clipped"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(bench.ok("inspect --index i --docno x"), "d\t32767.5\nb\t1.5\n");
}

#[test]
fn an_index_may_start_empty() {
    let bench = Bench::new();
    bench.write("q.tsv", "1\tcat\n");
    bench.ok("index --empty splade --scale integer --output i");
    bench.ok("verify --index i");
    assert_eq!(bench.ok("search --index i --vectors q.tsv"), "");
    assert!(bench.ok("inspect --index i").starts_with("documents\t0\n"));
    let said = stderr(&bench.spork("merge --index i"));
    assert!(said.contains("nothing to merge"), "{said}");
    bench.write("v.jsonl", VECTORS);
    bench.ok("add --index i --input v.jsonl");
    bench.ok("index --input v.jsonl --output once");
    assert!(segment_files(&bench.path("i")) == segment_files(&bench.path("once")));
    // And end so.
    bench.ok("delete --index i --docno d1 d2 d3");
    assert_eq!(bench.ok("search --index i --vectors q.tsv"), "");
    bench.ok("verify --index i");
    assert!(bench.ok("inspect --index i --json").contains("\"segments\": 0"));
    bench.ok("add --index i --input v.jsonl");
    assert_eq!(bench.ok("search --index i --vectors q.tsv").lines().count(), 2);
    for (line, says) in [
        ("index --empty splade --output j", "needs --scale"),
        ("index --empty bm25 --output j", "needs --mean-length"),
        ("index --empty splade,bm25 --scale 1 --mean-length 9 --output j", "needs their typical"),
        (
            "index --empty splade,bm25 --scale 1 --mean-length 9 --calibration bm25=1 --output j",
            "--calibration splade=X,bm25=Y",
        ),
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains(says), "{line}: {said}");
    }
    for line in [
        "index --empty splade --scale 1 --input v.jsonl --output j",
        "index --empty words --output j",
        "index --input v.jsonl --mean-length 9 --output j",
        "index --empty splade,bm25 --calibration bm25=0 --output j",
        "index --empty splade --scale 1 --prune-terms 0.5 --output j",
    ] {
        bench.fails(line, 2);
    }
    assert!(!bench.path("j").exists());
}

#[test]
fn segments_are_merged_when_they_are_many() {
    let bench = Bench::new();
    bench.ok("index --empty splade --scale 0.01 --output i");
    bench.ok("index --empty splade --scale 0.01 --output never");
    let segments = |index: &str| {
        let said: serde_json::Value =
            serde_json::from_str(&bench.ok(&format!("inspect --index {index} --json"))).unwrap();
        said["segments"].as_u64().unwrap()
    };
    for i in 0..8 {
        bench.write("v.jsonl", vectors(10 * i..10 * i + 10));
        bench.ok("add --index never --input v.jsonl --no-merge");
        let said = stderr(&bench.spork("add --index i --input v.jsonl"));
        assert_eq!(said.contains("merged 8 segments to 1"), i == 7, "{said}");
        assert_eq!(segments("i"), if i == 7 { 1 } else { i as u64 + 1 });
    }
    assert_eq!(segments("never"), 8);
    // Few of many: a deletion does not merge either.
    bench.ok("delete --index never --docno d1 --no-merge");
    assert_eq!(segments("never"), 8);
    let said = stderr(&bench.spork("delete --index never --docno d2"));
    assert!(said.contains("merged 8 segments to 1"), "{said}");
    bench.write("all.jsonl", vectors(0..80));
    bench.ok("index --empty splade --scale 0.01 --output once");
    bench.ok("add --index once --input all.jsonl");
    assert!(segment_files(&bench.path("i")) == segment_files(&bench.path("once")));
}

/// What is added stands, whatever becomes of merging.
#[test]
fn a_merge_that_fails_is_a_warning() {
    let bench = Bench::new();
    bench.ok("index --empty splade --scale 0.01 --output i");
    for i in 0..7 {
        bench.write("v.jsonl", vectors(10 * i..10 * i + 10));
        bench.ok("add --index i --input v.jsonl");
    }
    // Adding looks docnos up, and reads no postings; the table of windows is at their end.
    let postings = bench.path("i/segment-000001/postings.bin");
    let mut bytes = std::fs::read(&postings).unwrap();
    let end = bytes.len();
    bytes[end - 24..].fill(0xff);
    std::fs::write(&postings, bytes).unwrap();
    bench.write("v.jsonl", vectors(70..80));
    let output = bench.spork("add --index i --input v.jsonl");
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("10 documents added; it has 80 documents in 8 segments"), "{said}");
    assert!(said.contains("WARN the change is made; merging what is due failed"), "{said}");
    assert!(said.contains("postings.bin"), "{said}");
    assert_eq!(files_of(&bench.path("i")).len(), 2 + 8 * 4, "nothing is left of the merge");
}

#[test]
fn a_writer_says_who_it_is() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.ok("index --input v.jsonl --output i");
    let mut writer = bench
        .command("add --index i --input -")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = writer.stdin.take().unwrap();
    // Far more than a pipe and a buffer hold: when it is written, the writer is past its start.
    let line = |i: usize| format!("{{\"id\": \"x{i}\", \"vector\": {{\"t{}\": 1}}}}\n", i % 7);
    input.write_all((0..100_000).map(line).collect::<String>().as_bytes()).unwrap();
    let who = format!("process {}: ", writer.id());
    for line in [
        "delete --index i --docno d1",
        "merge --index i",
        "add --index i --input v.jsonl --update",
        "index --input v.jsonl --output i",
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains("another process is writing this index"), "{line}: {said}");
        assert!(said.contains(&who) && said.contains("spork add)"), "{line}: {said}");
    }
    // Readers go on meanwhile.
    assert!(bench.ok("inspect --index i").starts_with("documents\t3\n"));
    drop(input);
    assert!(writer.wait().unwrap().success());
    assert!(bench.ok("inspect --index i").starts_with("documents\t100003\n"));
    bench.ok("delete --index i --docno d1");
}
