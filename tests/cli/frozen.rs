//! An index of every format version is kept, and must open for ever, or fail with the version
//! error.

use std::collections::BTreeMap;

use super::*;

const VERSION_1: &str = "tests/frozen/index-v1";
const VERSION_2: &str = "tests/frozen/index-v2";
const VERSION_3: &str = "tests/frozen/index-v3";
const VERSION_4: &str = "tests/frozen/index-v4";
const VERSION_5: &str = "tests/frozen/index-v5";
const VERSION_5_COMPACT: &str = "tests/frozen/index-v5-compact";
const VERSION_5_HYBRID: &str = "tests/frozen/index-v5-hybrid";
const VERSION_5_STORED: &str = "tests/frozen/index-v5-stored";
const VERSION_5_LIVING: &str = "tests/frozen/index-v5-living";

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
    for (index, version) in [
        (VERSION_1, "version 1"),
        (VERSION_2, "version 2"),
        (VERSION_3, "version 3"),
        (VERSION_4, "version 4"),
    ] {
        let index = project(index);
        for command in ["verify", "merge"] {
            let said = Bench::new().fails(&format!("{command} --index {}", index.display()), 1);
            assert!(said.contains(version) && said.contains("version 5"), "{said}");
            assert!(said.contains("build the index again"), "{said}");
        }
    }
}

/// A new index takes the place of one of an older version, and leaves nothing of it.
#[test]
fn an_older_version_is_replaced() {
    let bench = Bench::new();
    copy_folder(&project(VERSION_4), &bench.path("i"));
    bench.write("v.jsonl", VECTORS);
    bench.fails("add --index i --input v.jsonl", 1);
    bench.ok("index --input v.jsonl --output i");
    bench.ok("verify --index i");
    bench.ok("index --input v.jsonl --output once");
    assert!(segment_files(&bench.path("i")) == segment_files(&bench.path("once")));
    assert_eq!(files_of(&bench.path("i")).len(), files_of(&bench.path("once")).len());
}

#[test]
fn version_5_opens() {
    opens(VERSION_5, "fast");
    opens(VERSION_5_COMPACT, "compact");
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
fn version_5_is_written_byte_for_byte() {
    is_written(VERSION_5, "fast");
    is_written(VERSION_5_COMPACT, "compact");
}

fn is_written(kept: &str, codec: &str) {
    let bench = Bench::new();
    bench.write("v.jsonl", frozen());
    bench.ok(&format!("index --input v.jsonl --output i --codec {codec}"));
    same_bytes(&bench.path("i"), kept);
}

fn same_bytes(written: &Path, kept: &str) {
    let (mut old, mut new) = (files_of(&project(kept)), files_of(written));
    for files in [&mut old, &mut new] {
        for (name, bytes) in files.iter_mut().filter(|(name, _)| name.starts_with("generation-")) {
            // The manifest names the program's version, which changes its checksums.
            assert!(bytes.len() > 49, "{name}");
            let writer = u64::from_le_bytes(bytes[37..45].try_into().unwrap()) as usize;
            *bytes = [&bytes[32..37], &bytes[45 + writer..]].concat();
        }
    }
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&old), names(&new), "{kept}");
    for (name, bytes) in &old {
        assert!(new[name] == *bytes, "{name} of {kept}");
    }
}

/// Columns of every kind, texts and forward vectors.
#[test]
fn a_storing_index_of_version_5() {
    let bench = Bench::new();
    bench.write("r.jsonl", RECORDS);
    let columns = "lang:keyword,year:integer,price:float,open:boolean,at:time";
    bench.ok(&format!("index --bm25 r.jsonl --columns {columns} --store text,vectors --output i"));
    same_bytes(&bench.path("i"), VERSION_5_STORED);
    let kept = project(VERSION_5_STORED);
    bench.ok(&format!("verify --index {}", kept.display()));
    let said = bench.ok(&format!("get --index {} --docno b", kept.display()));
    assert!(said.contains("Green tea from Uji"), "{said}");
}

const RECORDS: &str = concat!(
    "{\"_id\": \"a\", \"title\": \"Pot\", \"text\": \"A pot for tea.\", \"lang\": \"en\", ",
    "\"year\": 1999, \"price\": 12.5, \"open\": true, \"at\": \"2024-05-01T12:00:00Z\"}\n",
    "{\"_id\": \"b\", \"text\": \"Green tea from Uji.\", \"lang\": [\"ja\", \"en\"], \"year\": -3, ",
    "\"price\": 1e300, \"open\": false, \"at\": \"1970-01-01\"}\n",
    "{\"_id\": \"c\", \"text\": \"A bowl\", \"lang\": null}\n",
);

/// Two segments with deleted documents in both, one of them replaced.
#[test]
fn a_living_index_of_version_5() {
    let bench = Bench::new();
    bench.write("v.jsonl", frozen());
    bench.write(
        "more.jsonl",
        concat!(
            "{\"id\": \"d7\", \"vector\": {\"owl\": 4, \"dog\": 9}}\n",
            "{\"id\": \"e\", \"vector\": {\"owl\": 2, \"猫\": 300}}\n",
            "{\"id\": \"f\", \"vector\": {\"fish\": 8}}\n",
        ),
    );
    bench.ok("index --input v.jsonl --output i");
    bench.ok("add --index i --input more.jsonl --update --no-merge");
    bench.ok("delete --index i --docno d1299 f 7 --no-merge");
    same_bytes(&bench.path("i"), VERSION_5_LIVING);
    let kept = project(VERSION_5_LIVING);
    bench.ok(&format!("verify --index {}", kept.display()));
    bench.write("q.tsv", "q\tcat 猫 owl\np\tdog bird bird\nr\tfish eel\n");
    assert_eq!(
        bench.ok(&format!("search --index {} --vectors q.tsv --k 3", kept.display())),
        concat!(
            "q Q0 a 1 65535 spork\nq Q0 e 2 302 spork\nq Q0 b 3 259 spork\n",
            "p Q0 d1298 1 4600 spork\np Q0 d1297 2 4597 spork\np Q0 d1294 3 4595 spork\n",
            "r Q0 d967 1 9 spork\nr Q0 d927 2 9 spork\nr Q0 d87 3 9 spork\n",
        )
    );
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
fn a_hybrid_index_of_version_5() {
    let bench = Bench::new();
    write_hybrid(&bench);
    bench.ok("index --input v.jsonl --bm25 c.tsv --output i");
    same_bytes(&bench.path("i"), VERSION_5_HYBRID);
    bench.write("t.tsv", "q\tdogs\n");
    bench.write("q.jsonl", "{\"id\": \"q\", \"vector\": {\"cat\": 1.5, \"dog\": 1.0}}\n");
    let kept = project(VERSION_5_HYBRID);
    bench.ok(&format!("verify --index {}", kept.display()));
    let search = format!("search --index {} --topics t.tsv --vectors q.jsonl", kept.display());
    assert_eq!(
        bench.ok(&search),
        concat!(
            "q Q0 a 1 1.6612411580206967 spork\n",
            "q Q0 d 2 0.8465154874749121 spork\n",
            "q Q0 b 3 0.37227423617233535 spork\n",
        )
    );
    let alone = bench.ok(&format!("{search} --mix splade=1,bm25=0"));
    assert_eq!(
        alone,
        concat!("q Q0 a 1 4.494117734953761 spork\n", "q Q0 b 2 1.87058827187866 spork\n",)
    );
}
