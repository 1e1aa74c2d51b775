//! The two backends beside each other, in 32-bit floats: this crate's is the reference.

use std::path::{Path, PathBuf};

use serde_json::json;
use spork_encoder_cpu::Cpu;
use spork_encoder_torch::Torch;
use spork_model::{EncodeOptions, Kind, PoolingStrategy};

use crate::shared::golden::{Opening, golden_poolings, texts, weights};
use crate::shared::small_model::{SmallModel, golden_root};
use crate::shared::tally::{Tally, print_and_assert};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn compare(directory: &Path, pooling: Option<PoolingStrategy>, texts: &[String]) -> Tally {
    let opening = Opening::pooled(pooling);
    let [rust, torch] = [opening.open(directory, &Cpu::default()), opening.open(directory, &Torch)];
    let mut tally = Tally::default();
    for kind in [Kind::Document, Kind::Query] {
        let encode = |model: &spork_encoder::Model| {
            model.encode(kind, texts, &EncodeOptions::default()).unwrap()
        };
        for (got, reference) in encode(&rust).iter().zip(&encode(&torch)) {
            tally.compare(&weights(got), &weights(reference));
        }
    }
    tally
}

#[test]
fn golden_models_have_the_same_vectors() {
    let texts = texts(&golden_root());
    let tally = |(name, pooling): (String, PoolingStrategy)| {
        let tally = compare(&golden_root().join(&name), Some(pooling), &texts);
        (format!("{name} {pooling}"), tally)
    };
    let tallies: Vec<_> = golden_poolings().into_iter().map(tally).collect();
    print_and_assert("Rust beside libtorch", &tallies);
}

/// SciFact's first queries, and texts of the length of passages, of ten queries each.
fn scifact_texts() -> Vec<String> {
    let topics = std::fs::read_to_string(root().join("data/scifact/queries.tsv")).unwrap();
    let queries: Vec<String> =
        topics.lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).take(100).collect();
    let joined = queries.chunks(10).map(|ten| ten.join(" "));
    queries.iter().take(30).cloned().chain(joined).collect()
}

#[test]
fn the_default_model_has_the_same_vectors() {
    let texts = scifact_texts();
    assert_eq!(texts.len(), 40);
    let tally = compare(&root().join("data/model"), None, &texts);
    print_and_assert("Rust beside libtorch", &[("data/model".to_owned(), tally)]);
}

/// Sizes that no register divides, every activation, both architectures: models made on the spot.
#[test]
fn networks_of_odd_sizes_have_the_same_vectors() {
    let odd = [
        // Vocabulary, width, heads, inner width, layers, activation.
        (15, 7, 1, 5, 1, "gelu"),
        (33, 20, 4, 37, 2, "gelu_new"),
        (130, 33, 3, 65, 3, "relu"),
        (257, 48, 2, 100, 1, "gelu"),
    ];
    let mut tallies = Vec::new();
    for (vocabulary, width, heads, inner, layers, activation) in odd {
        let common = json!({"vocab_size": vocabulary, "max_position_embeddings": 40});
        let bert = json!({
            "model_type": "bert", "hidden_size": width, "num_attention_heads": heads,
            "intermediate_size": inner, "num_hidden_layers": layers, "hidden_act": activation,
        });
        let distilbert = json!({
            "model_type": "distilbert", "dim": width, "n_heads": heads, "hidden_dim": inner,
            "n_layers": layers, "activation": activation,
        });
        for mut config in [bert, distilbert] {
            config.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
            let name = format!("{} {width}/{heads}", config["model_type"].as_str().unwrap());
            let model = SmallModel::new(config);
            for pooling in [PoolingStrategy::Max, PoolingStrategy::Sum] {
                let tally = compare(model.path(), Some(pooling), &odd_texts());
                tallies.push((format!("{name} {pooling}"), tally));
            }
        }
    }
    print_and_assert("Rust beside libtorch", &tallies);
}

/// Texts of every number of tokens up to the longest that those models take, and beyond.
fn odd_texts() -> Vec<String> {
    let words: Vec<&str> = ["the quick", "foxes", "jumped over.", "é"].repeat(12);
    (0..words.len()).map(|count| words[..count].join(" ")).collect()
}
