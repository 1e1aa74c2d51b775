//! Answers are those of the library, to the last bit.

use serde_json::{Value, json};
use spork_search::{Query, SearchOptions, open};

use crate::test_server::{TestServer, hits, ids};

fn vector() -> Vec<(String, f32)> {
    [("sparse", 1.25), ("vector", 0.7), ("tea", 0.1)].map(|(t, w)| (t.to_owned(), w)).to_vec()
}

#[test]
fn answers_equal_the_librarys() {
    let server = TestServer::of_documents(500);
    let index = open(server.index_path()).unwrap();
    let vector_json = json!({"sparse": 1.25, "vector": 0.7, "tea": 0.1});
    let mut compared = 0;
    for (mix, filter, alpha) in [
        (None, None, None),
        (Some("splade=1,bm25=0.5"), None, None),
        (None, Some("year >= 2010 and lang = \"en\""), None),
        (Some("splade=0.3,bm25=2"), Some("not lang = \"de\""), Some(0.8)),
    ] {
        for (text, k) in [("a fork and an index", 1), ("sparse queries", 10), ("tea", 1000)] {
            let given = json!({
                "query": text, "vector": vector_json, "k": k, "mix": mix, "filter": filter,
                "alpha": alpha,
            });
            let answer = server.post("/v1/search", &given);
            let (found, answer) = (hits(&answer.text), answer.ok());
            let mut options = SearchOptions {
                mix: mix.map(|mix| mix.parse().unwrap()),
                filter: filter.map(|filter| filter.parse().unwrap()),
                ..SearchOptions::default()
            };
            options.limits.alpha = alpha.unwrap_or(1.0);
            let query = Query::Both(text.to_owned(), vector());
            let expected = index.search_with(query, k, &options).unwrap();
            let named = index.hits(&expected).unwrap();
            let named: Vec<_> =
                named.iter().map(|hit| (hit.docno.clone(), hit.score.to_bits())).collect();
            assert_eq!(found, named);
            assert_eq!(answer["exact"], expected.is_exact());
            assert_eq!(answer["matched"].as_u64(), expected.matched());
            assert_eq!(answer["generation"], 1);
            compared += named.len();
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn a_batch_answers_as_its_searches_do() {
    let server = TestServer::of_documents(200);
    let texts = ["fork", "tea bowl", "nothing of it", "posting"];
    let queries: Vec<Value> =
        texts.iter().map(|text| json!({"id": text, "query": text, "vector": {}})).collect();
    let batch =
        json!({"queries": queries, "k": 7, "filter": {"column": "year", "op": ">", "value": 1995}});
    let batch = server.post("/v1/search/batch", &batch).ok();
    for (text, answer) in texts.iter().zip(batch["results"].as_array().unwrap()) {
        let single = json!({"query": text, "vector": {}, "k": 7, "filter": "year > 1995"});
        assert_eq!(answer["hits"], server.search(single)["hits"], "{text}");
        assert_eq!(answer["id"], *text);
    }
}

#[test]
fn what_is_asked_for_is_shown() {
    let server = TestServer::of_documents(100);
    let answer = server.search(json!({
        "query": "fork", "vector": {"fork": 1}, "k": 3, "columns": ["year"], "snippet": 50,
        "text": true, "explain": true,
    }));
    let hit = &answer["hits"][0];
    assert!(hit["columns"]["year"].is_i64() && hit["columns"].get("lang").is_none());
    assert!(hit["text"].as_str().unwrap().contains("fork"));
    let marked = hit["snippet"].as_array().unwrap().iter().any(|part| part["matched"] == true);
    assert!(marked, "{hit}");
    assert_eq!(hit["explain"]["docno"], hit["id"]);
    assert_eq!(answer["query"]["vector"]["fork"], 1.0);
    // By itself, as the library tells it.
    let id = hit["id"].as_str().unwrap();
    let asked = json!({"id": id, "query": "fork", "vector": {"fork": 1}});
    let explained = server.post("/v1/explain", &asked);
    let index = open(server.index_path()).unwrap();
    let query = Query::Both("fork".to_owned(), vec![("fork".to_owned(), 1.0)]);
    let expected = serde_json::to_string(&index.explain(query, id).unwrap()).unwrap();
    assert!(explained.text.contains(&expected), "{} {expected}", explained.text);
    let document = server.get(&format!("/v1/indexes/docs/documents/{id}"));
    let expected = serde_json::to_string(&index.document(id).unwrap()).unwrap();
    assert!(document.text.contains(&expected), "{} {expected}", document.text);
}

#[test]
fn anserinis_clients_are_served() {
    let server = TestServer::with(50, |settings| {
        let path = settings.served.indexes[0].folder.parent().unwrap().join("text");
        spork_search::build(&path).text([("d/1", "an old fork"), ("d2", "a bowl")]).unwrap();
        settings.served.indexes.push(format!("text={}", path.display()).parse().unwrap());
    });
    let answer = server.get("/v1/text/search?query=forks&hits=5").ok();
    assert_eq!(answer["api"], "v1");
    assert_eq!(answer["query"]["text"], "forks");
    assert_eq!(answer["candidates"][0]["docid"], "d/1");
    assert_eq!(answer["candidates"][0]["rank"], 1);
    let document = server.get("/v1/docs/doc/d3").ok();
    assert_eq!(document["doc"]["id"], "d3");
    let raw = server.get("/v1/docs/doc/d3?parse=false").ok();
    assert_eq!(raw["doc"].as_str().unwrap(), document["doc"].to_string());
    assert_eq!(server.get("/v1/text/doc/d%2F1").ok()["docid"], "d/1");
    server.get("/v1/text/doc/d9").error(404);
    server.get("/v1/text/search?query=x&hit=1").error(400);
}

#[test]
fn differences_are_told() {
    let server = TestServer::of_documents(100);
    let sides = json!({"a": {"mix": "splade=0,bm25=1"}, "b": {"index": "docs", "mix": "splade=0,bm25=3"},
        "queries": ["fork tea"], "k": 5});
    let same = server.post("/v1/diff", &sides).ok();
    assert_eq!(same["overlap"], 1.0);
    assert_eq!(same["per_topic"].as_array().unwrap().len(), 1);
}

#[test]
fn faults_are_told_with_place_and_remedy() {
    let server = TestServer::of_documents(20);
    let fault = |body: Value| server.post("/v1/search", &body).error(400);
    assert!(fault(json!({"querry": "x"}))["message"].as_str().unwrap().contains("`querry`"));
    assert_eq!(fault(json!({"query": "x", "k": "ten"}))["place"], "k");
    assert_eq!(fault(json!({"query": "x", "k": 0}))["place"], "k");
    assert_eq!(fault(json!({"query": "x", "k": 10_001}))["place"], "k");
    assert!(fault(json!({}))["remedy"].as_str().unwrap().contains("vector"));
    let filter = json!({"query": "x", "vector": {}, "filter": "yaer > 3"});
    let filter = fault(filter);
    assert_eq!(filter["place"], "filter, character 1");
    assert!(filter["message"].as_str().unwrap().contains("year"));
    let column = fault(json!({"query": "x", "vector": {}, "columns": ["lang", "nope"]}));
    assert_eq!(column["place"], "columns[1]");
    // What a field lacks, without the path of the index.
    let lacking = fault(json!({"query": "x"}));
    let message = lacking["message"].as_str().unwrap();
    assert!(message.starts_with("docs: ") && !message.contains("/"), "{message}");
    assert_eq!(fault(json!({"indices": [1], "values": [1.0]}))["place"], "indices");
    assert!(
        fault(json!({"vector": {"fork": -1}, "query": "x"}))["message"]
            .as_str()
            .unwrap()
            .contains("fork")
    );
    let other = server.post("/v1/search", &json!({"index": "other", "query": "x"})).error(404);
    assert!(other["message"].as_str().unwrap().contains("docs"));
    server.get("/v1/nothing").error(404);
    server.send("PUT", "/v1/search", &[], b"").error(405);
    server.send("POST", "/v1/search", &[("content-type", "text/plain")], b"{}").error(415);
}

#[test]
fn a_deadline_gives_an_answer_with_its_certificate() {
    let server = TestServer::of_documents(2000);
    let everything: Value = json!({"fork": 1, "spoon": 1, "bowl": 1, "tea": 1, "sparse": 1});
    let answer =
        server.search(json!({"query": "fork", "vector": everything, "k": 100, "deadline_ms": 1}));
    assert_eq!(answer["exact"], answer["unseen_at_most"].is_null());
    let exact = server
        .search(json!({"query": "fork", "vector": everything, "k": 100, "deadline_ms": 60_000}));
    assert_eq!(exact["exact"], true);
    assert_eq!(ids(&exact).len(), 100);
}
