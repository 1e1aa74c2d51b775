//! The model that a run starts from: loaded, given a head where it has none, and set to a sensible
//! density.

use std::path::Path;

use spork_encoder_torch::Parameters;
use spork_encoder_torch::batch::Batch;
use spork_encoder_torch::head::Head;
use spork_encoder_torch::network::Network;
use spork_model::config::{Activation, NetworkConfig};
use spork_model::{Checkpoint, TextTokenizer};
use tch::{Device, Kind, Tensor};

use crate::error::{Result, TrainError};
use crate::random::{Purpose, torch_seed};
use crate::student::Student;

/// The standard deviation of new weights: that of BERT's initialization.
const DEVIATION: f64 = 0.02;

/// A model directory, read.
pub(crate) struct InitialModel {
    pub(crate) config: NetworkConfig,
    pub(crate) tokenizer: TextTokenizer,
    pub(crate) parameters: Parameters,
}

/// Loads `directory`. An encoder without masked-language-model head gets one.
pub(crate) fn open(directory: &Path, seed: u64) -> Result<InitialModel> {
    let mut config = NetworkConfig::read(directory)?;
    let tokenizer = TextTokenizer::open(directory, false)?;
    let architecture = config.architecture;
    let checkpoint = Checkpoint::open(directory)?.renamed(|name| architecture.current_name(name));
    let head = config.expected_head_tensors();
    let has_head = head.first().is_some_and(|dense| checkpoint.shape(&dense.name).is_some());
    let parameters = if has_head {
        Parameters::from_tensors(checkpoint.load(&config.expected_tensors())?)?
    } else {
        tracing::info!("{} has no masked-language-model head; making one", directory.display());
        config.tied_decoder = true;
        let tensors = checkpoint.load(&config.expected_encoder_tensors())?;
        let mut parameters = Parameters::from_tensors(tensors)?;
        add_head(&config, &mut parameters, seed)?;
        parameters
    };
    if tokenizer.tokens().len() as i64 > config.vocabulary {
        return Err(TrainError::Data(format!(
            "{}: the tokenizer has {} tokens, the network {}; give the tokenizer that belongs to \
             it",
            directory.display(),
            tokenizer.tokens().len(),
            config.vocabulary
        )));
    }
    Ok(InitialModel { config, tokenizer, parameters })
}

/// A head that passes the last state on nearly as it is, to a decoder tied to the word embeddings.
fn add_head(config: &NetworkConfig, parameters: &mut Parameters, seed: u64) -> Result<()> {
    tch::manual_seed(torch_seed(seed, Purpose::Head, 0));
    let cpu = (Kind::Float, Device::Cpu);
    for tensor in config.expected_head_tensors().into_iter().filter(|tensor| tensor.required) {
        let shape = tensor.shape.as_slice();
        let value = match shape {
            [outputs, inputs] => {
                let noise = Tensor::f_randn(shape, cpu)?.f_mul_scalar(DEVIATION)?;
                noise.f_add(&Tensor::f_eye_m(*outputs, *inputs, cpu)?)?
            }
            _ if tensor.name.ends_with(".weight") => Tensor::f_ones(shape, cpu)?,
            _ => Tensor::f_zeros(shape, cpu)?,
        };
        parameters.insert(tensor.name, value);
    }
    Ok(())
}

/// A bias that no logit overcomes, and that float16 holds.
const SUPPRESSED: f64 = -1e4;

/// Keeps the terms `ids` at weight zero for ever: a logit under zero has no gradient.
pub(crate) fn suppress(student: &Student, ids: &[u32]) -> Result<()> {
    let _guard = tch::no_grad_guard();
    let ids: Vec<i64> = ids.iter().map(|&id| i64::from(id)).collect();
    let ids = Tensor::f_from_slice(&ids)?.f_to_device(student.device)?;
    let mut bias = Head::new(&student.config, &student.parameters)?.bias().shallow_clone();
    let _ = bias.f_index_fill_(0, &ids, SUPPRESSED)?;
    Ok(())
}

/// Shifts the decoder's bias so that these texts have `terms` terms on average. Returns the shift.
pub(crate) fn set_density(student: &Student, texts: &[&[u32]], terms: usize) -> Result<f64> {
    let _guard = tch::no_grad_guard();
    let network = Network::new(&student.config, &student.parameters)?;
    let mut maxima = Vec::new();
    for text in texts {
        let states = network.transformer().states(&Batch::new(&[text], student.device)?)?;
        let head = network.head();
        let logits = head.logits(&head.transform(&states)?, 0..head.vocabulary()?)?;
        maxima.push(logits.f_amax(1, false)?.f_flatten(0, -1)?);
    }
    let maxima = Tensor::f_cat(&maxima, 0)?;
    let wanted = ((terms * texts.len()) as i64).clamp(1, maxima.numel() as i64);
    let (largest, _) = maxima.f_topk(wanted, 0, true, true)?;
    let threshold = f64::try_from(&largest.f_select(0, wanted - 1)?)?;
    let mut bias = network.head().bias().shallow_clone();
    let _ = bias.f_sub_scalar_(threshold)?;
    Ok(-threshold)
}

/// The name of the activation in config.json.
pub(crate) fn activation_name(activation: Activation) -> &'static str {
    match activation {
        Activation::Gelu => "gelu",
        Activation::GeluTanh => "gelu_new",
        Activation::Relu => "relu",
    }
}
