//! An index of every format version is kept, and must open for ever, or fail with the version
//! error.

use super::*;

const VERSION_1: &str = "tests/frozen/index-v1";
const VERSION_2: &str = "tests/frozen/index-v2";
const VERSION_3: &str = "tests/frozen/index-v3";
const VERSION_4: &str = "tests/frozen/index-v4";
const VERSION_4_COMPACT: &str = "tests/frozen/index-v4-compact";
const VERSION_4_HYBRID: &str = "tests/frozen/index-v4-hybrid";

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
    for (index, version) in
        [(VERSION_1, "version 1"), (VERSION_2, "version 2"), (VERSION_3, "version 3")]
    {
        let said = Bench::new().fails(&format!("verify --index {}", project(index).display()), 1);
        assert!(said.contains(version) && said.contains("version 4"), "{said}");
    }
}

#[test]
fn version_4_opens() {
    opens(VERSION_4, "fast");
    opens(VERSION_4_COMPACT, "compact");
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
        "q Q0 a 1 65535 spork\nq Q0 b 2 259 spork\np Q0 d1299 1 4603 spork\np Q0 d1298 2 4600 spork\nr Q0 d967 1 9 spork\nr Q0 d927 2 9 spork\n"
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
fn version_4_is_written_byte_for_byte() {
    is_written(VERSION_4, "fast");
    is_written(VERSION_4_COMPACT, "compact");
}

fn is_written(kept: &str, codec: &str) {
    let bench = Bench::new();
    bench.write("v.jsonl", frozen());
    bench.ok(&format!("index --input v.jsonl --output i --codec {codec}"));
    same_bytes(&bench.path("i"), kept);
}

fn same_bytes(written: &Path, kept: &str) {
    for name in [
        "CURRENT",
        "generation-000001/lexicon.bin",
        "generation-000001/docnos.bin",
        "generation-000001/postings.bin",
    ] {
        let (old, new) = (project(kept).join(name), written.join(name));
        assert!(std::fs::read(new).unwrap() == std::fs::read(old).unwrap(), "{name} of {kept}");
    }
    // The manifest names the program's version, so its text may differ, but not its counts.
    let meta = |folder: &Path| std::fs::read(folder.join("generation-000001/meta.bin")).unwrap();
    assert_eq!(meta(written)[32..44], meta(&project(kept))[32..44]);
}

/// Documents of both sides and of one, weights of any kind.
fn write_hybrid(bench: &Bench) {
    bench.write(
        "v.jsonl",
        concat!(
            "{\"id\": \"b\", \"vector\": {\"cat\": 1.25, \"##s\": 0.5}}\n",
            "{\"id\": \"a\", \"vector\": {\"cat\": 2.5, \"dog\": 0.75}}\n",
            "{\"id\": \"c\", \"vector\": {\"fish\": 3.0}}\n",
        ),
    );
    bench.write("c.tsv", "d\tdogs and cats and dogs\na\tthe dog\nb\tcats\n");
}

#[test]
fn a_hybrid_index_of_version_4() {
    let bench = Bench::new();
    write_hybrid(&bench);
    bench.ok("index --input v.jsonl --bm25 c.tsv --output i");
    same_bytes(&bench.path("i"), VERSION_4_HYBRID);
    bench.write("t.tsv", "q\tdogs\n");
    bench.write("q.jsonl", "{\"id\": \"q\", \"vector\": {\"cat\": 1.5, \"dog\": 1.0}}\n");
    let kept = project(VERSION_4_HYBRID);
    bench.ok(&format!("verify --index {}", kept.display()));
    let search = format!("search --index {} --topics t.tsv --vectors q.jsonl", kept.display());
    assert_eq!(
        bench.ok(&search),
        concat!(
            "q Q0 a 1 1.661234076611643 spork\n",
            "q Q0 d 2 0.8464954198347969 spork\n",
            "q Q0 b 3 0.3722801084191234 spork\n",
        )
    );
    let alone = bench.ok(&format!("{search} --mix splade=1,bm25=0"));
    assert_eq!(
        alone,
        concat!("q Q0 a 1 4.494117734953761 spork\n", "q Q0 b 2 1.8705882718786597 spork\n",)
    );
}
