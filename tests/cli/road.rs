//! From vectors to metrics, and every way in and out.

use super::*;

#[test]
fn vectors_to_metrics() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("q.jsonl", "{\"id\": 1, \"vector\": {\"cat\": 1, \"dog\": 1, \"bird\": 9}}\n{\"id\": 2, \"vector\": {\"fish\": 2}}\n");
    bench.write("qrels", "1 0 d2 1\n2 0 d3 1\n3 0 d1 1\n");
    assert_eq!(bench.ok("index --input v.jsonl --output i"), "");
    let run = bench.ok("search --index i --vectors q.jsonl");
    assert_eq!(
        run, "1 Q0 d1 1 4 spork\n1 Q0 d3 2 2 spork\n1 Q0 d2 3 2 spork\n2 Q0 d3 1 600 spork\n",
        "equal scores stand in falling docno order"
    );
    bench.ok("search --index i --vectors q.jsonl --output run.trec --tag mine --stats s.json");
    assert_eq!(
        std::fs::read_to_string(bench.path("run.trec")).unwrap(),
        run.replace("spork", "mine")
    );
    assert_eq!(
        bench.ok("eval --qrels qrels --run run.trec --metrics RR@10"),
        "RR@10\tall\t0.6667\t2 of 3 topics\n"
    );
    assert_eq!(
        bench.ok("eval -c --qrels qrels --run run.trec --metrics RR@10"),
        "RR@10\tall\t0.4444\n"
    );
    assert_eq!(
        bench.ok("eval -q --qrels qrels --run run.trec --metrics recip_rank"),
        "RR\t1\t0.3333\nRR\t2\t1.0000\nRR\tall\t0.6667\t2 of 3 topics\n"
    );
    let msmarco = bench.ok("search --index i --vectors q.jsonl --format msmarco --k 1");
    assert_eq!(msmarco, "1\td1\t1\n2\td3\t1\n");
    assert_eq!(bench.ok("search --index i --vectors q.jsonl --k 0"), "");
}

#[test]
fn statistics_add_up() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "a\tcat cat dog\nb\tbird\n");
    bench.ok("index --input v.jsonl --output i");
    for strategy in ["auto", "taat", "exhaustive"] {
        let run = bench.ok(&format!(
            "search --index i --vectors q.tsv --stats s.json --strategy {strategy} --threads 1"
        ));
        assert_eq!(run, "a Q0 d1 1 7 spork\na Q0 d3 2 4 spork\na Q0 d2 3 2 spork\n");
        let stats: serde_json::Value =
            serde_json::from_slice(&std::fs::read(bench.path("s.json")).unwrap()).unwrap();
        assert_eq!((&stats["queries"], &stats["postings"]), (&2.into(), &4.into()));
        assert_eq!(stats["per_query"][0]["postings"], 4);
        assert_eq!(stats["per_query"][1]["unknown_terms"], 1);
        for name in ["mean_us", "p50_us", "p95_us", "p99_us"] {
            assert!(stats[name].as_f64().unwrap() > 0.0, "{name}");
        }
    }
    let flops = bench.ok("flops --index i --vectors q.tsv");
    // cat: 2 of 3 documents, 1 of 2 queries; dog: the same.
    assert!(flops.starts_with("FLOPS\t0.6667\n"), "{flops}");
    assert!(flops.contains("postings per query\t2.0"), "{flops}");
}

#[test]
fn every_kind_of_input() {
    let bench = Bench::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(VECTORS.as_bytes()).unwrap();
    bench.write("v.gz", gzip.finish().unwrap());
    bench.write("v.zst", zstd::encode_all(VECTORS.as_bytes(), 1).unwrap());
    bench.write("q.tsv", "a\tcat\n");
    let expected = "a Q0 d1 1 3 spork\na Q0 d3 2 2 spork\n";
    for input in ["v.gz", "v.zst"] {
        bench.ok(&format!("index --input {input} --output i"));
        assert_eq!(bench.ok("search --index i --vectors q.tsv"), expected);
    }
    let output = bench.with_input("index --input - --output piped", VECTORS.as_bytes());
    assert!(output.status.success(), "{}", stderr(&output));
    let output = bench.with_input("search --index piped --vectors -", b"a\tcat\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    bench.write("1.jsonl", VECTORS.lines().next().unwrap());
    bench.write("2.jsonl", VECTORS.lines().skip(1).collect::<Vec<_>>().join("\n"));
    bench.ok("index --input 1.jsonl 2.jsonl --output two");
    assert_eq!(bench.ok("search --index two --vectors q.tsv"), expected);
}

#[test]
fn a_closed_pipe_is_success() {
    let bench = Bench::new();
    let vectors: String = (0..50_000)
        .map(|i| format!("{{\"id\": \"document-{i}\", \"vector\": {{\"a\": {}}}}}\n", 1 + i % 9))
        .collect();
    bench.write("v.jsonl", vectors);
    bench.write("q.tsv", "q\ta\n");
    bench.ok("index --input v.jsonl --output i");
    let script = format!(
        "set -o pipefail; '{SPORK}' search --index i --vectors q.tsv --k 50000 | head -n 1"
    );
    let output =
        Command::new("bash").current_dir(bench.path("")).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(output.stdout.iter().filter(|&&byte| byte == b'\n').count(), 1);
    assert!(!stderr(&output).contains("roken pipe"), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn output_goes_through_links() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.write("q.tsv", "a\tcat\n");
    bench.ok("index --input v.jsonl --output i");
    let expected = bench.ok("search --index i --vectors q.tsv");
    let script = format!(
        "ln -s /proc/self/fd/1 link; '{SPORK}' search --index i --vectors q.tsv --output link > caught"
    );
    assert!(
        Command::new("bash")
            .current_dir(bench.path(""))
            .args(["-c", &script])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(std::fs::read_to_string(bench.path("caught")).unwrap(), expected);
    assert!(bench.path("link").is_symlink());
    assert_eq!(bench.ok("search --index i --vectors q.tsv --output /dev/stdout"), expected);
}

/// A producer that stays open does not hold back an error.
#[test]
fn errors_do_not_wait_for_the_rest_of_a_pipe() {
    let bench = Bench::new();
    let mut child = bench
        .command("index --input - --output i")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // More than is read at once, and then nothing, with the pipe open.
    let _ = input.write_all(&[&b"{]\n"[..], &vec![b'\n'; 3 << 20]].concat());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("<stdin>:1: "), "{}", stderr(&output));
    drop(input);
}

#[test]
fn inspect_and_verify() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    bench.ok("index --input v.jsonl --output i");
    assert_eq!(bench.ok("inspect --index i --docno d3"), "fish\t300\ncat\t2\n");
    let shown = bench.ok("inspect --index i");
    assert!(shown.contains("documents\t3\n") && shown.contains("postings\t5\n"), "{shown}");
    bench.ok("verify --index i");
    assert!(bench.fails("inspect --index i --docno d9", 1).contains("no document \"d9\""));
}

#[test]
fn progress_and_color_stay_off_a_pipe() {
    let bench = Bench::new();
    bench.write("v.jsonl", VECTORS);
    let output = bench.spork("index --input v.jsonl --output i");
    assert!(
        !output.stderr.contains(&0x1b) && !output.stderr.contains(&b'\r'),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("3 documents, 3 terms, 5 postings, integer weights kept"));
    assert_eq!(stderr(&bench.spork("--quiet index --input v.jsonl --output i")), "");
}
