//! What is too much is refused before any work, and what is slow holds nobody up.

use std::io::Write;
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::test_server::TestServer;

#[test]
fn what_is_too_much_is_refused() {
    let server = TestServer::with(10, |settings| {
        settings.served.limits.body = 10_000;
        settings.served.limits.terms = 100;
        settings.served.limits.batch = 5;
        settings.served.limits.text = 1_000;
    });
    let long = json!({"query": "x".repeat(20_000)});
    server.post("/v1/search", &long).error(413);
    assert_eq!(server.post("/v1/search", &json!({"query": "x".repeat(2_000)})).status, 400);
    let terms: serde_json::Map<String, Value> =
        (0..200).map(|number| (format!("t{number}"), 1.into())).collect();
    let error = server.post("/v1/search", &json!({"vector": terms, "query": "x"})).error(400);
    assert_eq!(error["place"], "vector");
    let queries = vec![json!({"query": "x", "vector": {}}); 6];
    let error = server.post("/v1/search/batch", &json!({"queries": queries})).error(400);
    assert_eq!(error["place"], "queries");
    let deep = format!("{}year > 1{}", "(".repeat(100), ")".repeat(100));
    let deep = json!({"query": "x", "vector": {}, "filter": deep});
    let error = server.post("/v1/search", &deep).error(400);
    assert!(error["message"].as_str().unwrap().contains("filters within filters"));
    let nested = format!("{{\"query\": {}1{}}}", "[".repeat(500), "]".repeat(500));
    let headers = [("content-type", "application/json")];
    server.send("POST", "/v1/search", &headers, nested.as_bytes()).error(400);
}

#[test]
fn overload_is_refused_at_once_and_passes() {
    let server = TestServer::with(3000, |settings| {
        settings.served.threads = NonZeroUsize::new(1);
        settings.served.limits.queue = Duration::ZERO;
    });
    let queries: Vec<Value> = (0..300)
        .map(|number| json!({"query": format!("fork tea {number}"), "vector": {"fork": 1, "tea": 2}}))
        .collect();
    let batch = json!({"queries": queries, "k": 100});
    let (served, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let until = Instant::now() + Duration::from_secs(30);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while Instant::now() < until
                    && (served.load(Ordering::Relaxed) < 3 || refused.load(Ordering::Relaxed) < 3)
                {
                    let answer = server.post("/v1/search/batch", &batch);
                    match answer.status {
                        200 => served.fetch_add(1, Ordering::Relaxed),
                        429 => {
                            let after = answer.headers["retry-after"].to_str().unwrap();
                            assert!(after.parse::<u64>().unwrap() >= 1);
                            refused.fetch_add(1, Ordering::Relaxed)
                        }
                        _ => panic!("{answer:?}"),
                    };
                }
            });
        }
    });
    assert!(served.into_inner() >= 3 && refused.into_inner() >= 3);
    server.search(json!({"query": "fork", "vector": {}}));
    assert!(server.get("/metrics").text.contains("spork_rejected_total{reason=\"search\"}"));
}

#[test]
fn slow_clients_hold_no_thread() {
    let server = TestServer::with(50, |settings| settings.served.threads = NonZeroUsize::new(1));
    let address = server.address();
    let slow: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = format!(
                "POST /v1/search HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
                 Content-Length: 1000\r\n\r\n{{\"query\": "
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    for _ in 0..10 {
        server.search(json!({"query": "fork", "vector": {}}));
    }
    drop(slow);
}
