//! A BEIR folder in place of its files: index, search and evaluate.

use super::*;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Three documents, four queries; `test` judges two of these, `dev` one.
fn bench() -> Bench {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("set/qrels")).unwrap();
    let record = |id: &str, text: &str| format!("{{\"_id\": \"{id}\", \"text\": \"{text}\"}}\n");
    let corpus = [("d1", "cats purr"), ("d2", "dogs bark"), ("d3", "water")];
    let corpus: String = corpus.into_iter().map(|(id, text)| record(id, text)).collect();
    bench.write("set/corpus.jsonl.gz", gzip(&corpus));
    let queries = [("q1", "cats"), ("q2", "dogs"), ("q3", "water"), ("q4", "purr")];
    let queries: String = queries.into_iter().map(|(id, text)| record(id, text)).collect();
    bench.write("set/queries.jsonl", queries);
    let header = "query-id\tcorpus-id\tscore\n";
    bench.write("set/qrels/test.tsv", format!("{header}q3\td3\t1\nq1\td1\t2\n"));
    bench.write("set/qrels/dev.tsv.gz", gzip(&format!("{header}q2\td2\t1\n")));
    bench.write("corpus.jsonl", &corpus);
    bench
}

fn qids(run: &str) -> Vec<&str> {
    run.lines().map(|line| line.split(' ').next().unwrap()).collect()
}

#[test]
fn one_argument_from_the_folder_to_the_figures() {
    let bench = bench();
    bench.ok("index --beir set --output i");
    bench.ok("index --bm25 corpus.jsonl --output same");
    let run = bench.ok("search --index i --beir set");
    assert_eq!(qids(&run), ["q1", "q3"]);
    bench.write("topics.tsv", "q1\tcats\nq3\twater\n");
    assert_eq!(run, bench.ok("search --index same --topics topics.tsv"));
    assert_eq!(qids(&bench.ok("search --index i --beir set --split dev")), ["q2"]);
    bench.write("run", run);
    let figures = bench.ok("eval --beir set --run run --metrics RR@10");
    assert_eq!(figures, bench.ok("eval --qrels set/qrels/test.tsv --run run --metrics RR@10"));
    assert!(figures.contains("1.0000"), "{figures}");
    bench.ok("bench --index i --beir set --k 1 --repetitions 1");
    bench.ok("flops --index i --beir set");
    bench.ok("index --beir set --analyzer english --k1 1.2 --output i");
}

#[test]
fn a_folder_is_one_side_of_a_hybrid_index() {
    let bench = bench();
    bench.write(
        "v.jsonl",
        "{\"id\": \"d1\", \"vector\": {\"cat\": 2}}\n{\"id\": \"d2\", \"vector\": {\"dog\": 3}}\n",
    );
    bench.write(
        "q.jsonl",
        "{\"id\": \"q1\", \"vector\": {\"cat\": 1}}\n{\"id\": \"q3\", \"vector\": {\"dog\": 1}}\n",
    );
    bench.ok("index --input v.jsonl --beir set --output i");
    let run = bench.ok("search --index i --beir set --vectors q.jsonl");
    assert_eq!(qids(&run), ["q1", "q3", "q3"]);
}

#[test]
fn what_a_folder_lacks_is_named() {
    let bench = bench();
    bench.ok("index --beir set --output i");
    std::fs::create_dir_all(bench.path("outer/set")).unwrap();
    bench.write("outer/set/corpus.jsonl", "");
    for (line, says) in [
        ("search --index i --beir set --split train", "set/qrels/train.tsv: not there; --split"),
        ("search --index i --beir set --split train", "dev, test"),
        ("eval --beir set --split train --run r", "dev, test"),
        ("index --beir no --output j", "no: No such file"),
        ("index --beir corpus.jsonl --output j", "expected a folder"),
        ("index --beir outer --output j", "did you mean outer/set?"),
        ("search --index i --topics topics.tsv --split dev", "--beir"),
        ("eval --qrels set/qrels/test.tsv --split dev --run r", "--beir"),
    ] {
        bench.write("topics.tsv", "q1\tcats\n");
        let said = bench.fails(line, 1);
        assert!(said.contains(says), "spork {line}: {said}");
    }
    for line in [
        "search --index i --beir set --topics topics.tsv",
        "index --beir set --bm25 corpus.jsonl --output j",
        "eval --beir set --qrels set/qrels/test.tsv --run r",
    ] {
        bench.fails(line, 2);
    }
    std::fs::remove_file(bench.path("set/queries.jsonl")).unwrap();
    let said = bench.fails("search --index i --beir set", 1);
    assert!(said.contains("set/queries.jsonl: not there"), "{said}");
}

#[test]
fn outputs_may_lie_in_the_folder_beside_its_files() {
    let bench = bench();
    bench.ok("index --beir set --output set/index");
    for _ in 0..2 {
        bench.ok("search --index set/index --beir set --output set/run.trec");
    }
    for output in ["set/queries.jsonl", "set/qrels/test.tsv", "set/corpus.jsonl.gz"] {
        let line = format!("search --index set/index --beir set --output {output}");
        let said = bench.fails(&line, 1);
        assert!(said.contains("--beir"), "{said}");
    }
}
