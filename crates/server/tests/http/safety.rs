//! Who may do what.

use serde_json::json;

use crate::test_server::{ADMIN_KEY, READ_KEY, TestServer, document, keys};

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn keys_are_needed_where_there_are_keys() {
    let server = TestServer::with(10, |settings| settings.access = keys());
    let search = json!({"query": "fork", "vector": {}}).to_string();
    let read = format!("Bearer {READ_KEY}");
    let send = |path: &str, headers: &[(&str, &str)], body: &str| {
        server.send("POST", path, &[&[JSON], headers].concat(), body.as_bytes())
    };
    let refused = send("/v1/search", &[], &search);
    refused.error(401);
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    send("/v1/search", &[("authorization", &read)], &search).ok();
    send("/v1/search", &[("x-api-key", ADMIN_KEY)], &search).ok();
    send("/v1/search", &[("x-api-key", "another key of some length")], &search).error(401);
    let add = json!({"documents": [document(77)]}).to_string();
    send("/v1/indexes/docs/documents", &[("authorization", &read)], &add).error(401);
    send("/v1/indexes/docs/reload", &[("authorization", &read)], "{}").error(401);
    send("/v1/aliases", &[("authorization", &read)], "{\"aliases\": {}}").error(401);
    send("/v1/indexes/docs/documents", &[("x-api-key", ADMIN_KEY)], &add).ok();
    assert_eq!(server.get("/livez").status, 200);
    assert_eq!(server.get("/").status, 200);
    server.get("/metrics").error(401);
    let description = server.get("/openapi.json").ok();
    assert!(description["paths"]["/v1/search"]["post"]["security"][0]["read_key"].is_array());
}

#[test]
fn without_keys_nothing_changes() {
    let server = TestServer::with(10, |settings| settings.access.read_write = false);
    server.search(json!({"query": "fork", "vector": {}}));
    let add = json!({"documents": [document(77)]});
    let refused = server.post("/v1/indexes/docs/documents", &add).error(403);
    assert_eq!(refused["code"], "read_only");
    server.send("DELETE", "/v1/indexes/docs/documents/d1", &[], b"").error(403);
    server.post("/v1/indexes/docs/merge", &json!({})).error(403);
}

#[test]
fn pages_of_others_reach_nothing() {
    let server = TestServer::with(10, |settings| {
        settings.access.origins = vec!["https://good.example".to_owned()];
    });
    let search = json!({"query": "fork", "vector": {}}).to_string();
    let from = |headers: &[(&str, &str)]| {
        server.send("POST", "/v1/search", &[&[JSON], headers].concat(), search.as_bytes())
    };
    from(&[("origin", "https://evil.example")]).error(403);
    from(&[("host", "evil.example")]).error(403);
    from(&[("sec-fetch-site", "cross-site")]).error(403);
    let good = from(&[("origin", "https://good.example")]);
    good.ok();
    assert_eq!(good.headers["access-control-allow-origin"], "https://good.example");
    let own = format!("http://{}", server.address());
    assert!(!from(&[("origin", &own)]).headers.contains_key("access-control-allow-credentials"));
}

#[test]
fn answers_tell_browsers_what_they_may_do() {
    let server = TestServer::of_documents(10);
    let page = server.get("/");
    assert!(page.text.contains("<title>Spork</title>"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let answer = server.get("/v1/indexes");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    let given = server.send("GET", "/livez", &[("x-request-id", "trace-7")], b"");
    assert_eq!(given.headers["x-request-id"], "trace-7");
}

#[test]
fn labels_are_bounded() {
    let server = TestServer::of_documents(10);
    for number in 0..20 {
        server.get(&format!("/no/such/path/{number}"));
        server.get(&format!("/v1/indexes/docs/documents/d{number}"));
        server.send("PATCH", &format!("/{number}"), &[], b"");
    }
    let metrics = server.get("/metrics");
    assert!(metrics.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    let requests = metrics.text.lines().filter(|line| line.starts_with("spork_requests_total{"));
    assert_eq!(requests.count(), 4, "{}", metrics.text);
    let route = "route=\"/v1/indexes/{index}/documents/{id}\"";
    assert!(metrics.text.contains(route), "{}", metrics.text);
}
