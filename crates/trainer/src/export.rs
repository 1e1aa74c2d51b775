//! A trained model as a directory that Spork, transformers and sentence-transformers load.

use std::fs;
use std::path::Path;

use serde_json::json;
use spork_files::replace_folder;
use spork_model::{PoolingStrategy, Saturation, query_weights};
use tch::Kind;

use crate::config::ModelConfig;
use crate::error::{Result, TrainError};
use crate::initial_model::activation_name;
use crate::outputs::write_text;
use crate::student::Student;
use crate::tensor_file;
use crate::token_queries;
use crate::tokens::Tokens;

/// Files of the tokenizer that are taken over where they are there.
const TOKENIZER: [&str; 4] =
    ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"];

/// Writes the model to `path`, float16, replacing what is there.
pub(crate) fn export(
    path: &Path,
    student: &Student,
    tokens: &Tokens<'_>,
    model: &ModelConfig,
) -> Result<()> {
    replace_folder(path, |folder| {
        if let Some(weights) = &student.query_weights {
            let weights = token_queries::table(weights)?.into_iter().map(f64::from);
            let terms = tokens.vocabulary().iter().map(String::as_str);
            let text = query_weights::text(terms.zip(weights));
            write_text(&folder.join(query_weights::FILE), &text)?;
        }
        tensor_file::write(
            &folder.join("model.safetensors"),
            student.parameters().iter(),
            Kind::Half,
        )?;
        for name in TOKENIZER {
            let from = model.initial.join(name);
            if from.exists() {
                fs::copy(&from, folder.join(name))
                    .map_err(|source| TrainError::io(&from, source))?;
            }
        }
        let json = |name: &str, value: serde_json::Value| {
            write_text(&folder.join(name), &format!("{value:#}\n"))
        };
        json("config.json", config(student))?;
        json("modules.json", modules())?;
        json(
            "config_sentence_transformers.json",
            json!({
                "model_type": "SparseEncoder",
                "prompts": {"query": "", "document": ""},
                "default_prompt_name": null,
                "similarity_fn_name": "dot",
            }),
        )?;
        let length = model.max_length.unwrap_or(model.document_length);
        json(
            "sentence_bert_config.json",
            json!({"max_seq_length": length, "do_lower_case": false}),
        )?;
        let pooling = folder.join("1_SpladePooling");
        fs::create_dir_all(&pooling).map_err(|source| TrainError::io(&pooling, source))?;
        json(
            "1_SpladePooling/config.json",
            json!({
                "pooling_strategy": match student.pooling.strategy { PoolingStrategy::Max => "max", PoolingStrategy::Sum => "sum" },
                "activation_function": match student.pooling.saturation {
                    Saturation::Log => "relu",
                    Saturation::LogLog => "log1p_relu",
                },
                "word_embedding_dimension": student.config.vocabulary,
            }),
        )
    })
}

fn modules() -> serde_json::Value {
    json!([
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.sparse_encoder.models.MLMTransformer"},
        {"idx": 1, "name": "1", "path": "1_SpladePooling",
         "type": "sentence_transformers.sparse_encoder.models.SpladePooling"},
    ])
}

fn config(student: &Student) -> serde_json::Value {
    let config = &student.config;
    let bert = config.token_types > 0;
    let activation = activation_name(config.activation);
    let tied = config.tied_decoder
        && config
            .expected_head_tensors()
            .iter()
            .any(|tensor| !tensor.required && student.parameters().get(&tensor.name).is_none());
    if bert {
        json!({
            "architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": config.vocabulary,
            "hidden_size": config.width, "num_hidden_layers": config.layers,
            "num_attention_heads": config.heads, "intermediate_size": config.feed_forward,
            "max_position_embeddings": config.positions, "type_vocab_size": config.token_types,
            "hidden_act": activation, "layer_norm_eps": config.norm_epsilon, "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1, "pad_token_id": 0, "tie_word_embeddings": tied,
            "torch_dtype": "float16",
        })
    } else {
        json!({
            "architectures": ["DistilBertForMaskedLM"], "model_type": "distilbert",
            "vocab_size": config.vocabulary, "dim": config.width, "n_layers": config.layers,
            "n_heads": config.heads, "hidden_dim": config.feed_forward,
            "max_position_embeddings": config.positions, "activation": activation, "dropout": 0.1,
            "attention_dropout": 0.1, "pad_token_id": 0, "tie_word_embeddings": tied, "torch_dtype": "float16",
        })
    }
}
