//! An index of every released format version is kept, and must open for ever, or fail with the version error.

use super::*;

const VERSION_1: &str = "tests/frozen/index-v1";

/// Terms and docnos of any kind, 8-bit and 16-bit impacts, an empty document.
const FROZEN: &str = concat!(
    "{\"id\": \"b\", \"vector\": {\"cat\": 3, \"##s\": 255, \"猫\": 256}}\n",
    "{\"id\": 7, \"vector\": {}}\n",
    "{\"id\": \"a\", \"vector\": {\"cat\": 65535, \"\": 1}}\n",
);

#[test]
fn version_1_opens() {
    let bench = Bench::new();
    let index = project(VERSION_1);
    let index = index.display();
    bench.write("q.tsv", "q\tcat 猫\n");
    bench.ok(&format!("verify --index {index}"));
    let run = bench.ok(&format!("search --index {index} --vectors q.tsv"));
    assert_eq!(run, "q Q0 a 1 65535 spork\nq Q0 b 2 259 spork\n");
    assert_eq!(bench.ok(&format!("inspect --index {index} --docno b")), "猫\t256\n##s\t255\ncat\t3\n");
}

/// A change of a byte is a change of the format: it needs a new version number and a new frozen index.
#[test]
fn version_1_is_written_byte_for_byte() {
    let bench = Bench::new();
    bench.write("v.jsonl", FROZEN);
    bench.ok("index --input v.jsonl --output i");
    for name in [
        "CURRENT",
        "generation-000001/lexicon.bin",
        "generation-000001/docnos.bin",
        "generation-000001/postings.bin",
    ] {
        let kept = std::fs::read(project(VERSION_1).join(name)).unwrap();
        assert!(std::fs::read(bench.path("i").join(name)).unwrap() == kept, "{name}");
    }
    // The manifest names the program's version, so its text may differ, but not its shape.
    let meta = |folder: &Path| std::fs::read(folder.join("generation-000001/meta.bin")).unwrap();
    assert_eq!(meta(&bench.path("i"))[32..60], meta(&project(VERSION_1))[32..60]);
}
