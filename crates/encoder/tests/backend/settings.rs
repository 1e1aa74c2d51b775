//! Settings of sentence-transformers that change vectors: each equals the option that stands for
//! it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use spork_core::SparseVector;
use spork_encoder::Model;
use spork_model::{EncodeOptions, Kind};

use super::golden::{length, open, weights};
use super::small_model::golden_root;
use super::tally::close;

const TEXT: &str = "the quick brown fox and a cat, and a dog jump over the tree house to read";

/// A golden model in a folder of its own, changed by `change`.
fn changed(model: &str, change: impl FnOnce(&Path)) -> Model {
    let folder = tempfile::tempdir().unwrap();
    copy(&golden_root().join(model), folder.path());
    change(folder.path());
    open(folder.path(), None)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn edit(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    change(&mut value);
    fs::write(file, value.to_string()).unwrap();
}

fn set(file: &'static str, key: &'static str, new: Value) -> impl FnOnce(&Path) {
    move |folder| edit(&folder.join(file), |value| value[key] = new)
}

fn vector(model: &Model, kind: Kind, options: &EncodeOptions) -> SparseVector {
    model.encode(kind, &[TEXT], options).unwrap().remove(0)
}

#[test]
fn lengths_for_queries_and_documents() {
    const FILE: &str = "sentence_bert_config.json";
    let plain = open(&golden_root().join("st-splade"), None);
    let (own, kinds) = (EncodeOptions::default(), [Kind::Document, Kind::Query]);
    let at = |most: usize| kinds.map(|kind| vector(&plain, kind, &length(most)));
    assert_ne!(at(8)[0], at(12)[0]);
    for (settings, document, query) in [
        (json!({"document_length": 12, "query_length": 8}), 12, 8),
        (json!({"max_seq_length": 12, "query_length": 8}), 12, 8),
        (json!({"query_length": 8, "processing_kwargs": {"text": {"max_length": 12}}}), 12, 12),
        (json!({"processor_kwargs": {"model_max_length": 12}, "max_seq_length": 8}), 12, 12),
        (json!({"document_length": null, "max_seq_length": 8}), 8, 8),
    ] {
        let model = changed("st-splade", |folder| {
            fs::write(folder.join(FILE), settings.to_string()).unwrap();
        });
        let got = kinds.map(|kind| vector(&model, kind, &own));
        assert_eq!(got, [at(document)[0].clone(), at(query)[1].clone()], "{settings}");
        let identity = model.identity(Kind::Query, &own).unwrap();
        assert_eq!(identity.max_length, Some(query), "{settings}");
        let asked = vector(&model, Kind::Document, &length(10));
        assert_eq!(asked, at(10)[0], "what is asked for counts over {settings}");
    }
}

#[test]
fn a_model_may_say_how_many_terms_it_keeps() {
    let plain = open(&golden_root().join("st-splade"), None);
    let top = |most: usize| EncodeOptions { top_terms: Some(most), ..EncodeOptions::default() };
    let file = "config_sentence_transformers.json";
    let model = changed("st-splade", set(file, "max_active_dims", json!(5)));
    let own = EncodeOptions::default();
    for kind in [Kind::Document, Kind::Query] {
        assert_eq!(vector(&model, kind, &own), vector(&plain, kind, &top(5)));
        assert_eq!(vector(&model, kind, &top(7)), vector(&plain, kind, &top(7)));
    }
    assert_eq!(model.identity(Kind::Query, &own).unwrap().top_terms, Some(5));
}

/// Puts the table behind the network on the query route.
fn lexical(folder: &Path) {
    let rename = |from: &str, to: &str| fs::rename(folder.join(from), folder.join(to)).unwrap();
    rename("query_0_SparseStaticEmbedding", "query_2_SparseStaticEmbedding");
    edit(&folder.join("router_config.json"), |router| {
        let types = router["types"].as_object_mut().unwrap();
        let table = types.remove("query_0_SparseStaticEmbedding").unwrap();
        types.insert("query_2_SparseStaticEmbedding".to_owned(), table);
        router["structure"]["query"] = json!([
            "document_0_Transformer",
            "document_1_SpladePooling",
            "query_2_SparseStaticEmbedding"
        ]);
    });
}

#[test]
fn a_table_behind_a_network_multiplies_the_weights_of_the_texts_own_tokens() {
    let plain = open(&golden_root().join("st-inference-free"), None);
    let own = EncodeOptions::default();
    let splade = weights(&vector(&plain, Kind::Document, &own));
    let table = weights(&vector(&plain, Kind::Query, &own));
    let model = changed("st-inference-free", lexical);
    let got = weights(&vector(&model, Kind::Query, &own));
    assert_eq!(weights(&vector(&model, Kind::Document, &own)), splade);
    let expected: Vec<(u32, f32)> = splade
        .iter()
        .filter_map(|(term, weight)| Some((*term, weight * table.get(term)?)))
        .collect();
    assert!(expected.len() > 3);
    for (term, weight) in &expected {
        assert!(close(got[term], *weight), "{term}: {} and {weight}", got[term]);
    }
    // The frame's tokens are the text's, too.
    let ids = model.token_ids(Kind::Query, TEXT, &own).unwrap();
    assert!(got.keys().all(|term| ids.contains(term)));
    assert!(got.len() <= expected.len() + 2);

    let identities = [&plain, &model].map(|model| model.identity(Kind::Query, &own).unwrap());
    assert_ne!(identities[0].weights, identities[1].weights);
    let documents = model.identity(Kind::Document, &own).unwrap();
    assert_ne!(identities[1].weights, documents.weights);
    assert!(identities[1].fits(&documents));
}

#[test]
fn a_line_without_end_has_the_vector_of_its_first_tokens() {
    let model = open(&golden_root().join("st-splade"), None);
    let first = vector_of(&model, &"the quick brown fox ".repeat(100));
    assert_eq!(vector_of(&model, &"the quick brown fox ".repeat(300_000)), first);
    let unbroken = vector_of(&model, &"ab".repeat(2_000_000));
    assert_eq!(unbroken, vector_of(&model, &"ab".repeat(100)));
}

fn vector_of(model: &Model, text: &str) -> SparseVector {
    model.encode(Kind::Document, &[text], &EncodeOptions::default()).unwrap().remove(0)
}
