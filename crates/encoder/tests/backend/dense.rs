//! Dense embeddings equal those that scripts/golden.py made with PyTorch and transformers.

use std::path::Path;

use serde_json::{Value, json};
use spork_encoder::DenseModel;
use spork_model::{DeviceChoice, Precision};

use super::small_model::golden_root;
use crate::under_test::backend;

/// The encoder of a golden model as sentence-transformers would keep it.
fn dense_model(folder: &Path, max_length: &Value) {
    let source = golden_root().join("bert-tied");
    for file in std::fs::read_dir(source).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    let kind = |name: &str| format!("sentence_transformers.models.{name}");
    let modules = json!([
        {"idx": 0, "name": "0", "path": "", "type": kind("Transformer")},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": kind("Pooling")},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": kind("Normalize")},
    ]);
    std::fs::create_dir(folder.join("1_Pooling")).unwrap();
    for (path, content) in [
        ("modules.json", modules),
        ("1_Pooling/config.json", json!({"pooling_mode_mean_tokens": true})),
        ("sentence_bert_config.json", json!({"max_seq_length": max_length})),
    ] {
        std::fs::write(folder.join(path), content.to_string()).unwrap();
    }
}

#[test]
fn embeddings_are_the_references() {
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(golden_root().join(name)).unwrap()).unwrap()
    };
    let (golden, texts) = (read("dense.json"), read("texts.json"));
    let folder = tempfile::tempdir().unwrap();
    dense_model(folder.path(), &golden["max_length"]);
    let model =
        DenseModel::open(folder.path(), DeviceChoice::Cpu, Some(Precision::Float32), &backend())
            .unwrap();
    let cases = golden["cases"].as_array().unwrap();
    let text = |case: &Value| {
        texts[case["text_index"].as_u64().unwrap() as usize].as_str().unwrap().to_owned()
    };
    let texts: Vec<String> = cases.iter().map(text).collect();
    assert!(texts.len() >= 30 && texts.contains(&String::new()));
    // All together and padded, and each by itself.
    for batch_tokens in [100_000, 1] {
        let embeddings = model.embed(&texts, Some(batch_tokens)).unwrap();
        for (embedding, case) in embeddings.iter().zip(cases) {
            let expected: Vec<f64> =
                case["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
            assert_eq!(embedding.len(), expected.len());
            for (&got, expected) in embedding.iter().zip(expected) {
                let gap = (f64::from(got) - expected).abs();
                assert!(gap < 2e-6, "text {}: {got}, expected {expected}", case["text_index"]);
            }
        }
    }
}
