//! Every text that is awkward, and the choices that a caller has.

use spork_core::{SparseVector, TermId};
use spork_encoder::Model;
use spork_model::{
    Checkpoint, EncodeOptions, Identity, Kind, LoadOptions, PoolingStrategy, Precision, Sides,
    TokenWeights,
};

use super::golden::{open, weights};
use super::small_model::{SmallModel, WORDS, golden_root, refusal, says, write_tensors};
use crate::under_test::backend;

#[test]
fn wrapped_and_old_names_give_the_same_network() {
    for model in [SmallModel::bert(), SmallModel::distilbert()] {
        let reference = model.open_max(&backend()).unwrap();
        let expected = reference
            .encode(Kind::Document, &["the fox jumped"], &EncodeOptions::default())
            .unwrap();
        let tensors = Checkpoint::open(model.path()).unwrap();
        let names: Vec<String> = tensors.names().map(str::to_owned).collect();
        for prefix in ["model.", "module.", "transformer."] {
            let renamed = |name: &str| {
                let old = name
                    .replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta");
                format!("{prefix}{old}")
            };
            rewrite(&model, &names, renamed);
            let vectors = model
                .open_max(&backend())
                .unwrap()
                .encode(Kind::Document, &["the fox jumped"], &EncodeOptions::default())
                .unwrap();
            assert_eq!(vectors, expected, "{prefix}");
            write_tensors(&model.path().join("model.safetensors"), &model.expected());
        }
    }
}

/// Rewrites model.safetensors under other names.
fn rewrite(model: &SmallModel, names: &[String], new_name: impl Fn(&str) -> String) {
    let file = model.path().join("model.safetensors");
    let bytes = std::fs::read(&file).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let views = names.iter().map(|name| (new_name(name), tensors.tensor(name).unwrap()));
    let rewritten = safetensors::serialize(views, None).unwrap();
    std::fs::write(&file, rewritten).unwrap();
}

#[test]
fn half_precision_files_give_the_same_network() {
    use safetensors::Dtype;

    let model = SmallModel::bert();
    let file = model.path().join("model.safetensors");
    let bytes = std::fs::read(&file).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut opened = Vec::new();
    for dtype in [Dtype::F32, Dtype::F16, Dtype::BF16, Dtype::F64] {
        let data: Vec<_> = tensors
            .tensors()
            .into_iter()
            .map(|(name, view)| (name, view.shape().to_vec(), short_floats(view.data(), dtype)))
            .collect();
        let views = data.iter().map(|(name, shape, bytes)| {
            (
                name.clone(),
                safetensors::tensor::TensorView::new(dtype, shape.clone(), bytes).unwrap(),
            )
        });
        std::fs::write(&file, safetensors::serialize(views, None).unwrap()).unwrap();
        let model = model.open_max(&backend()).unwrap();
        let identity = model.identity(Kind::Document, &EncodeOptions::default()).unwrap();
        opened.push((
            model.encode(Kind::Document, &["the fox"], &EncodeOptions::default()).unwrap(),
            identity,
        ));
    }
    assert!(opened.iter().all(|same| *same == opened[0]));
}

/// Float32 values cut to multiples of 1/64, which every float type holds, in another type.
fn short_floats(bytes: &[u8], dtype: safetensors::Dtype) -> Vec<u8> {
    use safetensors::Dtype;

    let mut cut = Vec::new();
    for value in bytes.chunks_exact(4) {
        let value = f32::from_le_bytes(value.try_into().unwrap());
        let value = (value * 64.0).round() / 64.0 + 0.0;
        let bits = value.to_bits();
        match dtype {
            Dtype::F32 => cut.extend(bits.to_le_bytes()),
            Dtype::F64 => cut.extend(f64::from(value).to_le_bytes()),
            Dtype::BF16 => cut.extend(((bits >> 16) as u16).to_le_bytes()),
            _ if value == 0.0 => cut.extend([0, 0]),
            // Sign, exponent from bias 127 to 15, the first ten bits of the fraction.
            _ => cut.extend(
                ((bits >> 16 & 0x8000 | ((bits >> 13 & 0x3ffff) - (112 << 10))) as u16)
                    .to_le_bytes(),
            ),
        }
    }
    cut
}

#[test]
fn bfloat16_is_close_to_float32() {
    for name in ["bert-tied", "distilbert", "st-splade"] {
        for pooling in [PoolingStrategy::Max, PoolingStrategy::Sum] {
            let folder = golden_root().join(name);
            let encode = |precision| {
                let options = LoadOptions {
                    pooling: Some(pooling),
                    precision: Some(precision),
                    ..LoadOptions::default()
                };
                let model = Model::open(&folder, &options, Some(&backend())).unwrap();
                let vectors = model.encode(
                    Kind::Document,
                    &["the cat and the dog", "water"],
                    &EncodeOptions::default(),
                );
                let width = model.vocabulary().len();
                let dense = |vector: &SparseVector| {
                    let mut weights = vec![0.0f32; width];
                    vector
                        .entries()
                        .iter()
                        .for_each(|&(term, weight)| weights[term.0 as usize] = weight);
                    weights
                };
                vectors.unwrap().iter().flat_map(dense).collect::<Vec<f32>>()
            };
            let (full, half) = (encode(Precision::Float32), encode(Precision::BFloat16));
            let difference =
                full.iter().zip(&half).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
            let length = full.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
            assert!(full != half && difference < 0.03 * length, "{name}: {difference} of {length}");
        }
    }
}

#[test]
fn awkward_texts_have_defined_vectors() {
    let model = SmallModel::bert().open_max(&backend()).unwrap();
    let options = EncodeOptions::default();
    let long = "fox ".repeat(10_000);
    let control = "\u{0}the\u{7}\u{200b} \u{fffd}fox\u{1b}";
    let texts =
        ["", " \n\t", long.as_str(), control, "狐狸 лиса 狐", "🦊", "[CLS] [SEP]", "\u{202e}"];
    let vectors = model.encode(Kind::Document, &texts, &options).unwrap();
    assert_eq!(model.token_ids(Kind::Document, "", &options).unwrap(), [2, 3]);
    assert_eq!(vectors[0], vectors[1]);
    let ids = model.token_ids(Kind::Document, &long, &options).unwrap();
    assert_eq!(
        (ids.len(), ids[0], ids[23]),
        (24, 2, 3),
        "cut to model_max_length, special tokens kept"
    );
    assert_eq!(model.token_ids(Kind::Document, control, &options).unwrap(), [2, 5, 7, 3]);
    assert!(model.encode::<&str>(Kind::Document, &[], &options).unwrap().is_empty());
}

#[test]
fn maximum_lengths_are_checked() {
    let model = SmallModel::bert().open_max(&backend()).unwrap();
    let with =
        |max_length| EncodeOptions { max_length: Some(max_length), ..EncodeOptions::default() };
    for bad in [0, 1, 2, 33, usize::MAX] {
        let error = model.encode(Kind::Document, &["fox"], &with(bad)).unwrap_err();
        says(&error, &["3 to 32", &bad.to_string()]);
    }
    for good in [3, 24, 32] {
        let ids = model.token_ids(Kind::Document, &"the ".repeat(100), &with(good)).unwrap();
        assert_eq!(ids.len(), good);
        assert!(model.encode(Kind::Document, &["the ".repeat(100)], &with(good)).is_ok());
    }
}

#[test]
fn lexical_only_and_top_terms() {
    let model = SmallModel::bert().open_max(&backend()).unwrap();
    let text = "The quick foxes jumped over [MASK] unknownword";
    let all = &model.encode(Kind::Document, &[text], &EncodeOptions::default()).unwrap()[0];
    let own = model.lexical_terms(Kind::Document, text, &EncodeOptions::default()).unwrap();
    assert_eq!(own, [5, 6, 7, 8, 9, 10, 11].map(TermId), "no special token is a term of the text");

    let lexical = EncodeOptions { lexical_only: true, ..EncodeOptions::default() };
    let kept = &model.encode(Kind::Document, &[text], &lexical).unwrap()[0];
    let expected: Vec<_> =
        all.entries().iter().filter(|(term, _)| own.contains(term)).copied().collect();
    assert_eq!(kept.entries(), expected);
    assert!(!expected.is_empty() && expected.len() < all.len());

    let top = EncodeOptions { top_terms: Some(3), ..EncodeOptions::default() };
    let mut cut = all.clone();
    cut.keep_top(3);
    assert_eq!(model.encode(Kind::Document, &[text], &top).unwrap(), [cut]);
}

#[test]
fn a_padded_vocabulary_keeps_its_terms_by_number() {
    let model = SmallModel::bert().open_max(&backend()).unwrap();
    assert_eq!(&model.vocabulary()[..14], WORDS);
    assert_eq!(&model.vocabulary()[14..], ["[id14]", "[id15]"]);
}

#[test]
fn progress_counts_to_the_end() {
    let model = SmallModel::bert().open_max(&backend()).unwrap();
    let texts = vec!["the fox jumped over."; 300];
    let options = EncodeOptions { batch_tokens: Some(64), ..EncodeOptions::default() };
    let mut calls = Vec::new();
    model
        .encode_with_progress(Kind::Document, &texts, &options, &mut |progress| {
            calls.push(progress);
            Ok(())
        })
        .unwrap();
    assert!(calls.windows(2).all(|pair| pair[0].texts < pair[1].texts));
    let last = calls.last().unwrap();
    assert_eq!((last.texts, last.tokens), (300, 300 * 8));
}

#[test]
fn identity_tells_models_apart_and_forgets_file_types() {
    let model = SmallModel::bert();
    let options = EncodeOptions { top_terms: Some(5), ..EncodeOptions::default() };
    let load = LoadOptions {
        pooling: Some(PoolingStrategy::Sum),
        name: Some("naver/some".to_owned()),
        ..LoadOptions::default()
    };
    let opened = model.open(&load, &backend());
    let identity = opened.unwrap().identity(Kind::Document, &options).unwrap();
    assert_eq!((identity.name.as_str(), identity.architecture.as_str()), ("naver/some", "bert"));
    assert_eq!((identity.pooling.as_deref(), identity.max_length), (Some("sum"), Some(24)));
    let back: Identity = serde_json::from_str(&serde_json::to_string(&identity).unwrap()).unwrap();
    assert_eq!(back, identity);

    let other = SmallModel::distilbert()
        .open_max(&backend())
        .unwrap()
        .identity(Kind::Query, &options)
        .unwrap();
    assert!(other.fits(&identity), "the same tokenizer");
    assert_ne!(other.weights, identity.weights);
    model.write("tokenizer_config.json", r#"{"do_lower_case": false}"#);
    let cased = model.open_max(&backend()).unwrap().identity(Kind::Document, &options).unwrap();
    assert_eq!(cased.weights, identity.weights);
    assert!(!cased.fits(&identity), "another tokenizer");
}

#[test]
fn queries_without_a_network() {
    let model = SmallModel::bert();
    let open = |query_tokens, sides| {
        let options = LoadOptions {
            pooling: Some(PoolingStrategy::Max),
            query_tokens: Some(query_tokens),
            sides,
            ..LoadOptions::default()
        };
        model.open(&options, &backend())
    };
    let text = ["the FOX jumped the fox [SEP] zzz"];
    let tokens = open(TokenWeights::One, Sides::Both).unwrap();
    let vector = &tokens.encode(Kind::Query, &text, &EncodeOptions::default()).unwrap()[0];
    assert_eq!(
        vector.entries(),
        [(5, 1.0), (7, 1.0), (9, 1.0), (10, 1.0)].map(|(t, w)| (TermId(t), w))
    );
    let document = &tokens.encode(Kind::Document, &text, &EncodeOptions::default()).unwrap()[0];
    assert_ne!(vector, document);
    assert_eq!(
        tokens.identity(Kind::Query, &EncodeOptions::default()).unwrap().architecture,
        "tokens"
    );

    let table = model.path().join("idf.json");
    model.write("idf.json", r#"{"the": 0.125, "fox": 3.5, "[SEP]": 0.0, "over": 2}"#);
    let weighted = open(TokenWeights::File(table.clone()), Sides::Query).unwrap();
    let vector = &weighted.encode(Kind::Query, &text, &EncodeOptions::default()).unwrap()[0];
    assert_eq!(vector.entries(), [(TermId(5), 0.125), (TermId(7), 3.5)]);
    let error = weighted.encode(Kind::Document, &text, &EncodeOptions::default()).unwrap_err();
    says(&error, &["without its document encoder"]);

    for (content, words) in [
        (r#"{"the": 1e39}"#, "\"the\" is infinite"),
        (r#"{"nothere": 1}"#, "\"nothere\" is not in the tokenizer's vocabulary"),
        (r#"{"the": "high"}"#, "not JSON"),
    ] {
        model.write("idf.json", content);
        says(&refusal(open(TokenWeights::File(table.clone()), Sides::Query)), &["idf.json", words]);
    }
}

#[test]
fn an_inference_free_query_side_loads_no_network() {
    let folder = golden_root().join("st-inference-free");
    let options = LoadOptions { sides: Sides::Query, ..LoadOptions::default() };
    let query = Model::open(&folder, &options, Some(&backend())).unwrap();
    assert!(query.encode(Kind::Document, &["x"], &EncodeOptions::default()).is_err());
    let both = open(&folder, None);
    let text = ["what is a sparse vector?"];
    let one = query.encode(Kind::Query, &text, &EncodeOptions::default()).unwrap();
    assert_eq!(one, both.encode(Kind::Query, &text, &EncodeOptions::default()).unwrap());
    let identity = |model: &Model, kind| model.identity(kind, &EncodeOptions::default()).unwrap();
    assert!(identity(&both, Kind::Query).fits(&identity(&both, Kind::Document)));
}

#[test]
fn what_a_search_is_to_know_stands_in_a_file_of_its_own() {
    let model = SmallModel::bert();
    assert_eq!(model.open_max(&backend()).unwrap().query_idf(), 0.0);
    model.write("spork.json", r#"{"query_idf": 0.5}"#);
    assert_eq!(model.open_max(&backend()).unwrap().query_idf(), 0.5);
    for (content, words) in [
        (r#"{"query_idf": -1}"#, "query_idf is -1.0, expected a number from 0 to 4"),
        (r#"{"query_idf": 1e9}"#, "expected a number from 0 to 4"),
        (r#"{"query_idf": "half"}"#, "half"),
        (r#"{"idf": 1}"#, "unknown field `idf`"),
    ] {
        model.write("spork.json", content);
        says(&refusal(model.open_max(&backend())), &["spork.json", words]);
    }
}

#[test]
fn prompts_stand_before_their_kind_of_text() {
    let model = SmallModel::bert();
    model.write(
        "modules.json",
        r#"[{"type": "x.MLMTransformer", "path": ""}, {"type": "x.SpladePooling", "path": "1_SpladePooling"}]"#,
    );
    model.write("1_SpladePooling/config.json", "{}");
    model.write(
        "config_sentence_transformers.json",
        r#"{"prompts": {"query": "quick ", "document": null}}"#,
    );
    let opened = model.open(&LoadOptions::default(), &backend()).unwrap();
    let options = EncodeOptions::default();
    assert_eq!(opened.token_ids(Kind::Query, "fox", &options).unwrap(), [2, 6, 7, 3]);
    assert_eq!(opened.token_ids(Kind::Document, "fox", &options).unwrap(), [2, 7, 3]);
    let query = &opened.encode(Kind::Query, &["fox"], &options).unwrap()[0];
    let document = &opened.encode(Kind::Document, &["quick fox"], &options).unwrap()[0];
    assert_eq!(query, document);
    assert_eq!(opened.lexical_terms(Kind::Query, "fox", &options).unwrap(), [TermId(7)]);
}

#[test]
fn weights_that_are_not_numbers_are_refused() {
    let model = SmallModel::bert();
    let file = model.path().join("model.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    let place = {
        let bias = safetensors::SafeTensors::deserialize(&bytes)
            .unwrap()
            .tensor("cls.predictions.bias")
            .unwrap();
        bias.data().as_ptr() as usize - bytes.as_ptr() as usize + 7 * 4
    };
    bytes[place..place + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&file, &bytes).unwrap();
    let error = model.open_max(&backend()).unwrap().encode(
        Kind::Document,
        &["the", "fox"],
        &EncodeOptions::default(),
    );
    says(&error.unwrap_err(), &["text 0", "\"fox\" is NaN", "damaged"]);
}

#[test]
fn the_vector_holds_what_the_network_says() {
    let model = SmallModel::distilbert().open_max(&backend()).unwrap();
    let vector = &model.encode(Kind::Query, &["the fox"], &EncodeOptions::default()).unwrap()[0];
    assert!(!vector.is_empty());
    assert!(weights(vector).values().all(|&weight| weight > 0.0 && weight.is_finite()));
}

#[test]
fn a_model_can_be_shared_among_threads() {
    fn sendable<T: Send + Sync>() {}
    sendable::<Model>();
}
