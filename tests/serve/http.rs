//! `spork serve`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value, json};

use crate::program::Bench;

const CORPUS: &str = r#"{"_id": "d1", "text": "A fork and a bowl.", "year": 1990}
{"_id": "d2", "text": "An index of forks, and a fork.", "year": 2000}
{"_id": "d3", "text": "Forks for everyone.", "year": 2010}
{"_id": "d4", "text": "A spoon.", "year": 2020}
"#;

/// A process that serves until it is dropped.
struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    address: String,
}

impl Server {
    fn start(bench: &Bench, line: &str) -> Self {
        let line = format!("serve --listen 127.0.0.1:0 {line}");
        let mut child = bench.command(&line).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended: {told}");
            told.push_str(&line);
            if let Some((_, rest)) = line.split_once("http://") {
                break rest.split([' ', '"']).next().unwrap().to_owned();
            }
        };
        Self { child, log, address }
    }

    fn post(&self, path: &str, body: &Value) -> (u16, String) {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.build().into();
        let request = agent.post(format!("http://{}{path}", self.address));
        let mut response = request.send_json(body).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    fn ok(&self, path: &str, body: &Value) -> Value {
        let (status, text) = self.post(path, body);
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    /// Its exit code, and what it has logged.
    fn ended(&mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("corpus.jsonl", CORPUS);
    bench.ok("index --bm25 corpus.jsonl --columns year:integer --store text --output docs");
    bench
}

#[test]
fn answers_are_the_run_of_spork_search() {
    let bench = bench();
    bench.write("topics.tsv", "q1\tforks and bowls\nq2\tan index\nq3\tnothing here\n");
    let run = bench.ok("search --index docs --topics topics.tsv --filter year<2015");
    let server = Server::start(&bench, "--index docs");
    let mut lines = run.lines();
    for (qid, query) in [("q1", "forks and bowls"), ("q2", "an index"), ("q3", "nothing here")] {
        let asked = json!({"query": query, "k": 1000, "filter": "year < 2015"});
        let (status, text) = server.post("/v1/search", &asked);
        assert_eq!(status, 200, "{text}");
        for (id, rank, score) in hits(&text) {
            let line: Vec<&str> = lines.next().unwrap().split(' ').collect();
            assert_eq!([line[0], line[2], line[3]], [qid, &id, &rank.to_string()]);
            // A run has 32-bit floats where they tell all scores apart, else 64-bit ones.
            let in_run = [line[4].parse::<f64>().unwrap(), line[4].parse::<f32>().unwrap().into()];
            assert!(in_run.iter().any(|known| known.to_bits() == score.to_bits()), "{line:?}");
        }
    }
    assert_eq!(lines.next(), None);
    assert!(run.lines().count() >= 4, "{run}");
}

/// Ids, ranks and scores, these read from the very digits: a value of `serde_json` may be one bit
/// off.
fn hits(answer: &str) -> Vec<(String, usize, f64)> {
    #[derive(serde::Deserialize)]
    struct Hits {
        hits: Vec<Hit>,
    }

    #[derive(serde::Deserialize)]
    struct Hit {
        id: String,
        rank: usize,
        score: Box<serde_json::value::RawValue>,
    }

    let answer: Hits = serde_json::from_str(answer).unwrap();
    let read = |hit: Hit| (hit.id, hit.rank, hit.score.get().parse().unwrap());
    answer.hits.into_iter().map(read).collect()
}

#[test]
fn signals_reload_and_end_it() {
    let bench = bench();
    let mut server = Server::start(&bench, "--index docs --log json --log-requests");
    let count = |server: &Server| {
        server.ok("/v1/search", &json!({"query": "fork"}))["hits"].as_array().unwrap().len()
    };
    assert_eq!(count(&server), 3);
    bench.ok("delete --index docs --docno d1");
    assert_eq!(count(&server), 3, "it serves what it opened");
    server.signal("HUP");
    let mut seen = 3;
    for _ in 0..200 {
        seen = count(&server);
        if seen == 2 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(seen, 2);
    server.signal("TERM");
    let (code, log) = server.ended();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("fork"), "queries are nobody's business: {log}");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    assert!(log.contains("\"id\":") && log.contains("/v1/search"), "{log}");
}

#[test]
fn whoever_comes_second_is_told_who_writes() {
    let bench = bench();
    let server = Server::start(&bench, "--index docs --read-write");
    let add = json!({"documents": [{"id": "d9", "text": "A new fork.", "columns": {"year": 1}}]});
    // Another process holds the lock: it waits for its input.
    let line = "add --index docs --bm25 -";
    let mut adding = bench
        .command(line)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Asked before that, the server would take the lock, and the other process would be refused.
    let holder = format!("process {}: ", adding.id());
    let locked = || {
        std::fs::read_to_string(bench.path("docs/.lock")).is_ok_and(|text| text.contains(&holder))
    };
    for _ in 0..6000 {
        if locked() {
            break;
        }
        assert!(adding.try_wait().unwrap().is_none(), "it ended without its input");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(locked(), "it takes the lock within a minute");
    let (status, refused) = server.post("/v1/indexes/docs/documents", &add);
    assert_eq!(status, 409, "{refused}");
    assert!(refused.contains(&holder) && refused.contains(" add"), "{refused}");
    drop(adding.stdin.take());
    adding.wait().unwrap();
    server.ok("/v1/indexes/docs/documents", &add);
    assert_eq!(server.ok("/v1/search", &json!({"query": "new"}))["hits"][0]["id"], "d9");
}

#[test]
fn it_does_not_start_more_open_than_meant() {
    let bench = bench();
    let refused = |line: &str| bench.fails(&format!("serve --index docs {line}"), 1);
    assert!(refused("--listen 0.0.0.0:0").contains("--read-key-file"));
    assert!(refused("--listen 0.0.0.0:0 --no-keys --read-write").contains("--admin-key-file"));
    bench.write("key", "short");
    assert!(refused("--admin-key-file key").contains("16"));
    assert!(refused("--read-key-file nothing").contains("nothing"));
    assert!(refused("--alias x=y").contains("docs"));
    assert!(bench.fails("serve --index nowhere", 1).contains("nowhere"));
    bench.fails("serve --index a/b=docs --index search=docs", 2);
}
