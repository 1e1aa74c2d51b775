//! `--exclude-same-id`: topics that are documents themselves.

use super::*;

/// Each document is a topic under its own id, and resembles its neighbors.
fn collection(bench: &Bench, documents: usize) {
    let text = |i: usize| format!("w{i} w{i} w{} w{}", (i + 1) % documents, (i + 2) % documents);
    let lines: String = (0..documents)
        .map(|i| format!("{{\"_id\": \"d{i}\", \"text\": \"{}\"}}\n", text(i)))
        .collect();
    bench.write("corpus.jsonl", lines);
    bench.ok("index --bm25 corpus.jsonl --output i");
}

/// The qid, docno and score of each line of a run.
fn hits(run: &str) -> Vec<[String; 3]> {
    let columns = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let hit = |columns: Vec<String>| [0, 2, 4].map(|column| columns[column].clone());
    run.lines().map(columns).map(hit).collect()
}

/// The answers are those of a longer list without the document, cut to k, whatever searches them.
#[test]
fn search_leaves_the_own_document_out_and_fills_k() {
    let bench = Bench::new();
    collection(&bench, 200);
    for (k, strategy) in [(1, "auto"), (3, "block-max"), (3, "taat"), (4, "exhaustive")] {
        let search = format!("search --index i --topics corpus.jsonl --strategy {strategy}");
        let mut expected: Vec<[String; 3]> = Vec::new();
        for hit in hits(&bench.ok(&format!("{search} --k {}", k + 1))) {
            let found = expected.iter().filter(|other| other[0] == hit[0]).count();
            if hit[0] != hit[1] && found < k {
                expected.push(hit);
            }
        }
        let output = bench.spork(&format!("{search} --k {k} --exclude-same-id"));
        assert_eq!(hits(std::str::from_utf8(&output.stdout).unwrap()), expected, "{strategy}");
        let said = stderr(&output);
        assert!(said.contains("200 hits whose docno is the qid are left out"), "{said}");
    }
    let run = bench.ok("search --index i --topics corpus.jsonl --k 2 --exclude-same-id");
    assert!(run.starts_with("d0 Q0 ") && run.lines().count() == 400, "{run}");
}

/// The same from a run that has them still, as BEIR and MTEB evaluate.
#[test]
fn eval_leaves_the_own_document_out() {
    let bench = Bench::new();
    bench.write("qrels", "a 0 b 1\nc 0 d 1\n");
    bench.write("run", "a Q0 a 1 2 t\na Q0 b 2 1 t\nc Q0 d 1 1 t\n");
    let eval = "eval --qrels qrels --run run --metrics RR";
    assert_eq!(bench.ok(eval), "RR\tall\t0.7500\n");
    let output = bench.spork(&format!("{eval} --exclude-same-id"));
    assert_eq!(output.stdout, b"RR\tall\t1.0000\n");
    let said = stderr(&output);
    assert!(said.contains("run: 1 hits whose docno is the qid are left out"), "{said}");
}
