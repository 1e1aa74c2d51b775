//! Wrong things typed and wrong files given: an exit code and one sentence with place and remedy.

use super::*;

#[test]
fn usage_errors_exit_with_2() {
    let bench = Bench::new();
    for line in [
        "",
        "serach",
        "search --index i",
        "index --output i",
        "index --input a --output i --memory lots",
        "index --bm25 a --output i --b 7",
        "search --index i --vectors q --mix splade=0",
        "search --index i --vectors q --strategy fast",
        "search --index i --vectors q --threads 0",
        "search --index i --vectors q --threads 100000",
        "eval --run r",
        "index --input a --output i --k1 1.2",
        "index --input a --output i --vocabulary v",
        "inspect --index i text",
        "inspect --index i --docno d --pooling max",
        "search --index i --vectors q --model m",
        "search --index i --vectors q --pooling max",
        "encode --model m --input a --top-terms 0",
        "bench --index i --vectors q --k 10,0",
    ] {
        bench.fails(line, 2);
    }
    assert!(bench.ok("--version").starts_with("spork 0."));
    assert!(bench.ok("search --help").contains("--strategy"));
}

#[test]
fn missing_files_are_named() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n");
    bench.ok("index --input v.jsonl --output i");
    for (line, says) in [
        ("index --input no.jsonl --output x", "no.jsonl: No such file"),
        ("index --input i --output x", "i: a folder without .json or .jsonl files"),
        ("search --index no --vectors q.tsv", "no: no Spork index here (no such folder)"),
        ("search --index q.tsv --vectors q.tsv", "it is a file, an index is a folder"),
        ("search --index i --vectors no.tsv", "no.tsv: No such file"),
        ("search --index i --vectors q.tsv --output no/run", "No such file"),
        ("search --index i --vectors q.tsv --stats no/s", "no/s: No such file"),
        ("eval --qrels no --run q.tsv", "no: No such file"),
        ("search --index i --vectors q.tsv --output r --stats r", "name the same file"),
        ("search --index i --vectors q.tsv --stats -", "can't both go to standard output"),
        ("index --bm25 q.tsv --output x --vocabulary v", "needs --analyzer wordpiece"),
        ("verify --index no", "no Spork index here"),
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains(says), "spork {line}: {said}");
        assert_eq!(said.matches("os error").count().max(1), 1, "said once: {said}");
    }
    std::fs::create_dir(bench.path("empty")).unwrap();
    bench.fails("index --input no.jsonl --output empty", 1);
    assert!(bench.path("empty").is_dir(), "a folder that was there stays");
    assert!(!bench.path("x").exists(), "a failed run leaves no index folder");
}

#[test]
fn bad_lines_have_a_place() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.ok("index --input v.jsonl --output i");
    for (content, says) in [
        (&b"{\"id\": \"d1\", \"vector\": {\"a\": NaN}}\n"[..], "bad:1: column 30: NaN or infinity"),
        (b"{\"id\": \"d1\", \"vector\": {\"a\": 1e39}}\n", "is infinite"),
        (
            b"{\"id\": \"d1\", \"vector\": {\"a\": -2}}\n",
            "bad:1: the weight of term \"a\" of \"d1\" is negative (-2)",
        ),
        (
            b"{\"id\": \"d1\", \"vector\": {}}\n{\"id\": \"d1\", \"vector\": {}}\n",
            "bad:2: docno \"d1\" is already that of document 1 of bad;",
        ),
        (b"{\"id\": \"d\xff\", \"vector\": {}}\n", "bad:1: not valid UTF-8 at byte 9"),
        (b"{\"id\": \"d 1\", \"vector\": {}}\n", "holds white space"),
        (b"{\"id\": \"d1\", \"vector\": {\"a\": 70000}}\n", "beyond 65535"),
        (b"", "no document in bad"),
        (b"d1\thello world\n", "bad:1: expected {\"id\""),
        (b"\x1f\x8b\x08not gzip at all", "bad: "),
    ] {
        bench.write("bad", content);
        let said = bench.fails("index --input bad --output x", 1);
        assert!(said.contains(says), "{:?}: {said}", String::from_utf8_lossy(content));
        assert!(!bench.path("x").exists());
    }
    for (content, says) in [
        ("1\tcat\n1\tdog\n", "bad:2: id \"1\" already appears in line 1"),
        ("1 cat dog\n", "bad:1: expected qid<TAB>term term"),
        ("{\"id\": 1, \"vector\": {\"cat\": -1}}\n", "is negative"),
        (
            "{\"id\": 1, \"vector\": {\"fish\": 1e9}}\n",
            "query 1: a document could score 300000000000",
        ),
        ("", "no query in it"),
        ("\tcat\n", "bad:1: the id \"\" is empty"),
    ] {
        bench.write("bad", content);
        let said = bench.fails("search --index i --vectors bad", 1);
        assert!(said.contains(says), "{content:?}: {said}");
    }
}

#[test]
fn what_is_left_out_is_said() {
    let bench = Bench::new();
    bench.write(
        "v.jsonl",
        "{\"id\": 1, \"vector\": {\"a\": 1.5, \"b\": 0, \"c\": 1e-5}}\n{\"id\": 2, \"vector\": {}}\n",
    );
    let said = stderr(&bench.spork("index --input v.jsonl --output i"));
    assert!(said.contains("1 weights of zero left out"), "{said}");
    assert!(said.contains("1 weights (50.00 %) under"), "{said}");
    assert!(said.contains("1 documents have no terms"), "{said}");
    bench.ok("verify --index i");
}

#[test]
fn text_queries_need_an_encoder_or_bm25() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n");
    bench.ok("index --input v.jsonl --output i");
    let said = bench.fails("search --index i --topics q.tsv", 1);
    assert!(
        said.contains("the field splade") && said.contains("--vectors FILE; or --mix"),
        "{said}"
    );
    bench.write("c.tsv", "d1\tcats\n");
    bench.ok("index --bm25 c.tsv --output b");
    let said = bench.fails("search --index b --topics q.tsv --query-idf 0.5", 1);
    assert!(said.contains("leave --query-idf out"), "{said}");
    let said = bench.fails("search --index b --topics q.tsv --model m", 1);
    assert!(said.contains("leave --model out"), "{said}");
}

/// Without spork-torch beside it, spork encodes all the same; asked for libtorch, it says what is
/// missing.
#[test]
fn spork_alone_encodes() {
    let bench = Bench::new();
    let texts = bench.write("c.tsv", "d1\tcats\n");
    let alone = bench.path("spork");
    copy_program(Path::new(SPORK), &alone);
    let model = project("crates/model/tests/golden/st-splade");
    let encode = |backend: &str| {
        let mut command = Command::new(&alone);
        command.args(["encode", "--backend", backend, "--input"]).arg(&texts).arg("--model");
        command.arg(&model).output().unwrap()
    };
    for backend in ["auto", "rust"] {
        let output = encode(backend);
        let said = stderr(&output);
        assert!(output.status.success() && output.stdout.starts_with(b"{\"id\": \"d1\""), "{said}");
        assert!(said.contains("device: cpu") && said.contains("backend rust ("), "{said}");
    }
    let output = encode("torch");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("spork-torch is missing") && said.contains("./scripts/build"), "{said}");
}

#[test]
fn queries_that_find_nothing_are_told() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n2\tbird fly\n");
    bench.ok("index --input v.jsonl --output i");
    let said = stderr(&bench.spork("search --index i --vectors q.tsv"));
    assert!(
        said.contains("1 of 2 queries share no term with any document")
            && said.contains("2 of 3 query terms"),
        "{said}"
    );
    bench.write("qrels", "1 0 other 1\n");
    bench.ok("search --index i --vectors q.tsv --output run");
    assert!(
        stderr(&bench.spork("eval --qrels qrels --run run"))
            .contains("no document of the run is judged")
    );
}

/// A bound at which windows would be read again for every few terms is refused, not crept through.
#[test]
fn many_terms_in_little_memory() {
    let bench = Bench::new();
    let line = |i: u32| {
        let terms: Vec<String> = (0..30).map(|t| format!("\"t{}\": 1", i * 30 + t)).collect();
        format!("{{\"id\": {i}, \"vector\": {{{}}}}}\n", terms.join(", "))
    };
    bench.write("v.jsonl", (0..10_000).map(line).collect::<String>());
    let said = bench.fails("index --input v.jsonl --output i --memory 90M", 1);
    let needed = said.split("needs at least ").nth(1).unwrap().split('M').next().unwrap();
    bench.ok(&format!(
        "index --input v.jsonl --output i --memory {}M",
        needed.parse::<u32>().unwrap() + 40
    ));
    bench.ok("verify --index i");
}

#[test]
fn a_memory_bound_that_is_too_low_says_what_would_do() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    let said = bench.fails("index --input v.jsonl --output i --memory 1M", 1);
    assert!(
        said.contains("--memory is 1M; what has been read of this collection needs at least"),
        "{said}"
    );
}

#[test]
fn unknown_metrics_are_listed() {
    let bench = Bench::new();
    bench.write("qrels", "1 0 a 1\n");
    bench.write("run", "1 Q0 a 1 1 x\n");
    let said = bench.fails("eval --qrels qrels --run run --metrics nDGC@10", 1);
    assert!(said.contains("nDGC@10") && said.contains("nDCG"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "1\tcat\n");
    bench.ok("index --input v.jsonl --output i");
    let said = bench.fails("search --index i --vectors q.tsv --output /dev/full", 1);
    assert!(said.contains("/dev/full: No space left on device"), "{said}");
}
