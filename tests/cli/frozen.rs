//! An index of every format version is kept, and must open for ever, or fail with the version
//! error.

use super::*;

const VERSION_1: &str = "tests/frozen/index-v1";
const VERSION_2: &str = "tests/frozen/index-v2";
const VERSION_3: &str = "tests/frozen/index-v3";
const VERSION_3_COMPACT: &str = "tests/frozen/index-v3-compact";

/// Terms and docnos of any kind, 8-bit and 16-bit impacts, an empty document; lists of all shapes,
/// over several units and groups, one with a gap that is bridged.
fn frozen() -> String {
    let mut vectors = concat!(
        "{\"id\": \"b\", \"vector\": {\"cat\": 3, \"##s\": 255, \"猫\": 256}}\n",
        "{\"id\": 7, \"vector\": {}}\n",
        "{\"id\": \"a\", \"vector\": {\"cat\": 65535, \"\": 1}}\n",
    )
    .to_owned();
    for i in 0..1300 {
        let (dog, bird) = (1 + i % 7, 1000 + i);
        let fish = if i % 40 == 7 && !(500..900).contains(&i) { ", \"fish\": 9" } else { "" };
        let eel = if i % 300 == 0 { ", \"eel\": 5" } else { "" };
        let vector = format!("\"dog\": {dog}, \"bird\": {bird}{fish}{eel}");
        vectors.push_str(&format!("{{\"id\": \"d{i}\", \"vector\": {{{vector}}}}}\n"));
    }
    vectors
}

#[test]
fn older_versions_are_refused_by_their_number() {
    for (index, version) in [(VERSION_1, "version 1"), (VERSION_2, "version 2")] {
        let said = Bench::new().fails(&format!("verify --index {}", project(index).display()), 1);
        assert!(said.contains(version) && said.contains("version 3"), "{said}");
    }
}

#[test]
fn version_3_opens() {
    opens(VERSION_3, "fast");
    opens(VERSION_3_COMPACT, "compact");
}

fn opens(index: &str, codec: &str) {
    let bench = Bench::new();
    let index = project(index);
    let index = index.display();
    bench.write("q.tsv", "q\tcat 猫\np\tdog bird bird\nr\tfish eel\n");
    bench.ok(&format!("verify --index {index}"));
    let run = bench.ok(&format!("search --index {index} --vectors q.tsv --k 2"));
    assert_eq!(
        run,
        "q Q0 a 1 65535 spork\nq Q0 b 2 259 spork\np Q0 d1299 1 4603 spork\np Q0 d1298 2 4600 spork\nr Q0 d7 1 9 spork\nr Q0 d47 2 9 spork\n"
    );
    assert_eq!(
        bench.ok(&format!("inspect --index {index} --docno b")),
        "猫\t256\n##s\t255\ncat\t3\n"
    );
    assert!(bench.ok(&format!("inspect --index {index}")).contains(&format!("\ncodec\t{codec}\n")));
}

/// A change of a byte is a change of the format: it needs a new version number and a new frozen
/// index.
#[test]
fn version_3_is_written_byte_for_byte() {
    is_written(VERSION_3, "fast");
    is_written(VERSION_3_COMPACT, "compact");
}

fn is_written(kept: &str, codec: &str) {
    let bench = Bench::new();
    bench.write("v.jsonl", frozen());
    bench.ok(&format!("index --input v.jsonl --output i --codec {codec}"));
    for name in [
        "CURRENT",
        "generation-000001/lexicon.bin",
        "generation-000001/docnos.bin",
        "generation-000001/postings.bin",
    ] {
        let kept = std::fs::read(project(kept).join(name)).unwrap();
        assert!(std::fs::read(bench.path("i").join(name)).unwrap() == kept, "{name} of {codec}");
    }
    // The manifest names the program's version, so its text may differ, but not its shape.
    let meta = |folder: &Path| std::fs::read(folder.join("generation-000001/meta.bin")).unwrap();
    assert_eq!(meta(&bench.path("i"))[32..60], meta(&project(kept))[32..60]);
}
