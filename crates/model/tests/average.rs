//! Means of models.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use half::f16;
use safetensors::{Dtype, tensor::TensorView};
use spork_model::{Checkpoint, NetworkConfig, Tensors, average};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn weights(model: &Path) -> Tensors {
    let expected = NetworkConfig::read(model).unwrap().expected_tensors();
    Checkpoint::open(model).unwrap().load(&expected).unwrap()
}

/// A copy of a golden model, its weights times a factor, without one of its tensors.
fn scaled(factor: f32, folder: &Path, without: &str) {
    copy(&golden("st-splade"), folder);
    let tensors = weights(folder);
    let stored: Vec<_> = tensors
        .iter()
        .filter(|(name, _)| *name != without)
        .map(|(name, tensor)| {
            let values = tensor.values.iter().flat_map(|value| (value * factor).to_le_bytes());
            let shape = tensor.shape.iter().map(|&size| size as usize).collect::<Vec<_>>();
            (name, shape, values.collect::<Vec<u8>>())
        })
        .collect();
    let views = stored
        .iter()
        .map(|(name, shape, bytes)| {
            (*name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
        })
        .collect::<Vec<_>>();
    safetensors::serialize_to_file(views, None, &folder.join("model.safetensors")).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn each_weight_is_the_mean_and_the_rest_is_the_first_model_s() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    scaled(1.0, &place("one"), "");
    scaled(2.0, &place("two"), "");
    scaled(6.0, &place("six"), "");
    fs::write(place("one/query_weights.json"), r#"{"a": 1.5, "b": 3.0}"#).unwrap();
    fs::write(place("two/query_weights.json"), r#"{"a": 3.0}"#).unwrap();
    fs::write(place("six/query_weights.json"), r#"{"a": 0.0, "c": 0.6}"#).unwrap();
    fs::write(place("one/README.md"), "about one").unwrap();
    fs::write(place("one/spork.json"), r#"{"query_idf": 0.5}"#).unwrap();
    fs::write(place("six/spork.json"), r#"{"query_idf": 0.25}"#).unwrap();
    fs::create_dir_all(place("mean.partial")).unwrap();
    fs::write(place("mean.partial/vocab.txt"), "left by a run that was killed").unwrap();
    let mean = place("mean");
    average(&[place("one"), place("two"), place("six")], &mean).unwrap();

    let (before, after) = (weights(&place("one")), weights(&mean));
    assert!(before.iter().count() > 10);
    for (name, tensor) in before.iter() {
        let got = &after.get(name).unwrap().values;
        for (one, got) in tensor.values.iter().zip(got) {
            let expected = f16::from_f32(3.0 * one).to_f32();
            assert!((got - expected).abs() <= 1e-3 * expected.abs() + 1e-7, "{name} {one} {got}");
        }
    }
    let table = fs::read(mean.join("query_weights.json")).unwrap();
    let table: BTreeMap<String, f64> = serde_json::from_slice(&table).unwrap();
    let expected = [("a", 1.5), ("b", 1.0), ("c", 0.2)].map(|(token, at)| (token.to_owned(), at));
    assert_eq!(table, BTreeMap::from(expected));
    let settings = ["config.json", "modules.json", "spork.json", "1_SpladePooling/config.json"];
    for name in settings {
        assert!(fs::read(mean.join(name)).unwrap() == fs::read(place("one").join(name)).unwrap());
    }
    assert!(!mean.join("README.md").exists(), "what is said of one model is not said of the mean");
    assert!(!mean.join("vocab.txt").exists(), "the first model has none");
    assert!(!place("mean.partial").exists());
}

#[test]
fn old_names_and_tied_decoders_are_the_same_weights() {
    let folder = tempfile::tempdir().unwrap();
    let mean = folder.path().join("mean/");
    average(&[golden("distilbert"), golden("distilbert-legacy-bin")], &mean).unwrap();
    let (one, two) = (weights(&golden("distilbert")), weights(&golden("distilbert-legacy-bin")));
    let got = weights(&mean);
    for (name, tensor) in one.iter() {
        let Some(other) = two.get(name) else { continue };
        let got = &got.get(name).unwrap().values;
        for ((one, two), got) in tensor.values.iter().zip(&other.values).zip(got) {
            assert!((got - (one + two) / 2.0).abs() < 1e-3, "{name}");
        }
    }
}

#[test]
fn models_that_don_t_fit_are_refused_and_nothing_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let mean = folder.path().join("mean");
    let said = |models: &[PathBuf], output: &Path| average(models, output).unwrap_err().to_string();
    let model = golden("st-splade");
    assert!(said(&[], &mean).contains("got 0"));
    assert!(said(std::slice::from_ref(&model), &mean).contains("got 1"));
    let other = said(&[model.clone(), golden("distilbert")], &mean);
    assert!(other.contains("distilbert has another network"), "{other}");
    let other = said(&[model.clone(), golden("st-splade-sum")], &mean);
    assert!(other.contains("st-splade-sum has another pooling"), "{other}");
    let other = said(&[golden("st-inference-free"), model.clone()], &mean);
    assert!(other.contains("expected one network for documents and queries"), "{other}");
    let there = said(&[model.clone(), model.clone()], folder.path());
    assert!(there.contains("is there already"), "{there}");

    // The same network, other tokens.
    let renamed = folder.path().join("renamed");
    copy(&model, &renamed);
    let file = renamed.join("tokenizer.json");
    let tokenizer = fs::read_to_string(&file).unwrap();
    fs::write(&file, tokenizer.replacen("\"the\"", "\"thee\"", 1)).unwrap();
    assert_ne!(fs::read_to_string(&file).unwrap(), tokenizer);
    let other = said(&[model.clone(), renamed.clone()], &mean);
    assert!(other.contains("has another tokenizer"), "{other}");

    // A tensor that only one has, whichever comes first.
    let lacking = folder.path().join("lacking");
    scaled(1.0, &lacking, "bert.embeddings.LayerNorm.weight");
    for models in [[model.clone(), lacking.clone()], [lacking, model]] {
        let missing = said(&models, &mean);
        assert!(missing.contains("missing: bert.embeddings.LayerNorm.weight"), "{missing}");
    }
    assert!(!mean.exists());
    assert!(!folder.path().join("mean.partial").exists());
}
