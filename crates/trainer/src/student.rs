//! The model under training: float32 variables, and the network that is computed from them.

use spork_encoder_cpu::Screen;
use spork_encoder_torch::batch::Batch;
use spork_encoder_torch::head::Head;
use spork_encoder_torch::network::Network;
use spork_encoder_torch::transformer::Dropout;
use spork_encoder_torch::{Parameters, can_screen, cast_layers, pooling};
use spork_model::{NetworkConfig, Pooling, PoolingStrategy, Precision};
use tch::{Device, Kind, Tensor};

use crate::config::LayerPrecision;
use crate::error::Result;
use crate::sparse_max::{BatchTexts, sparse_max};

/// A model's variables and the settings of its computation.
#[derive(Debug)]
pub struct Student {
    pub(crate) config: NetworkConfig,
    pub(crate) parameters: Parameters,
    pub(crate) pooling: Pooling,
    pub(crate) precision: LayerPrecision,
    pub(crate) dropout: Dropout,
    pub(crate) device: Device,
    /// Of queries without a network, where they are trained: see `token_queries`.
    pub(crate) query_weights: Option<Tensor>,
}

/// The name of the query weights among the variables.
const QUERY_WEIGHTS: &str = "query_weights";

impl Student {
    /// Turns `parameters` into variables on `device`.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn new(
        config: NetworkConfig,
        parameters: Parameters,
        pooling: Pooling,
        precision: LayerPrecision,
        dropout: Dropout,
        device: Device,
    ) -> Result<Self> {
        let mut variables = Parameters::default();
        for (name, tensor) in parameters.iter() {
            let tensor = tensor.f_to_device(device)?.f_to_kind(Kind::Float)?.f_detach_copy()?;
            variables.insert(name, tensor.f_set_requires_grad(true)?);
        }
        let query_weights = None;
        Ok(Self {
            config,
            parameters: variables,
            pooling,
            precision,
            dropout,
            device,
            query_weights,
        })
    }

    /// The network's variables by name.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Names and variables of all that is trained.
    pub(crate) fn variables(&self) -> Vec<(String, Tensor)> {
        let weights = self.query_weights.iter().map(|weights| (QUERY_WEIGHTS, weights));
        self.parameters
            .iter()
            .chain(weights)
            .map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone()))
            .collect()
    }

    /// The network in the precision of the run. The decoder stays float32, as embeddings do: it may
    /// be the word embedding.
    pub(crate) fn network(&self) -> Result<Network> {
        if self.precision == LayerPrecision::Fp32 {
            return Ok(Network::new(&self.config, &self.parameters)?);
        }
        let names = self.config.architecture.names();
        let float = [names.decoder_weight, names.decoder_bias];
        let cast = cast_layers(Precision::BFloat16, &self.parameters, &float)?;
        Ok(Network::new(&self.config, &cast)?)
    }

    /// The screen of the decoder as it is now, where one pays.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub(crate) fn screen(&self) -> Result<Option<Screen>> {
        if !can_screen(self.pooling, self.device)? {
            return Ok(None);
        }
        Ok(Head::new(&self.config, &self.parameters)?.screen()?)
    }

    /// The weights [texts, vocabulary] of texts, float32. `screen` is of the decoder as it is now.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub(crate) fn weights(
        &self,
        texts: &[&[u32]],
        screen: Option<&Screen>,
        dropout: Dropout,
    ) -> Result<Tensor> {
        let batch = Batch::new(texts, self.device)?;
        let network = self.network()?;
        let states = network.transformer().states_with_dropout(&batch, dropout)?;
        let (head, padding) = (network.head(), batch.padding.as_ref());
        let weights = match self.pooling.strategy {
            PoolingStrategy::Max => {
                let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
                let of = BatchTexts { padding, lengths: &lengths, screen };
                sparse_max(head, &states, &of, self.pooling.saturation)?
            }
            PoolingStrategy::Sum => pooling::term_weights(self.pooling, head, &states, padding)?,
        };
        Ok(weights.f_to_kind(Kind::Float)?)
    }

    /// The weights of texts as a user of the model would get them: no dropout, no gradients.
    ///
    /// # Errors
    /// libtorch fails, usually because memory is full.
    pub fn encode(&self, ids: &[&[u32]]) -> Result<Vec<Vec<f32>>> {
        let _guard = tch::no_grad_guard();
        let weights = self.weights(ids, self.screen()?.as_ref(), Dropout::default())?;
        let (texts, vocabulary) = weights.size2()?;
        let mut values = vec![0f32; (texts * vocabulary) as usize];
        let length = values.len();
        weights.f_to_device(Device::Cpu)?.f_contiguous()?.f_copy_data(&mut values, length)?;
        Ok(values.chunks(vocabulary as usize).map(<[f32]>::to_vec).collect())
    }
}
