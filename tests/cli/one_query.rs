//! `spork search` with a query on the command line, and topics that are answered as they come.

use std::io::{BufRead, BufReader};

use super::*;

const CORPUS: &str = "d1\tthe cat and the dog\nd2\tthe dog\nd3\twater\n";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("corpus.tsv", CORPUS);
    bench.write("d.jsonl", VECTORS);
    bench.ok("index --bm25 corpus.tsv --output text");
    bench
}

#[test]
fn a_person_gets_a_table() {
    let bench = bench();
    let table = bench.ok("search --index text dogs");
    let lines: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["rank", "score", "docno"]);
    assert_eq!((lines[1][0], lines[1][2]), ("1", "d2"), "{table}");
    assert_eq!((lines[2][0], lines[2][2]), ("2", "d1"), "{table}");
    assert_eq!(lines.len(), 3, "{table}");
    assert_eq!(table, bench.ok("search --index text the dogs"), "words make one query");
    assert_eq!(bench.ok("search --index text -k 1 dogs").lines().count(), 2);
    let output = bench.spork("search --index text unheard-of");
    assert!(output.status.success() && output.stdout.is_empty());
    assert!(stderr(&output).contains("find nothing"), "{}", stderr(&output));
}

#[test]
fn a_table_has_ten_rows_and_a_run_a_thousand() {
    let bench = Bench::new();
    let corpus: String = (0..1200).map(|number| format!("d{number}\tdogs\n")).collect();
    bench.write("corpus.tsv", corpus);
    bench.ok("index --bm25 corpus.tsv --output i");
    assert_eq!(bench.ok("search --index i dogs").lines().count(), 1 + 10);
    assert_eq!(bench.ok("search --index i --query dogs").lines().count(), 1000);
    assert_eq!(bench.ok("search --index i --query dogs -k 3").lines().count(), 3);
}

#[test]
fn a_script_gets_a_run() {
    let bench = bench();
    bench.write("topics.tsv", "1\tdogs\n");
    let run = bench.ok("search --index text --query dogs");
    assert!(run.starts_with("1 Q0 d2 1 "), "{run}");
    assert_eq!(run, bench.ok("search --index text --topics topics.tsv"));
    let run = bench.ok("search --index text --query dogs --format msmarco");
    assert_eq!(run, "1\td2\t1\n1\td1\t2\n");
    let output = bench.command("search --index text --query").arg("the dogs").output().unwrap();
    assert!(output.stdout.starts_with(b"1 Q0 d2 1 "));
}

#[test]
fn one_query_is_no_batch() {
    let bench = bench();
    for rest in [
        "dogs --topics topics.tsv",
        "dogs --query dogs",
        "dogs --vectors d.jsonl",
        "dogs --beir folder",
        "dogs --output run",
        "dogs --format trec",
        "--query dogs --topics topics.tsv",
        "--query dogs --vectors d.jsonl",
        "",
    ] {
        bench.fails(&format!("search --index text {rest}"), 2);
    }
}

#[test]
fn an_index_of_vectors_says_which_model_it_misses() {
    let bench = bench();
    bench.ok("index --input d.jsonl --output unknown");
    let said = bench.fails("search --index unknown dogs", 1);
    assert!(said.contains("--model DIR;") && !said.contains("the folder of"), "{said}");
    let record = r#"{"name": "gone", "tokenizer": "0", "architecture": "bert", "pooling": "max",
        "max_length": 9, "top_terms": null, "lexical_only": false, "weights": "0"}"#;
    bench.write("d.jsonl.model.json", record);
    bench.ok("index --input d.jsonl --output known");
    let said = bench.fails("search --index known dogs", 1);
    assert!(said.contains("--model DIR, the folder of gone, which is not here"), "{said}");
}

/// Topics that are written one after the other, each when the one before is answered.
#[test]
fn topics_are_answered_as_they_come() {
    let bench = bench();
    let mut command = bench.command("search --index text --topics - -k 1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut topics = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for (topic, answer) in [("q1\tdogs\n", "q1 Q0 d2 1 "), ("q2\twater\n", "q2 Q0 d3 1 ")] {
        topics.write_all(topic.as_bytes()).unwrap();
        let line = answers.next().unwrap().unwrap();
        assert!(line.starts_with(answer), "{line}");
    }
    topics.write_all(b"no tab\n").unwrap();
    drop(topics);
    assert!(answers.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_pipe_is_answered_as_a_file_is() {
    let bench = bench();
    let words = ["cat", "dog", "water", "the"];
    let topics: String =
        (0..9000).map(|number| format!("q{number}\t{}\n", words[number % 4])).collect();
    bench.write("topics.tsv", &topics);
    let run = bench.ok("search --index text --topics topics.tsv");
    let piped = bench.with_input("search --index text --topics - --output run", topics.as_bytes());
    assert!(piped.status.success(), "{}", stderr(&piped));
    assert!(std::fs::read_to_string(bench.path("run")).unwrap() == run);
    // Nothing is written of a file that has a bad line.
    let said =
        bench.with_input("search --index text --topics - --output bad", b"q1\tdogs\nno tab\n");
    assert_eq!(said.status.code(), Some(1));
    assert!(stderr(&said).contains("<stdin>:2: expected"), "{}", stderr(&said));
    assert!(!bench.path("bad").exists());
}

/// Where texts are stored, the table shows of each document the passage that answers.
#[test]
fn stored_texts_are_shown_below_their_documents() {
    let bench = Bench::new();
    let long = "water ".repeat(60);
    bench.write(
        "c.jsonl",
        format!(
            "{{\"_id\": \"d1\", \"text\": \"{long} Cats\\nare chasing mice {long}\"}}\n\
             {{\"_id\": \"d2\", \"text\": \"a dog\"}}\n"
        ),
    );
    bench.ok("index --bm25 c.jsonl --store text --output i");
    let table = bench.ok("search --index i chase a cat");
    let passage = table.lines().nth(2).unwrap();
    assert!(passage.contains("Cats are chasing mice"), "{table}");
    assert!(passage.trim().chars().count() <= 160, "{table}");
    assert!(!bench.ok("search --index i --query cats").contains("chasing"));
}
