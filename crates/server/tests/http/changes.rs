//! Changes are acknowledged when every search sees them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use spork_search::open;

use crate::test_server::{TestServer, document, ids};

const DOCUMENTS: &str = "/v1/indexes/docs/documents";

fn add(server: &TestServer, documents: &[Value], update: bool) -> Value {
    server.post(DOCUMENTS, &json!({"documents": documents, "update": update})).ok()
}

/// The documents with the word, which no other document has.
fn found(server: &TestServer, word: &str) -> BTreeSet<String> {
    let answer = server.search(json!({"query": word, "vector": {}, "k": 1000}));
    ids(&answer).into_iter().collect()
}

fn with_text(number: usize, text: &str) -> Value {
    let mut document = document(number);
    document["text"] = text.into();
    document
}

#[test]
fn documents_come_change_and_go() {
    let server = TestServer::of_documents(50);
    let added = add(&server, &[with_text(100, "a zebra"), with_text(101, "zebras")], false);
    assert_eq!(added["generation"], 2);
    assert_eq!((&added["added"], &added["documents"]), (&json!(2), &json!(52)));
    assert_eq!(found(&server, "zebra").len(), 2);
    let again = json!({"documents": [with_text(101, "x")]});
    let exists = server.post(DOCUMENTS, &again).error(409);
    assert!(exists["message"].as_str().unwrap().contains("d101"), "{exists}");
    assert!(exists["remedy"].as_str().unwrap().contains("update"));
    add(&server, &[with_text(101, "an okapi")], true);
    assert_eq!(found(&server, "zebra").len(), 1);
    let gone = server.send("DELETE", "/v1/indexes/docs/documents/d100", &[], b"").ok();
    assert_eq!(gone["deleted"], 1);
    assert!(found(&server, "zebra").is_empty());
    server.send("DELETE", "/v1/indexes/docs/documents/d100", &[], b"").error(404);
    let where_old = json!({"filter": "year < 2000"});
    let old = server.post("/v1/indexes/docs/documents/delete", &where_old).ok();
    assert!(old["deleted"].as_u64().unwrap() > 5, "{old}");
    let merged = server.post("/v1/indexes/docs/merge", &json!({})).ok();
    assert_eq!(merged["segments"], 1);
    // The folder has what the answers said.
    let index = open(server.index_path()).unwrap();
    assert_eq!(index.generation(), merged["generation"].as_u64().unwrap());
    assert_eq!(index.len() as u64, merged["documents"].as_u64().unwrap());
}

#[test]
fn additions_that_arrive_together_all_stand() {
    let server = TestServer::of_documents(20);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let server = &server;
            scope.spawn(move || {
                for number in 0..5 {
                    let number = 1000 + writer * 100 + number;
                    let added = add(server, &[with_text(number, "a quagga")], false);
                    assert_eq!(added["added"], 1);
                    assert!(found(server, "quagga").contains(&format!("d{number}")));
                }
            });
        }
    });
    assert_eq!(found(&server, "quagga").len(), 40);
    let index = open(server.index_path()).unwrap();
    assert_eq!(index.len(), 60);
}

#[test]
fn one_writers_fault_is_not_anothers() {
    let server = TestServer::of_documents(20);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let server = &server;
            scope.spawn(move || {
                // Every other one adds what is there already.
                let number = if writer % 2 == 0 { 3 } else { 500 + writer };
                let body = json!({"documents": [with_text(number, "a quagga")]});
                let answer = server.post(DOCUMENTS, &body);
                assert_eq!(answer.status, if writer % 2 == 0 { 409 } else { 200 });
            });
        }
    });
    assert_eq!(found(&server, "quagga").len(), 4);
}

#[test]
fn faults_change_nothing() {
    let server = TestServer::of_documents(20);
    let fault = |documents: Value, status| {
        server.post(DOCUMENTS, &json!({"documents": documents})).error(status)
    };
    assert_eq!(fault(json!([{"id": "a b", "text": "x"}]), 400)["place"], "documents[0].id");
    let twice = json!([with_text(900, "x"), with_text(900, "y")]);
    assert_eq!(fault(twice, 400)["place"], "documents[1].id");
    fault(json!([]), 400);
    let mut wrong = with_text(901, "x");
    wrong["columns"]["year"] = "soon".into();
    let wrong = fault(json!([wrong]), 400);
    let message = wrong["message"].as_str().unwrap();
    assert!(message.contains("year") && !message.contains(".jsonl"), "{message}");
    let mut negative = with_text(902, "x");
    negative["vector"]["fork"] = (-1).into();
    assert!(fault(json!([negative]), 400)["message"].as_str().unwrap().contains("fork"));
    let missing = json!({"ids": ["nobody"]});
    server.post("/v1/indexes/docs/documents/delete", &missing).error(400);
    let left_out = json!({"ids": ["nobody"], "ignore_missing": true});
    assert_eq!(server.post("/v1/indexes/docs/documents/delete", &left_out).ok()["missing"], 1);
    assert_eq!(open(server.index_path()).unwrap().len(), 20);
}
