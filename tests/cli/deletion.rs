//! Documents deleted from an index, and purged from its files.

use super::*;

fn index(bench: &Bench) {
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n2\tfish\n3\tdog\n");
    bench.ok("index --input v.jsonl --output i");
}

#[test]
fn a_deleted_document_is_found_no_more() {
    let bench = Bench::new();
    index(&bench);
    let said = stderr(&bench.spork("delete --index i --docno d3 d3"));
    assert!(said.contains("1 documents deleted; 2 are left"), "{said}");
    assert_eq!(
        bench.ok("search --index i --vectors q.tsv"),
        "1 Q0 d1 1 3 spork\n3 Q0 d2 1 2 spork\n3 Q0 d1 2 1 spork\n"
    );
    bench.ok("verify --index i");
    bench.fails("inspect --index i --docno d3", 1);
    // It may come back.
    bench.write("w.jsonl", "{\"id\": \"d3\", \"vector\": {\"fish\": 7}}\n");
    bench.ok("add --index i --input w.jsonl");
    assert_eq!(bench.ok("inspect --index i --docno d3"), "fish\t7\n");
    bench.ok("verify --index i");
}

#[test]
fn docnos_that_are_not_there_delete_nothing_unless_they_may_be_missing() {
    let bench = Bench::new();
    index(&bench);
    let files = files_of(&bench.path("i"));
    let said = bench.fails("delete --index i --docno d1 d8 d9", 1);
    assert!(said.contains("no document \"d8\" and 1 others"), "{said}");
    assert!(said.contains("--ignore-missing"), "{said}");
    assert!(files_of(&bench.path("i")) == files);
    let said = stderr(&bench.spork("delete --index i --docno d1 d8 d9 --ignore-missing"));
    assert!(said.contains("2 docnos are not there") && said.contains("1 documents"), "{said}");
    // Now d1 is no more there than d8.
    bench.fails("delete --index i --docno d1", 1);
    bench.ok("delete --index i --docno d1 --ignore-missing");
}

#[test]
fn docnos_come_from_a_file_or_standard_input() {
    let bench = Bench::new();
    index(&bench);
    bench.write("gone", "d1\r\n\nd2\n");
    bench.ok("delete --index i --docnos gone");
    assert!(bench.ok("inspect --index i").starts_with("documents\t1\n"));
    let output = bench.with_input("delete --index i --docnos -", b"d3\n");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(bench.ok("inspect --index i").starts_with("documents\t0\n"));
    bench.write("bad", "d1\nd2 d3\n");
    let said = bench.fails("delete --index i --docnos bad", 1);
    assert!(said.contains("bad:2") && said.contains("\"d2 d3\""), "{said}");
    bench.fails("delete --index i", 2);
}

#[test]
fn documents_are_deleted_by_a_filter() {
    let bench = Bench::new();
    let record = |i: usize| format!("{{\"_id\": \"d{i}\", \"text\": \"a cat\", \"year\": {i}}}\n");
    bench.write("a.jsonl", (0..50).map(record).collect::<String>());
    bench.write("b.jsonl", (50..100).map(record).collect::<String>());
    bench.write("t.tsv", "1\tcat\n");
    bench.ok("index --bm25 a.jsonl --columns year:integer --output i");
    bench.ok("add --index i --bm25 b.jsonl");
    let delete = |filter: &str| {
        let mut command = bench.command("delete --index i --purge --filter");
        command.arg(filter).output().unwrap()
    };
    let output = delete("year >= 40 and not year > 60");
    assert!(stderr(&output).contains("21 documents deleted; 79 are left"), "{}", stderr(&output));
    assert_eq!(bench.ok("search --index i --topics t.tsv").lines().count(), 79);
    bench.ok("verify --index i");
    let output = delete("year >= 40 and not year > 60");
    assert!(stderr(&output).contains("0 documents deleted"), "{}", stderr(&output));
    let output = delete("month = 1");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("character 1: there is no column"), "{}", stderr(&output));
    bench.fails("delete --index i --docno d1 --filter year=1", 2);
}

/// The files of the index, and the lock, that hold these bytes.
fn holding(bench: &Bench, wanted: &str) -> Vec<String> {
    let mut files = files_of(&bench.path("i"));
    files.insert(".lock".to_owned(), std::fs::read(bench.path("i/.lock")).unwrap());
    let holds = |bytes: &[u8]| bytes.windows(wanted.len()).any(|at| at == wanted.as_bytes());
    files.into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

/// Words and values of the document that is purged, from every kind of file.
const SECRETS: [&str; 5] = ["secret-17", "zanzibar", "quicksilv", "madagascar", "alice"];

/// Docno, words and their weights are gone, whether the document was deleted now, deleted before,
/// or replaced.
#[test]
fn a_purged_document_leaves_no_trace() {
    for codec in ["fast", "compact"] {
        let bench = Bench::new();
        let vector = |docno: &str, term: &str| {
            format!("{{\"id\": \"{docno}\", \"vector\": {{\"{term}\": 1.5, \"common\": 0.5}}}}\n")
        };
        bench.write("v.jsonl", vector("secret-17", "zanzibar") + &vector("open-1", "paris"));
        bench.write(
            "t.jsonl",
            concat!(
                "{\"_id\": \"secret-17\", \"text\": \"quicksilver mines\", \"owner\": \"alice\"}\n",
                "{\"_id\": \"open-1\", \"text\": \"bridges\", \"owner\": \"bob\"}\n",
            ),
        );
        let stored = "--columns owner:keyword --store text,vectors";
        bench.ok(&format!(
            "index --input v.jsonl --bm25 t.jsonl --codec {codec} {stored} --output i"
        ));
        assert!(bench.ok("get --index i --docno secret-17").contains("quicksilver mines"));
        // Replaced: the first segment still has the words of before.
        bench.write("w.jsonl", vector("secret-17", "madagascar") + &vector("open-2", "london"));
        let record = |docno: &str| {
            format!("{{\"_id\": \"{docno}\", \"text\": \"\", \"owner\": \"carol\"}}\n")
        };
        bench.write("w.records", record("secret-17") + &record("open-2") + &record("open-3"));
        bench.ok("add --index i --input w.jsonl --records w.records --update --no-merge");
        bench.write("x.jsonl", vector("open-3", "rome"));
        bench.ok("add --index i --input x.jsonl --records w.records --no-merge");
        let before = files_of(&bench.path("i"));
        for word in SECRETS {
            assert!(!holding(&bench, word).is_empty(), "{word}");
        }
        bench.ok("delete --index i --docno secret-17 --no-merge");
        for word in SECRETS {
            assert!(!holding(&bench, word).is_empty(), "{word} is still in its segment");
        }
        let said = stderr(&bench.spork("delete --index i --docno secret-17 --purge --no-merge"));
        assert!(said.contains("0 documents deleted; 3 are left"), "{said}");
        assert!(said.contains("2 segments written anew"), "{said}");
        for word in SECRETS {
            assert_eq!(holding(&bench, word), [""; 0], "{word}");
        }
        for word in ["open-1", "paris", "bridg", "open-2", "london", "open-3", "rome"] {
            assert!(!holding(&bench, word).is_empty(), "{word}");
        }
        // The third segment was left alone.
        let after = files_of(&bench.path("i"));
        let third = "segment-000003/docnos.bin";
        assert!(before[third] == after[third], "{codec}");
        bench.ok("verify --index i");
        bench.fails("delete --index i --docno secret-17 --purge", 1);
        // Deleted and purged at once.
        bench.ok("delete --index i --docno open-2 --purge");
        for word in ["open-2", "london"] {
            assert_eq!(holding(&bench, word), [""; 0], "{word}");
        }
        bench.ok("verify --index i");
    }
}

/// The last document of an index leaves no segment.
#[test]
fn the_last_document_is_purged() {
    let bench = Bench::new();
    bench.write("v.jsonl", "{\"id\": \"secret-17\", \"vector\": {\"zanzibar\": 2}}\n");
    bench.ok("index --input v.jsonl --output i");
    bench.ok("delete --index i --docno secret-17 --purge");
    for word in ["secret-17", "zanzibar"] {
        assert_eq!(holding(&bench, word), [""; 0], "{word}");
    }
    assert_eq!(files_of(&bench.path("i")).len(), 2, "the pointer and the manifest");
    bench.ok("verify --index i");
}
