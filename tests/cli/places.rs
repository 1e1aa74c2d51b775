//! No command destroys one of its inputs, nor what took hours.

use super::*;

/// A folder with something of every kind to read, and its index.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("docs.jsonl", VECTORS);
    bench.write("corpus.tsv", "d1\tcat dog\nd2\tdog\n");
    bench.write("topics.tsv", "q1\tcat\n");
    bench.write("vectors.tsv", "q1\tcat\n");
    bench.write("pairs.jsonl", "{\"query\": \"cat\", \"positive\": \"cat dog\"}\n");
    bench.write("table.tsv", "x\ty\n1\t2\n");
    bench.ok("index --input docs.jsonl --output i");
    bench.ok("index --bm25 corpus.tsv --output b");
    bench
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let bench = bench();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("topics.tsv", bench.path("link")).unwrap();
        std::fs::hard_link(bench.path("topics.tsv"), bench.path("twin")).unwrap();
        std::os::unix::fs::symlink(".", bench.path("here")).unwrap();
    }
    let mut lines = vec![
        "convert --input docs.jsonl --output docs.jsonl",
        "convert --input docs.jsonl vectors.tsv --output vectors.tsv",
        "convert --input docs.jsonl --output docs.jsonl --force",
        "search --index i --vectors vectors.tsv --output vectors.tsv",
        "search --index b --topics topics.tsv --output topics.tsv",
        "search --index b --topics topics.tsv --output ./topics.tsv",
        "search --index b --topics topics.tsv --output i/../topics.tsv",
        "search --index b --topics topics.tsv --output run --stats topics.tsv",
        "search --index b --topics topics.tsv --output run --stats ./run",
        "search --index b --topics topics.tsv --output b/CURRENT",
        "mine --bm25 corpus.tsv --pairs pairs.jsonl --output corpus.tsv",
        "mine --bm25 corpus.tsv --pairs pairs.jsonl --output pairs.jsonl --force",
        "bench --index i --vectors vectors.tsv --output vectors.tsv",
        "bench --index i --vectors vectors.tsv --json vectors.tsv",
        "bench --index i --vectors vectors.tsv --json new --output new",
        "plot --input table.tsv --x x --y y --output table.tsv",
        "index --bm25 corpus.tsv --output .",
        "encode --model m --input corpus.tsv --output corpus.tsv --force",
    ];
    if cfg!(unix) {
        lines.extend([
            "search --index b --topics topics.tsv --output link",
            "search --index b --topics topics.tsv --output twin",
            "search --index b --topics topics.tsv --output here/topics.tsv",
            "search --index b --topics link --output topics.tsv",
        ]);
    }
    let all = || {
        let names = ["docs.jsonl", "corpus.tsv", "topics.tsv", "vectors.tsv", "pairs.jsonl"];
        let read = |name: &str| std::fs::read(bench.path(name)).unwrap();
        names.into_iter().chain(["table.tsv", "b/CURRENT"]).map(read).collect::<Vec<_>>()
    };
    let before = all();
    for line in lines {
        let said = bench.fails(line, 1);
        assert!(said.contains("another place"), "{line}: {said}");
        assert!(all() == before, "{line}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn redirected_streams_are_seen_through() {
    let bench = bench();
    let topics = || std::fs::File::open(bench.path("topics.tsv")).unwrap();
    let mut command = bench.command("search --index b --topics - --output topics.tsv");
    let output = command.stdin(topics()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    // As `spork … >> topics.tsv`, which would read what it writes.
    let appended = std::fs::OpenOptions::new().append(true).open(bench.path("topics.tsv")).unwrap();
    let mut command = bench.command("search --index b --topics topics.tsv");
    let output = command.stdout(appended).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(bench.path("topics.tsv")).unwrap(), "q1\tcat\n");
}

#[test]
fn other_places_are_fine() {
    let bench = bench();
    let first = bench.ok("search --index b --topics topics.tsv");
    bench.ok("search --index b --topics topics.tsv --output run");
    // A run takes seconds: it is replaced.
    bench.ok("search --index b --topics topics.tsv --output run");
    assert_eq!(std::fs::read_to_string(bench.path("run")).unwrap(), first);
    bench.ok("index --input docs.jsonl --output i");
    if cfg!(target_os = "linux") {
        bench.ok("search --index b --topics topics.tsv --output /dev/null --stats /dev/null");
        let run = bench.ok("search --index b --topics topics.tsv --output /dev/stdout");
        assert_eq!(run, first);
    }
}

#[test]
fn a_file_of_any_kind_may_be_replaced() {
    let bench = bench();
    for old in [&b"PK\x03\x04an archive"[..], b"\x89PNG\r\n\x1a\n", b"\x1f\x8b\x08cut", b"\0\0"] {
        bench.write("run", old);
        bench.ok("search --index b --topics topics.tsv --output run");
    }
}

#[test]
fn what_took_hours_is_replaced_only_by_force() {
    let bench = bench();
    bench.ok("convert --input docs.jsonl --output v.svec");
    let vectors = std::fs::read(bench.path("v.svec")).unwrap();
    for line in [
        "convert --input vectors.tsv --output v.svec",
        "search --index b --topics topics.tsv --output v.svec",
    ] {
        let said = bench.fails(line, 1);
        assert!(said.contains("v.svec holds vectors"), "{line}: {said}");
        assert!(std::fs::read(bench.path("v.svec")).unwrap() == vectors, "{line}");
    }
    bench.ok("convert --input vectors.tsv --output v.svec --force");
    assert!(std::fs::read(bench.path("v.svec")).unwrap() != vectors);

    let mine = "mine --bm25 corpus.tsv --pairs pairs.jsonl --output mined.jsonl";
    bench.ok(mine);
    bench.ok(mine);
    let said = bench.fails(&format!("{mine} --teacher dense"), 1);
    assert!(said.contains("mined.jsonl") && said.contains("--force"), "{said}");
}
