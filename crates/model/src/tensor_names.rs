//! The names of BERT's and DistilBERT's tensors, and the older names that some files use.
//!
//! Inside, and in checkpoints that are written, a tensor has the name that Hugging Face
//! transformers gives it in `BertForMaskedLM` or `DistilBertForMaskedLM`. The dot before a layer's
//! number belongs to that name.

/// The networks that can be loaded. They compute the same; names, token types and configuration
/// keys differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// BERT (Devlin et al. 2018), post-layer-norm, learned absolute positions.
    Bert,
    /// DistilBERT (Sanh et al. 2019): the same without token types.
    DistilBert,
}

impl Architecture {
    /// The word that `model_type` has in config.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bert => "bert",
            Self::DistilBert => "distilbert",
        }
    }
}

/// Tensor names of the parts outside the layers, without `.weight` and `.bias`.
pub struct Names {
    /// The word embedding.
    pub words: &'static str,
    /// The position embedding.
    pub positions: &'static str,
    /// DistilBERT has no token types.
    pub token_types: Option<&'static str>,
    /// The layer norm of the embeddings' sum.
    pub embedding_norm: &'static str,
    /// The head's dense layer.
    pub head_dense: &'static str,
    /// The head's layer norm.
    pub head_norm: &'static str,
    /// The decoder, whole name; tied to `words` where absent.
    pub decoder_weight: &'static str,
    /// The decoder's bias, whole name.
    pub decoder_bias: &'static str,
}

/// Tensor names of one layer, without `.weight` and `.bias`.
pub struct LayerNames {
    /// Self-attention: the query projection.
    pub query: String,
    /// The key projection.
    pub key: String,
    /// The value projection.
    pub value: String,
    /// The projection of the joined heads.
    pub attention_output: String,
    /// The layer norm after attention.
    pub attention_norm: String,
    /// Feed-forward: width to inner width.
    pub expand: String,
    /// Inner width back to width.
    pub contract: String,
    /// The layer norm after feed-forward.
    pub output_norm: String,
}

impl Architecture {
    /// The names outside the layers.
    pub fn names(self) -> Names {
        match self {
            Self::Bert => Names {
                words: "bert.embeddings.word_embeddings",
                positions: "bert.embeddings.position_embeddings",
                token_types: Some("bert.embeddings.token_type_embeddings"),
                embedding_norm: "bert.embeddings.LayerNorm",
                head_dense: "cls.predictions.transform.dense",
                head_norm: "cls.predictions.transform.LayerNorm",
                decoder_weight: "cls.predictions.decoder.weight",
                decoder_bias: "cls.predictions.bias",
            },
            Self::DistilBert => Names {
                words: "distilbert.embeddings.word_embeddings",
                positions: "distilbert.embeddings.position_embeddings",
                token_types: None,
                embedding_norm: "distilbert.embeddings.LayerNorm",
                head_dense: "vocab_transform",
                head_norm: "vocab_layer_norm",
                decoder_weight: "vocab_projector.weight",
                decoder_bias: "vocab_projector.bias",
            },
        }
    }

    /// The names of layer `number`, from 0.
    pub fn layer_names(self, number: i64) -> LayerNames {
        let prefix = match self {
            Self::Bert => format!("bert.encoder.layer.{number}"),
            Self::DistilBert => format!("distilbert.transformer.layer.{number}"),
        };
        let [query, key, value, attention_output, attention_norm, expand, contract, output_norm] =
            match self {
                Self::Bert => [
                    "attention.self.query",
                    "attention.self.key",
                    "attention.self.value",
                    "attention.output.dense",
                    "attention.output.LayerNorm",
                    "intermediate.dense",
                    "output.dense",
                    "output.LayerNorm",
                ],
                Self::DistilBert => [
                    "attention.q_lin",
                    "attention.k_lin",
                    "attention.v_lin",
                    "attention.out_lin",
                    "sa_layer_norm",
                    "ffn.lin1",
                    "ffn.lin2",
                    "output_layer_norm",
                ],
            }
            .map(|part| format!("{prefix}.{part}"));
        LayerNames {
            query,
            key,
            value,
            attention_output,
            attention_norm,
            expand,
            contract,
            output_norm,
        }
    }

    /// The name that the tensor stored as `stored` has today. Other names come back changed or
    /// unchanged; no caller looks them up.
    pub fn current_name(self, stored: &str) -> String {
        let name = without_wrappers(stored);
        let name = match name.strip_suffix(".gamma") {
            Some(stem) => format!("{stem}.weight"),
            None => name.to_owned(),
        };
        let name = match name.strip_suffix(".beta") {
            Some(stem) => format!("{stem}.bias"),
            None => name,
        };
        match self {
            Self::Bert if name == "cls.predictions.decoder.bias" => {
                self.names().decoder_bias.to_owned()
            }
            Self::Bert if name.starts_with("embeddings.") || name.starts_with("encoder.") => {
                format!("bert.{name}")
            }
            Self::DistilBert
                if name.starts_with("embeddings.") || name.starts_with("transformer.") =>
            {
                format!("distilbert.{name}")
            }
            _ => name,
        }
    }
}

/// `stored` without the names of the objects that the network was wrapped in when it was saved.
fn without_wrappers(stored: &str) -> &str {
    const WRAPPERS: [&str; 7] = [
        "module.",
        "model.",
        "auto_model.",
        "transformer_rep.",
        "transformer.",
        "bert.",
        "distilbert.",
    ];
    let mut name = stored;
    while let Some(inner) = WRAPPERS.iter().find_map(|wrapper| name.strip_prefix(wrapper)) {
        // "transformer.layer.3…" is DistilBERT's own stack of layers.
        if inner.starts_with("layer.") {
            break;
        }
        name = inner;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_wrapped_names_find_their_place() {
        let bert = |stored| Architecture::Bert.current_name(stored);
        for stored in [
            "bert.embeddings.LayerNorm.weight",
            "embeddings.LayerNorm.gamma",
            "model.bert.embeddings.LayerNorm.gamma",
            "transformer.bert.embeddings.LayerNorm.weight",
        ] {
            assert_eq!(bert(stored), "bert.embeddings.LayerNorm.weight");
        }
        assert_eq!(
            bert("encoder.layer.0.output.LayerNorm.beta"),
            "bert.encoder.layer.0.output.LayerNorm.bias"
        );
        assert_eq!(bert("cls.predictions.decoder.bias"), "cls.predictions.bias");
        assert_eq!(bert("cls.predictions.decoder.weight"), "cls.predictions.decoder.weight");

        let distil = |stored| Architecture::DistilBert.current_name(stored);
        for stored in [
            "distilbert.transformer.layer.2.attention.q_lin.weight",
            "transformer.layer.2.attention.q_lin.weight",
            "model.distilbert.transformer.layer.2.attention.q_lin.weight",
            "transformer.distilbert.transformer.layer.2.attention.q_lin.weight",
        ] {
            assert_eq!(distil(stored), "distilbert.transformer.layer.2.attention.q_lin.weight");
        }
        assert_eq!(distil("vocab_layer_norm.weight"), "vocab_layer_norm.weight");
    }
}
