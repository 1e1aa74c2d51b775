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

/// The query vector of "the fox" by a table in a file of this content.
fn weighed(file: &str, content: &str) -> Result<Vec<(TermId, f32)>, String> {
    let model = SmallModel::bert();
    model.write(file, content);
    let weights = TokenWeights::File(model.path().join(file));
    let options =
        LoadOptions { sides: Sides::Query, query_tokens: Some(weights), ..LoadOptions::default() };
    let opened = Model::open(model.path(), &options, None).map_err(|error| error.to_string())?;
    let vectors = opened.encode(Kind::Query, &["the fox"], &EncodeOptions::default());
    Ok(vectors.map_err(|error| error.to_string())?.remove(0).entries().to_vec())
}

#[test]
fn tables_of_every_form_give_the_same_vector() {
    let both = Ok(vec![(TermId(5), 0.5), (TermId(7), 2.0)]);
    for (file, content) in [
        ("idf.json", r#"{"the": 0.5, "fox": 2, "over": 1e-3}"#),
        ("idf.json", "\u{feff}{\"the\": 0.5, \"fox\": 2.0}\n"),
        ("query_token_weights.txt", "the\t0.5\nfox\t2.0\n\n[CLS]\t9\n"),
        ("query_token_weights.txt", "the\t0.5\r\nfox\t2\r\n"),
        ("query_token_weights.txt", "the 0.5\nfox 2"),
    ] {
        assert_eq!(weighed(file, content), both, "{content:?}");
    }
    // Weights below zero count as 0.
    let fox = Ok(vec![(TermId(7), 2.0)]);
    assert_eq!(weighed("idf.json", r#"{"the": -0.031, "fox": 2}"#), fox);
    assert_eq!(weighed("query_token_weights.txt", "the\t-0.031\nfox\t2\n"), fox);
}

#[test]
fn tables_that_are_none_are_named() {
    for (content, says) in [
        ("the\t0.5\nfox\tmuch\n", ":2: expected token<TAB>weight"),
        ("the\t0.5\nthe\t1\n", ":2: expected token<TAB>weight"),
        ("the\tnan\n", "\"the\" is NaN"),
        ("zebra\t1\n", "\"zebra\" is not in the tokenizer's vocabulary"),
        ("{\"the\": 1e39}", "\"the\" is infinite"),
        ("[[\"the\", 1]]", "a JSON object of tokens and weights"),
        ("version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ] {
        let error = weighed("table", content).unwrap_err();
        assert!(error.contains("table") && error.contains(says), "{content:?}: {error}");
    }
}
