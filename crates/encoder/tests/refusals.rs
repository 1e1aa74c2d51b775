//! Every directory that is no model: what is said of it, and where.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod common;

use std::path::Path;

use common::{SmallModel, WORDS, refusal, says};
use spork_encoder::{
    Backend, Batch, DenseNetwork, EncodeError, Model, NetworkSpec, Placement, Result,
    SpladeNetwork, TermWeights,
};
use spork_model::{
    EncodeOptions, Kind, LoadOptions, ModelError, Pooling, PoolingStrategy, Precision,
};

/// A backend that takes every network and computes none: what is refused here is refused before
/// that.
struct Idle;

struct IdleNetwork(Placement);

impl Backend for Idle {
    fn cuda_devices(&self) -> std::result::Result<usize, String> {
        Err("nothing is computed".to_owned())
    }

    fn splade(
        &self,
        network: NetworkSpec<'_>,
        _: Pooling,
        _: bool,
    ) -> Result<Box<dyn SpladeNetwork>> {
        let precision = network.precision.unwrap_or(Precision::Float32);
        Ok(Box::new(IdleNetwork(Placement {
            backend: "idle",
            level: None,
            pads: true,
            device: "none".to_owned(),
            precision,
            batch_tokens: 64,
        })))
    }

    fn dense(&self, _: NetworkSpec<'_>) -> Result<Box<dyn DenseNetwork>> {
        Err(EncodeError::Backend("nothing is computed".into()))
    }
}

impl SpladeNetwork for IdleNetwork {
    fn placement(&self) -> &Placement {
        &self.0
    }

    fn encode(
        &self,
        batches: &[Batch<'_>],
        take: &mut dyn FnMut(usize, Vec<TermWeights>) -> Result<()>,
    ) -> Result<()> {
        let empty =
            |(number, batch): (usize, &Batch<'_>)| take(number, vec![Vec::new(); batch.len()]);
        batches.iter().enumerate().try_for_each(empty)
    }
}

/// The error of a model that must not open.
fn refused(model: &SmallModel) -> EncodeError {
    refusal(model.open_max(&Idle))
}

#[test]
fn what_is_no_model_directory() {
    let nowhere = Path::new("/no/such/folder");
    says(
        &refusal(Model::open(nowhere, &LoadOptions::default(), Some(&Idle))),
        &["/no/such/folder"],
    );

    let empty = tempfile::tempdir().unwrap();
    let max = LoadOptions { pooling: Some(PoolingStrategy::Max), ..LoadOptions::default() };
    says(
        &refusal(Model::open(empty.path(), &max, Some(&Idle))),
        &["config.json", "give the directory"],
    );

    let file = empty.path().join("file");
    std::fs::write(&file, "").unwrap();
    says(&refusal(Model::open(&file, &max, Some(&Idle))), &["file"]);
}

#[test]
fn a_bare_directory_does_not_say_its_pooling() {
    let model = SmallModel::bert();
    let error = refusal(model.open(&LoadOptions::default(), &Idle));
    assert!(matches!(error, EncodeError::Model(ModelError::PoolingUnknown { .. })));
    says(&error, &["--pooling max (SPLADE v2, ++, v3) or sum (first SPLADE)"]);
}

#[test]
fn broken_and_unsupported_configurations() {
    let cases = [
        ("{", "not JSON"),
        ("[]", "not JSON"),
        (r#"{"model_type": "roberta"}"#, "\"bert\" and \"distilbert\""),
        ("{}", "\"bert\" and \"distilbert\""),
        (r#"{"model_type": "bert"}"#, "vocab_size is absent"),
        (r#"{"model_type": "bert", "vocab_size": -3}"#, "vocab_size is -3"),
        (r#"{"model_type": "bert", "vocab_size": "many"}"#, "vocab_size is \"many\""),
        (r#"{"model_type": "bert", "vocab_size": 1e300}"#, "vocab_size is"),
    ];
    for (config, words) in cases {
        let model = SmallModel::bert();
        model.write("config.json", config);
        says(&refused(&model), &["config.json", words]);
    }
    for (key, value, words) in [
        ("hidden_act", serde_json::json!("swish"), "gelu, gelu_new or relu"),
        ("num_attention_heads", serde_json::json!(3), "a divisor of the width 8"),
        ("position_embedding_type", serde_json::json!("relative_key"), "absolute"),
        ("layer_norm_eps", serde_json::json!("small"), "layer_norm_eps"),
        ("num_hidden_layers", serde_json::json!(1_000_000_000), "an integer from 1 to 1024"),
    ] {
        let model = SmallModel::bert();
        let text = std::fs::read_to_string(model.path().join("config.json")).unwrap();
        let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
        config[key] = value;
        model.write("config.json", &config.to_string());
        says(&refused(&model), &["config.json", key, words]);
    }
}

#[test]
fn checkpoints_that_do_not_fit_are_refused_with_every_difference() {
    let model = SmallModel::bert();
    let complete = model.expected();
    let mut tensors = complete.clone();
    tensors.retain(|(name, _)| {
        !name.starts_with("cls.") && name != "bert.encoder.layer.1.output.dense.bias"
    });
    tensors[0].1 = vec![3, 8];
    model.write_tensors(&tensors);
    let error = refused(&model);
    let EncodeError::Model(ModelError::Tensors(mismatch)) = &error else { panic!("{error}") };
    assert_eq!(mismatch.missing.len(), 6);
    assert_eq!(
        (mismatch.shapes[0].expected.as_slice(), mismatch.shapes[0].got.as_slice()),
        (&[16, 8][..], &[3, 8][..])
    );
    says(
        &error,
        &[
            "model.safetensors",
            "bert.encoder.layer.1.output.dense.bias",
            "[3, 8], expected [16, 8]",
            "head",
        ],
    );

    let mut config: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(model.path().join("config.json")).unwrap())
            .unwrap();
    config["tie_word_embeddings"] = serde_json::json!(false);
    model.write_tensors(&complete);
    assert!(model.open_max(&Idle).is_ok());
    model.write("config.json", &config.to_string());
    says(&refused(&model), &["missing: cls.predictions.decoder.weight"]);

    std::fs::remove_file(model.path().join("model.safetensors")).unwrap();
    says(&refused(&model), &["model.safetensors or pytorch_model.bin"]);
}

#[test]
fn integers_are_no_weights() {
    let model = SmallModel::bert();
    let data = vec![0u8; 1 << 12];
    let tensors = model.expected();
    let view = |shape: &[usize]| {
        let bytes = &data[..shape.iter().product::<usize>() * 8];
        safetensors::tensor::TensorView::new(safetensors::Dtype::I64, shape.to_vec(), bytes)
            .unwrap()
    };
    let views = tensors.iter().map(|(name, shape)| (name.clone(), view(shape)));
    safetensors::serialize_to_file(views, None, &model.path().join("model.safetensors")).unwrap();
    says(&refused(&model), &["not floating point: bert.embeddings.word_embeddings.weight (I64)"]);
}

#[test]
fn damaged_checkpoints() {
    let model = SmallModel::bert();
    let file = model.path().join("model.safetensors");
    let whole = std::fs::read(&file).unwrap();
    for end in [0, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&file, &whole[..end]).unwrap();
        says(&refused(&model), &["model.safetensors"]);
    }
    let mut flipped = whole.clone();
    flipped[20] ^= 0xff;
    std::fs::write(&file, &flipped).unwrap();
    says(&refused(&model), &["model.safetensors", "damaged"]);
    let mut long_header = whole.clone();
    long_header[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    std::fs::write(&file, &long_header).unwrap();
    says(&refused(&model), &["damaged"]);
    std::fs::remove_file(&file).unwrap();
    model.write("pytorch_model.bin", "this is no checkpoint");
    says(&refused(&model), &["pytorch_model.bin"]);
}

#[test]
fn tokenizers_that_are_none() {
    let model = SmallModel::bert();
    model.write("tokenizer.json", "{\"version\": 1}");
    says(&refused(&model), &["tokenizer.json", "no usable tokenizer"]);
    std::fs::remove_file(model.path().join("tokenizer.json")).unwrap();
    model.write("vocab.txt", "a\nb\n");
    says(&refused(&model), &["vocab.txt", "[SEP]"]);
    std::fs::write(model.path().join("vocab.txt"), b"a\n\xff\xfe\n").unwrap();
    says(&refused(&model), &["vocab.txt"]);
    let words: Vec<String> = WORDS
        .iter()
        .map(|word| (*word).to_owned())
        .chain((0..9).map(|n| format!("w{n}")))
        .collect();
    model.write("vocab.txt", &words.join("\n"));
    says(&refused(&model), &["beyond the 16", "\"w2\" (16)", "\"w8\" (22)"]);
    std::fs::remove_file(model.path().join("vocab.txt")).unwrap();
    says(&refused(&model), &["tokenizer.json or vocab.txt"]);
}

#[test]
fn modules_that_are_no_splade_encoder() {
    let model = SmallModel::bert();
    let modules = |kinds: &[(&str, &str)]| {
        let modules: Vec<_> = kinds
            .iter()
            .map(|(kind, path)| serde_json::json!({"type": format!("sentence_transformers.models.{kind}"), "path": path}))
            .collect();
        model.write("modules.json", &serde_json::to_string(&modules).unwrap());
    };
    modules(&[("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]);
    says(&refused(&model), &["modules.json", "[Transformer, Pooling, Normalize]", "SpladePooling"]);
    modules(&[]);
    says(&refused(&model), &["modules.json", "[]"]);
    modules(&[("MLMTransformer", "../elsewhere"), ("SpladePooling", "1")]);
    says(&refused(&model), &["inside the model's directory"]);
    modules(&[("Router", "")]);
    says(&refused(&model), &["router_config.json"]);
    model.write(
        "router_config.json",
        r#"{"types": {}, "structure": {"image": []}, "parameters": {}}"#,
    );
    says(&refused(&model), &["image", "\"query\" and \"document\""]);
    modules(&[("MLMTransformer", ""), ("SpladePooling", "1_SpladePooling")]);
    model.write("1_SpladePooling/config.json", r#"{"pooling_strategy": "mean"}"#);
    says(&refused(&model), &["1_SpladePooling", "mean", "max"]);
    // Settings that the configuration leaves out have defaults.
    model.write("1_SpladePooling/config.json", "{}");
    let opened = model.open(&LoadOptions::default(), &Idle).unwrap();
    let identity = opened.identity(Kind::Document, &EncodeOptions::default()).unwrap();
    assert_eq!(identity.pooling.as_deref(), Some("max"));
}
