//! Damaged indexes: found, named, never a panic.

use super::*;

/// An index with all files that there may be, one of whose documents is deleted.
fn index(bench: &Bench) -> PathBuf {
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n");
    let record =
        |i: usize| format!("{{\"_id\": \"d{i}\", \"text\": \"a cat {i}\", \"year\": {i}}}\n");
    bench.write("r.jsonl", (1..4).map(record).collect::<String>());
    let stored = "--records r.jsonl --columns year:integer --store text,vectors";
    bench.ok(&format!("index --input v.jsonl {stored} --output i"));
    bench.ok("delete --index i --docno d2");
    bench.path("i")
}

const FILES: [&str; 9] = [
    "generation-000002.bin",
    "segment-000001/segment.bin",
    "segment-000001/lexicon.bin",
    "segment-000001/docnos.bin",
    "segment-000001/postings.bin",
    "segment-000001/columns.bin",
    "segment-000001/texts.bin",
    "segment-000001/vectors.bin",
    "segment-000001/living-000002.bin",
];

#[test]
fn every_file_is_damaged_here() {
    let bench = Bench::new();
    let files: Vec<String> = files_of(&index(&bench)).into_keys().collect();
    let mut expected: Vec<&str> = FILES.into_iter().chain(["CURRENT"]).collect();
    expected.sort_unstable();
    assert_eq!(files, expected);
}

#[test]
fn truncated() {
    for name in FILES {
        let bench = Bench::new();
        let file = index(&bench).join(name);
        let bytes = std::fs::read(&file).unwrap();
        for length in [0, 10, 31, 32, bytes.len() - 1] {
            std::fs::write(&file, &bytes[..length]).unwrap();
            for command in ["search --index i --vectors q.tsv", "verify --index i"] {
                let said = bench.fails(command, 1);
                assert!(
                    said.contains(name) && said.contains("damaged at byte"),
                    "{name}, {length}: {said}"
                );
                assert!(said.contains("rebuild"), "{said}");
            }
        }
        std::fs::remove_file(&file).unwrap();
        assert!(bench.fails("search --index i --vectors q.tsv", 1).contains(name));
    }
}

#[test]
fn every_flipped_bit_is_found() {
    for name in FILES {
        let bench = Bench::new();
        let file = index(&bench).join(name);
        let bytes = std::fs::read(&file).unwrap();
        for at in (0..bytes.len()).step_by(bytes.len() / 12 + 1) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            std::fs::write(&file, &flipped).unwrap();
            let said = bench.fails("verify --index i", 1);
            assert!(said.contains(name), "byte {at}: {said}");
            // A search does not read everything: it answers or refuses, and never panics.
            let search = bench.spork("search --index i --vectors q.tsv");
            assert!(
                [Some(0), Some(1)].contains(&search.status.code()),
                "byte {at}: {}",
                stderr(&search)
            );
        }
    }
}

#[test]
fn another_version_is_named() {
    for name in FILES {
        let bench = Bench::new();
        let file = index(&bench).join(name);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[12] = 99;
        std::fs::write(&file, bytes).unwrap();
        let said = bench.fails("search --index i --vectors q.tsv", 1);
        assert!(said.contains("format version 99, this Spork reads version 5"), "{said}");
        assert!(said.contains("build the index again"), "{said}");
    }
}

#[test]
fn a_file_of_another_index_does_not_belong() {
    let bench = Bench::new();
    index(&bench);
    let vector = |docno: &str| {
        format!("{{\"id\": \"{docno}\", \"vector\": {{\"bird\": 1, \"eel\": 1, \"owl\": 1}}}}\n")
    };
    let record =
        |docno: &str| format!("{{\"_id\": \"{docno}\", \"text\": \"birds\", \"year\": 7}}\n");
    bench.write("w.jsonl", ["x", "y", "z"].map(vector).concat());
    bench.write("x.jsonl", ["x", "y", "z"].map(record).concat());
    let stored = "--records x.jsonl --columns year:integer --store text,vectors";
    bench.ok(&format!("index --input w.jsonl {stored} --output j"));
    for name in FILES.iter().filter(|name| name.contains('/') && !name.contains("living")) {
        let (own, others) = (bench.path("i").join(name), bench.path("j").join(name));
        let bytes = std::fs::read(&own).unwrap();
        std::fs::copy(others, &own).unwrap();
        let said = bench.fails("search --index i --vectors q.tsv", 1);
        assert!(said.contains(name) && said.contains("the file that the index names"), "{said}");
        std::fs::write(own, bytes).unwrap();
    }
}

#[test]
fn a_pointer_to_nowhere() {
    let bench = Bench::new();
    index(&bench);
    for content in ["generation-000007.bin\n", "generation-000007\n", "../../etc\n", "\u{0}", ""] {
        bench.write("i/CURRENT", content);
        bench.fails("search --index i --vectors q.tsv", 1);
    }
}
