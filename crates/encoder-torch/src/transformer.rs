//! The transformer encoder of BERT and DistilBERT: embeddings and post-layer-norm layers of
//! self-attention and feed-forward. One implementation serves both; [`spork_model::Names`] says
//! what their tensors are called.

use spork_model::NetworkConfig;
use spork_model::config::Activation;
use tch::{Device, Kind, Tensor};

use crate::batch::Batch;
use crate::error::Result;
use crate::layers::{Dense, Norm, activate, embedding_table};
use crate::parameters::Parameters;

/// Shares of values that are zeroed at random while training. By default none is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dropout {
    /// The share of values in the embeddings' sum, and in the outputs of attention and
    /// feed-forward.
    pub states: f64,
    /// The share of attention weights. Above 0 libtorch computes attention by its slower method.
    pub attention: f64,
}

impl Dropout {
    fn apply(share: f64, states: Tensor) -> Result<Tensor> {
        if share > 0.0 { Ok(states.f_dropout(share, true)?) } else { Ok(states) }
    }
}

/// Embeddings and layers: from token ids to one state a token.
///
/// Embeddings are computed in their own precision; the layers in that of their weights, which may
/// be lower.
#[derive(Debug)]
pub struct Transformer {
    embeddings: Embeddings,
    layers: Vec<Layer>,
}

impl Transformer {
    /// Builds the encoder on `parameters`, which it shares.
    ///
    /// # Errors
    /// A parameter that is not there.
    pub fn new(config: &NetworkConfig, parameters: &Parameters) -> Result<Self> {
        let layers = (0..config.layers).map(|number| Layer::new(config, parameters, number));
        Ok(Self {
            embeddings: Embeddings::new(config, parameters)?,
            layers: layers.collect::<Result<_>>()?,
        })
    }

    /// The states [texts, tokens, width] after the last layer. Those at padded positions mean
    /// nothing.
    ///
    /// # Errors
    /// libtorch fails: memory is full, or a text has more tokens than there are positions.
    pub fn states(&self, batch: &Batch) -> Result<Tensor> {
        self.states_with_dropout(batch, Dropout::default())
    }

    /// [`Self::states`], with dropout from libtorch's random numbers.
    ///
    /// # Errors
    /// As [`Self::states`].
    pub fn states_with_dropout(&self, batch: &Batch, dropout: Dropout) -> Result<Tensor> {
        let mut states = Dropout::apply(dropout.states, self.embeddings.states(&batch.ids)?)?;
        if let Some(layer) = self.layers.first() {
            states = states.f_to_kind(layer.query.kind())?;
        }
        let bias = batch.attention_bias(states.kind())?;
        for layer in &self.layers {
            states = layer.states(&states, bias.as_ref(), dropout)?;
        }
        Ok(states)
    }
}

/// The sum of word, position and token type embedding, normalized.
#[derive(Debug)]
struct Embeddings {
    words: Tensor,
    positions: Tensor,
    /// The embedding of token type 0, [width], which every token of a single text has.
    token_type: Option<Tensor>,
    norm: Norm,
}

impl Embeddings {
    fn new(config: &NetworkConfig, parameters: &Parameters) -> Result<Self> {
        let names = config.architecture.names();
        let token_types =
            names.token_types.map(|name| embedding_table(parameters, name)).transpose()?;
        Ok(Self {
            words: embedding_table(parameters, names.words)?,
            positions: embedding_table(parameters, names.positions)?,
            token_type: token_types.map(|table| table.f_select(0, 0)).transpose()?,
            norm: Norm::new(parameters, names.embedding_norm, config.norm_epsilon)?,
        })
    }

    /// [texts, tokens] → [texts, tokens, width]
    fn states(&self, ids: &Tensor) -> Result<Tensor> {
        let (_, tokens) = ids.size2()?;
        let mut states = Tensor::f_embedding(&self.words, ids, -1, false, false)?;
        if let Some(token_type) = &self.token_type {
            states = states.f_add(token_type)?;
        }
        states = states.f_add(&self.positions.f_narrow(0, 0, tokens)?)?;
        self.norm.apply(&states)
    }
}

/// Self-attention and feed-forward, each with its residual and layer norm.
#[derive(Debug)]
struct Layer {
    heads: i64,
    query: Dense,
    key: Dense,
    value: Dense,
    attention_output: Dense,
    attention_norm: Norm,
    expand: Dense,
    contract: Dense,
    output_norm: Norm,
    activation: Activation,
}

impl Layer {
    fn new(config: &NetworkConfig, parameters: &Parameters, number: i64) -> Result<Self> {
        let names = config.architecture.layer_names(number);
        let dense = |name: &str| Dense::new(parameters, name);
        let norm = |name: &str| Norm::new(parameters, name, config.norm_epsilon);
        Ok(Self {
            heads: config.heads,
            query: dense(&names.query)?,
            key: dense(&names.key)?,
            value: dense(&names.value)?,
            attention_output: dense(&names.attention_output)?,
            attention_norm: norm(&names.attention_norm)?,
            expand: dense(&names.expand)?,
            contract: dense(&names.contract)?,
            output_norm: norm(&names.output_norm)?,
            activation: config.activation,
        })
    }

    /// [texts, tokens, width] → the same shape. `bias` is what [`Batch::attention_bias`] makes.
    fn states(&self, states: &Tensor, bias: Option<&Tensor>, dropout: Dropout) -> Result<Tensor> {
        let attended = self.attention(states, bias, dropout.attention)?;
        let attended = Dropout::apply(dropout.states, self.attention_output.apply(&attended)?)?;
        let states = self.attention_norm.apply(&attended.f_add(states)?)?;
        let inner = activate(self.activation, &self.expand.apply(&states)?)?;
        let contracted = Dropout::apply(dropout.states, self.contract.apply(&inner)?)?;
        self.output_norm.apply(&contracted.f_add(&states)?)
    }

    fn attention(&self, states: &Tensor, bias: Option<&Tensor>, dropout: f64) -> Result<Tensor> {
        let (texts, tokens, width) = states.size3()?;
        // [texts, tokens, width] → [texts, heads, tokens, width / heads]
        let split = |dense: &Dense| -> Result<Tensor> {
            let by_head =
                dense.apply(states)?.f_view([texts, tokens, self.heads, width / self.heads])?;
            Ok(by_head.f_transpose(1, 2)?)
        };
        let (query, key, value) = (split(&self.query)?, split(&self.key)?, split(&self.value)?);
        // On a CPU the gradients of libtorch's fused attention are near half of a step of training;
        // with the plain steps a step takes three quarters of the time.
        let mixed = if dropout == 0.0 && query.requires_grad() && query.device() == Device::Cpu {
            attention_in_steps(&query, &key, &value, bias)?
        } else {
            Tensor::f_scaled_dot_product_attention(
                &query, &key, &value, bias, dropout, false, None, false,
            )?
        };
        Ok(mixed.f_transpose(1, 2)?.f_reshape([texts, tokens, width])?)
    }
}

/// softmax(query · keyᵀ / √width + bias) · value, each [texts, heads, tokens, width of a head].
fn attention_in_steps(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor> {
    let width = query.size4()?.3 as f64;
    let mut scores = query.f_mul_scalar(width.sqrt().recip())?.f_matmul(&key.f_transpose(2, 3)?)?;
    if let Some(bias) = bias {
        scores = scores.f_add(bias)?;
    }
    Ok(scores.f_softmax(-1, None::<Kind>)?.f_matmul(value)?)
}
