//! Models that encode queries by a table of weights do so without any backend.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod common;

use common::{SmallModel, golden_root, refusal, says};
use serde_json::Value;
use spork_core::TermId;
use spork_encoder::{Model, needs_network};
use spork_model::{EncodeOptions, Kind, LoadOptions, Sides, TokenWeights};

fn read(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(golden_root().join(name)).unwrap()).unwrap()
}

#[test]
fn an_inference_free_query_side_gives_the_reference_vectors() {
    let folder = golden_root().join("st-inference-free");
    let options = LoadOptions { sides: Sides::Query, ..LoadOptions::default() };
    assert!(!needs_network(&folder, &options).unwrap());
    let model = Model::open(&folder, &options, None).unwrap();
    assert!(model.placement().is_none());
    let (texts, golden) = (read("texts.json"), read("st-inference-free.json"));
    let queries = golden["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "query");
    let mut compared = 0;
    for case in queries {
        let text = texts[case["text_index"].as_u64().unwrap() as usize].as_str().unwrap();
        let max_length = Some(case["max_length"].as_u64().unwrap() as usize);
        let options = EncodeOptions { max_length, ..EncodeOptions::default() };
        let vector = model.encode(Kind::Query, &[text], &options).unwrap().remove(0);
        let reference = case["vector"].as_object().unwrap();
        assert_eq!(vector.len(), reference.len(), "{text:?}");
        for &(TermId(term), weight) in vector.entries() {
            let expected = reference[&term.to_string()].as_f64().unwrap();
            assert!((f64::from(weight) - expected).abs() < 1e-6, "{text:?}: term {term}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_network_without_a_backend_is_refused_before_anything_is_loaded() {
    let folder = golden_root().join("st-inference-free");
    let both = LoadOptions::default();
    assert!(needs_network(&folder, &both).unwrap());
    says(
        &refusal(Model::open(&folder, &both, None)),
        &["document encoder is a network", "no backend"],
    );

    let model = SmallModel::bert();
    std::fs::remove_file(model.path().join("model.safetensors")).unwrap();
    let query = LoadOptions { sides: Sides::Query, ..LoadOptions::default() };
    assert!(needs_network(model.path(), &query).unwrap());
    says(&refusal(Model::open(model.path(), &query, None)), &["query encoder is a network"]);

    let tokens = LoadOptions { query_tokens: Some(TokenWeights::One), ..query };
    assert!(!needs_network(model.path(), &tokens).unwrap());
    let opened = Model::open(model.path(), &tokens, None).unwrap();
    let vector =
        opened.encode(Kind::Query, &["the fox"], &EncodeOptions::default()).unwrap().remove(0);
    assert_eq!(vector.entries(), [(TermId(5), 1.0), (TermId(7), 1.0)]);
}
