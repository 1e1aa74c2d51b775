//! Directories of sentence-transformers, and what is said of settings that are not read.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use spork_model::{Directory, Kind, Lengths, ModelError, Route, TokenWeights};

/// A directory of the given files of JSON; nothing of a network.
fn folder(files: &[(&str, Value)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, content) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content.to_string()).unwrap();
    }
    folder
}

/// A SPLADE model of sentence-transformers with these files more.
fn splade(files: &[(&str, Value)]) -> tempfile::TempDir {
    let modules = json!([
        {"type": "sentence_transformers.models.MLMTransformer", "path": ""},
        {"type": "sentence_transformers.models.SpladePooling", "path": "1"}
    ]);
    let plain = [("modules.json", modules), ("1/config.json", json!({}))];
    folder(&[plain.as_slice(), files].concat())
}

fn lengths(route: &Route) -> Lengths {
    match route {
        Route::Network(network) => network.lengths,
        Route::Tokens(_) => panic!("no network"),
    }
}

#[test]
fn lengths_count_from_the_call_to_the_tokenizer() {
    let file = "sentence_bert_config.json";
    for (settings, document, query) in [
        (json!({}), None, None),
        (json!({"max_seq_length": 20}), Some(20), Some(20)),
        (json!({"max_seq_length": 20, "query_length": 8}), Some(20), Some(8)),
        (json!({"query_length": 8, "document_length": 16}), Some(16), Some(8)),
        (
            json!({"query_length": 8, "processing_kwargs": {"text": {"max_length": 9}}}),
            Some(9),
            Some(9),
        ),
        (
            json!({"processing_kwargs": {"text": {"max_length": 9}, "common": {"max_length": 7}}}),
            Some(7),
            Some(7),
        ),
        (
            json!({"max_seq_length": 20, "tokenizer_args": {"model_max_length": 30}}),
            Some(30),
            Some(30),
        ),
    ] {
        let model = splade(&[(file, settings.clone())]);
        let directory = Directory::read(model.path()).unwrap();
        let found = lengths(&directory.document);
        assert_eq!(
            (found.of(Kind::Document), found.of(Kind::Query)),
            (document, query),
            "{settings}"
        );
        assert_eq!(directory.notes, Vec::<String>::new(), "{settings}");
    }
    let older = splade(&[("sentence_distilbert_config.json", json!({"max_seq_length": 33}))]);
    let directory = Directory::read(older.path()).unwrap();
    assert_eq!(lengths(&directory.query).both, Some(33));
}

#[test]
fn settings_that_are_not_read_are_told_by_name() {
    let model = "config_sentence_transformers.json";
    let transformer = "sentence_bert_config.json";
    for (file, settings, says) in [
        (transformer, json!({"instruction": "x"}), "instruction = \"x\""),
        (transformer, json!({"model_args": {"num_labels": 3}}), "num_labels = 3"),
        (transformer, json!({"processor_kwargs": {"do_lower_case": false}}), "do_lower_case"),
        (transformer, json!({"processing_kwargs": {"text": {"truncation": false}}}), "truncation"),
        (model, json!({"normalize": true}), "normalize = true"),
        (model, json!({"similarity_fn_name": "cosine"}), "dot products"),
        (model, json!({"prompts": {"passage": "p: "}}), "\"passage\" is not put"),
        ("1/config.json", json!({"top_k": 3}), "top_k = 3"),
    ] {
        let model = splade(&[(file, settings)]);
        let notes = Directory::read(model.path()).unwrap().notes;
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains(file) && notes[0].contains(says), "{notes:?}");
    }
}

#[test]
fn settings_that_can_not_be_followed_are_refused() {
    let model = "config_sentence_transformers.json";
    let transformer = "sentence_bert_config.json";
    for (file, settings, says) in [
        (model, json!({"max_active_dims": 0}), "max_active_dims is 0, expected a positive"),
        (model, json!({"prompts": {"query": 3}}), "expected a prompt"),
        (transformer, json!({"query_length": "8"}), "query_length is \"8\""),
        (transformer, json!({"transformer_task": "feature-extraction"}), "fill-mask"),
        (transformer, json!({"query_expansion": {"length": 32}}), "query_expansion"),
        (transformer, json!({"processing_kwargs": 3}), "expected an object"),
        ("1/config.json", json!({"pooling_strategy": "mean"}), "mean"),
    ] {
        let model = splade(&[(file, settings)]);
        let message = Directory::read(model.path()).unwrap_err().to_string();
        assert!(message.contains(file) && message.contains(says), "{message}");
    }
    let unsaid = splade(&[]);
    fs::remove_file(unsaid.path().join("1/config.json")).unwrap();
    let error = Directory::read(unsaid.path()).unwrap_err();
    assert!(matches!(error, ModelError::Absent { .. }), "{error}");
}

/// A Router with these routes of a network, a pooling and a table, and these mappings.
fn router(structure: &Value, mappings: &Value) -> tempfile::TempDir {
    let types = json!({
        "network": "x.Transformer", "pooling": "x.SpladePooling",
        "table": "x.SparseStaticEmbedding", "idf": "sentence_transformers.models.IDF"
    });
    let router =
        json!({"types": types, "structure": structure, "parameters": {"route_mappings": mappings}});
    folder(&[
        ("modules.json", json!([{"type": "sentence_transformers.models.Router", "path": ""}])),
        ("router_config.json", router),
        ("pooling/config.json", json!({})),
        ("idf/config.json", json!({"path": "idf.json"})),
        ("tokenizer.json", json!({})),
    ])
}

#[test]
fn routes_are_found_as_the_router_finds_them() {
    let network = json!(["network", "pooling"]);
    let kinds = |folder: &Path| {
        let directory = Directory::read(folder).unwrap();
        [directory.document, directory.query].map(|route| match route {
            Route::Network(network) if network.table.is_some() => "network times table",
            Route::Network(_) => "network",
            Route::Tokens(tokens) => match tokens.weights {
                TokenWeights::File(_) => "file",
                _ => "table",
            },
        })
    };
    for (structure, mappings, expected) in [
        (json!({"query": ["table"], "document": network}), json!({}), ["network", "table"]),
        (json!({"query": ["idf"], "document": network}), json!(null), ["network", "file"]),
        (
            json!({"query": ["network", "pooling", "table"], "document": network}),
            json!({}),
            ["network", "network times table"],
        ),
        (json!({"text": network}), json!({}), ["network", "network"]),
        (
            json!({"a": ["table"], "b": network}),
            json!({"('query', None)": "a", "(None, None)": "b"}),
            ["network", "table"],
        ),
        (
            json!({"a": ["table"], "b": network, "query": network}),
            json!({"('query', 'text')": "a", "(None, 'text')": "b"}),
            ["network", "table"],
        ),
    ] {
        let folder = router(&structure, &mappings);
        assert_eq!(kinds(folder.path()), expected, "{structure}");
    }
    let folder = router(&json!({"query": ["table"]}), &json!({}));
    let message = Directory::read(folder.path()).unwrap_err().to_string();
    assert!(message.contains("\"query\" and \"document\""), "{message}");
}
