//! Texts are encoded by the model of the index: here the one of this repository.

use std::path::PathBuf;

use serde_json::{Value, json};
use spork_search::{Kind, LoadOptions, build, open, open_model};

use crate::test_server::{TestServer, hits, ids, settings};

const TEXTS: [(&str, &str); 4] = [
    ("engine", "The mechanic changed the oil and the brakes of the automobile."),
    ("pasta", "Boil the pasta for nine minutes, then stir in olive oil and garlic."),
    ("sleep", "Travellers who cross time zones sleep badly for some days."),
    ("tea", "Green tea from Uji is picked in May."),
];

#[test]
fn texts_are_encoded_as_the_library_encodes_them() {
    let place = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/model"));
    let model = open_model(&place, &LoadOptions::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docs");
    build(&path).encoded(&model, TEXTS).unwrap();
    let mut settings = settings(&[("docs", path.clone())]);
    settings.served.models = vec![place.display().to_string()];
    let server = TestServer::start(&settings, folder);
    let index = open(&path).unwrap().with_model(model).unwrap();
    let model = index.model().unwrap();

    let queries = ["car repair", "jet lag", "olive oil", "when is tea harvested"];
    std::thread::scope(|scope| {
        for query in queries {
            let (server, index) = (&server, &index);
            scope.spawn(move || {
                let answer = server.post("/v1/search", &json!({"query": query, "k": 4}));
                let expected = index.search(query, 4).unwrap().into_iter();
                let expected: Vec<_> =
                    expected.map(|hit| (hit.docno, hit.score.to_bits())).collect();
                assert_eq!(hits(&answer.text), expected, "{query}");
            });
        }
    });

    let embedded = json!({"inputs": ["a fork", "green tea"]});
    let embedded = server.post("/embed_sparse", &embedded);
    let vectors = model.encode(Kind::Document, &["a fork", "green tea"], &Default::default());
    let entry = |(term, value): &(spork_search::TermId, f32)| {
        format!("{{\"index\":{},\"value\":{}}}", term.0, serde_json::to_string(value).unwrap())
    };
    let vectors = vectors.unwrap();
    let texts = vectors.iter().map(|vector| {
        format!("[{}]", vector.entries().iter().map(entry).collect::<Vec<_>>().join(","))
    });
    assert_eq!(embedded.text, format!("[{}]", texts.collect::<Vec<_>>().join(",")));
    let embedded = embedded.ok();
    let one = server.post("/embed_sparse", &json!({"inputs": "a fork", "truncate": true})).ok();
    assert_eq!(one[0], embedded[0]);

    // The query's terms by their ids, and by their names.
    let vector = server.post("/v1/encode", &json!({"texts": ["car repair"], "kind": "query"})).ok();
    let vector = vector["vectors"][0].as_object().unwrap().clone();
    let id = |term: &str| model.vocabulary().iter().position(|known| known == term).unwrap();
    let indices: Vec<usize> = vector.keys().map(|term| id(term)).collect();
    let values: Vec<&Value> = vector.values().collect();
    let by_id = server.search(json!({"indices": indices, "values": values}));
    assert_eq!(by_id["hits"], server.search(json!({"vector": vector}))["hits"]);

    // A document's text is encoded, too.
    let new = json!({"documents": [{"id": "car", "text": "A garage that repairs cars."}]});
    server.post("/v1/indexes/docs/documents", &new).ok();
    assert_eq!(ids(&server.search(json!({"query": "car repair", "k": 1}))), ["car"]);
}
