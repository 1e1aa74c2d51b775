//! Generations, aliases, the end.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use spork_search::change;

use crate::test_server::{TestServer, hybrid_index, ids, settings};

const RELOAD: &str = "/v1/indexes/docs/reload";

#[test]
fn a_reload_serves_what_another_process_published() {
    let server = TestServer::of_documents(30);
    change(server.index_path()).delete(["d3"]).unwrap();
    let all = || {
        let query = json!({"query": "fork", "vector": {"fork": 1, "tea": 1}, "k": 100});
        ids(&server.search(query)).into_iter().collect::<BTreeSet<_>>()
    };
    let before = all();
    let reloaded = server.post(RELOAD, &json!({"verify": true})).ok();
    assert_eq!((&reloaded["reloaded"], &reloaded["generation"]), (&json!(true), &json!(2)));
    assert_eq!(server.post(RELOAD, &json!({})).ok()["reloaded"], false);
    let expected: BTreeSet<_> = before.into_iter().filter(|id| id != "d3").collect();
    assert_eq!(all(), expected);
}

#[test]
fn a_damaged_generation_is_refused_and_the_old_one_serves_on() {
    let server = TestServer::of_documents(30);
    let asked = || server.search(json!({"query": "fork", "vector": {"fork": 1}, "k": 20}));
    let before = asked();
    change(server.index_path()).merge_due(false).delete(["d3"]).unwrap();
    let newest = server.index_path().join("generation-000002.bin");
    let bytes = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();
    let refused = server.post(RELOAD, &json!({"verify": true})).error(503);
    assert_eq!(refused["code"], "index_damaged");
    let after = asked();
    assert_eq!((&after["hits"], &after["generation"]), (&before["hits"], &before["generation"]));
    let failures = "spork_reload_failures_total{index=\"docs\"} 1";
    assert!(server.get("/metrics").text.contains(failures));
    std::fs::write(&newest, &bytes).unwrap();
    assert_eq!(server.post(RELOAD, &json!({"verify": true})).ok()["generation"], 2);
}

#[test]
fn aliases_move_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["one", "two"].map(|name| folder.path().join(name));
    hybrid_index(&paths[0], 10);
    hybrid_index(&paths[1], 20);
    let [one, two] = paths;
    let mut settings = settings(&[("one", one), ("two", two)]);
    settings.served.aliases = vec![("live".to_owned(), "one".to_owned())];
    let server = TestServer::start(&settings, folder);
    let of = |index: &str| {
        server.search(json!({"index": index, "query": "fork", "vector": {}}))["index"].clone()
    };
    assert_eq!(of("live"), "one");
    let both = json!({"aliases": {"live": "two", "old": "one"}});
    assert_eq!(server.post("/v1/aliases", &both).ok()["aliases"]["old"], "one");
    assert_eq!(of("live"), "two");
    server.post("/v1/aliases", &json!({"aliases": {"live": null, "x": "three"}})).error(404);
    assert_eq!(of("live"), "two", "nothing is changed by half");
    server.post("/v1/aliases", &json!({"aliases": {"two": "one"}})).error(400);
    let several = server.post("/v1/search", &json!({"query": "x"})).error(400);
    assert_eq!(several["place"], "index");
    let list = server.get("/v1/indexes").ok();
    assert_eq!(list["indexes"][1]["documents"], 20);
    assert_eq!(list["indexes"][0]["columns"][0]["name"], "year");
    assert!(server.get("/v1/indexes/live").ok()["statistics"]["postings"].is_u64());
}

#[test]
fn what_was_asked_is_answered_before_the_end() {
    let server = TestServer::of_documents(30);
    let address = server.address();
    assert_eq!(server.get("/readyz").ok()["status"], "ok");
    let mut stream = TcpStream::connect(address).unwrap();
    let body = r#"{"query": "fork", "vector": {}}"#;
    let head = format!(
        "POST /v1/search HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body.as_bytes()[..5]).unwrap();
    // The server has the head; the end comes while the rest is on its way.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let ending = std::thread::spawn(move || server.stop());
    std::thread::sleep(std::time::Duration::from_millis(200));
    stream.write_all(&body.as_bytes()[5..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    ending.join().unwrap();
    assert!(TcpStream::connect(address).is_err());
}
