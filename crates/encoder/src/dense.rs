//! Dense encoders of sentence-transformers: a Transformer without head, the mean of its tokens' states, length 1.
//!
//! Not what this project is for, but what teaches it: one such model scores many pairs of query and document.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};
use tch::{Device, Kind, Tensor};

use crate::batching::batches;
use crate::config::NetworkConfig;
use crate::directory::{Modules, TransformerConfig};
use crate::error::{EncodeError, Result};
use crate::json;
use crate::network::Batch;
use crate::options::{self, Progress};
use crate::precision::Precision;
use crate::tokenizer::TextTokenizer;
use crate::transformer::Transformer;
use crate::weights::Checkpoint;

/// Texts that are tokenized ahead and grouped by length together.
const LOOK_AHEAD: usize = 4096;

/// A dense encoder, ready to embed.
pub struct DenseModel {
    tokenizer: TextTokenizer,
    transformer: Transformer,
    /// Tokens a text at most.
    max_length: usize,
    /// Numbers of an embedding.
    width: usize,
    device: Device,
}

impl DenseModel {
    /// Loads a directory of sentence-transformers: Transformer, Pooling by mean, and perhaps Normalize.
    ///
    /// # Errors
    /// Another kind of model, files that are missing or damaged, or what libtorch says.
    pub fn open(directory: &Path, device: Device) -> Result<Self> {
        Self::open_with_precision(directory, device, Precision::Float32)
    }

    /// [`Self::open`], computing in `precision`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_precision(directory: &Path, device: Device, precision: Precision) -> Result<Self> {
        let folder = transformer_folder(directory)?;
        let settings: TransformerConfig =
            json::read_optional(&folder.join("sentence_bert_config.json"))?.unwrap_or_default();
        let config = NetworkConfig::read(&folder)?;
        let tokenizer = TextTokenizer::open(&folder, settings.do_lower_case)?;
        let rows = config.vocabulary as usize;
        if tokenizer.tokens().len() > rows {
            let largest_id = tokenizer.tokens().len() - 1;
            return Err(EncodeError::TokenizerTooLarge { directory: folder, largest_id, rows });
        }
        let architecture = config.architecture;
        let checkpoint = Checkpoint::open(&folder)?.renamed(|name| architecture.current_name(name));
        let parameters = checkpoint.load(&config.expected_encoder_tensors())?.to_device(device)?;
        let transformer = Transformer::new(&config, &precision.cast(parameters)?)?;
        let positions = config.positions as usize;
        let max_length =
            settings.max_seq_length.or(tokenizer.max_length()).unwrap_or(positions).min(positions);
        let least = tokenizer.frame_length() + 1;
        if max_length < least {
            return Err(EncodeError::MaxLength { asked: max_length, least, most: positions });
        }
        Ok(Self { tokenizer, transformer, max_length, width: config.width as usize, device })
    }

    /// One vector of length 1 a text, so that dot products are cosines.
    ///
    /// # Errors
    /// A text that the tokenizer gives up on, or what libtorch says, usually that memory is full.
    pub fn embed<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        batch_tokens: Option<usize>,
    ) -> Result<Vec<Vec<f32>>> {
        self.embed_with_progress(texts, batch_tokens, &mut |_| {})
    }

    /// [`Self::embed`], telling `progress` after each batch how far it has come.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn embed_with_progress<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        batch_tokens: Option<usize>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Vec<f32>>> {
        let mut vectors = vec![Vec::new(); texts.len()];
        let mut done = Progress::default();
        let batch_tokens = options::batch_tokens(batch_tokens, self.device);
        for (slab, vectors) in texts.chunks(LOOK_AHEAD).zip(vectors.chunks_mut(LOOK_AHEAD)) {
            let first = done.texts;
            // Other threads get the tokenizer only: the network's tensors are not for sharing.
            let (tokenizer, most) = (&self.tokenizer, self.max_length);
            let ids = TextTokenizer::each(slab, |text| tokenizer.framed(text, most))
                .map_err(|error| error.shifted(first))?;
            let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
            for batch in batches(&lengths, batch_tokens) {
                self.embed_batch(&batch, &ids, vectors)?;
                done.texts += batch.len();
                done.tokens += batch.iter().map(|&text| lengths[text]).sum::<usize>();
                progress(done);
            }
        }
        Ok(vectors)
    }

    /// Embeds the texts whose positions are in `batch`, and puts their vectors there.
    fn embed_batch(&self, batch: &[usize], ids: &[Vec<u32>], vectors: &mut [Vec<f32>]) -> Result<()> {
        // A tokenizer without special tokens makes nothing of an empty text, which is like no other.
        let (texts, empty): (Vec<usize>, Vec<usize>) = batch.iter().partition(|&&text| !ids[text].is_empty());
        for text in empty {
            vectors[text] = vec![0.0; self.width];
        }
        if texts.is_empty() {
            return Ok(());
        }
        let rows: Vec<&[u32]> = texts.iter().map(|&text| ids[text].as_slice()).collect();
        let values = self.means(&rows)?;
        for (&text, values) in texts.iter().zip(values.chunks(self.width)) {
            vectors[text] = values.to_vec();
        }
        Ok(())
    }

    /// The normalised means, one text after the other.
    fn means(&self, rows: &[&[u32]]) -> Result<Vec<f32>> {
        let _guard = tch::no_grad_guard();
        let batch = Batch::new(rows, self.device)?;
        let states = self.transformer.states(&batch)?.f_to_kind(Kind::Float)?;
        let means = mean_of_tokens(&states, &batch)?;
        let lengths = means.f_norm_scalaropt_dim(2.0, [1i64], true)?.f_clamp_min(1e-12)?;
        let mut values = vec![0.0; rows.len() * self.width];
        means.f_div(&lengths)?.f_to_device(Device::Cpu)?.f_copy_data(&mut values, rows.len() * self.width)?;
        Ok(values)
    }
}

/// [texts, tokens, width] → [texts, width]: the mean over tokens that are no padding.
fn mean_of_tokens(states: &Tensor, batch: &Batch) -> Result<Tensor> {
    let Some(padding) = &batch.padding else {
        return Ok(states.f_mean_dim([1i64].as_slice(), false, Kind::Float)?);
    };
    let real = padding.f_logical_not()?.f_to_kind(Kind::Float)?.f_unsqueeze(2)?;
    let sums = states.f_mul(&real)?.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?;
    Ok(sums.f_div(&real.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?)?)
}

/// config_sentence_transformers.json.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Prompts {
    prompts: Map<String, Value>,
}

/// Where the Transformer lies, once all modules are known to be understood.
fn transformer_folder(directory: &Path) -> Result<PathBuf> {
    let modules = Modules::read(directory)?;
    let kinds = modules.kinds();
    if !matches!(kinds.as_slice(), ["Transformer", "Pooling"] | ["Transformer", "Pooling", "Normalize"]) {
        let found = format!("[{}]", kinds.join(", "));
        return Err(EncodeError::NotDense { path: modules.path().to_owned(), found });
    }
    check_pooling(&modules.folder(1)?.join("config.json"))?;
    let path = directory.join("config_sentence_transformers.json");
    let prompts: Prompts = json::read_optional(&path)?.unwrap_or_default();
    let some =
        prompts.prompts.iter().find(|(_, prompt)| prompt.as_str().is_some_and(|text| !text.is_empty()));
    if let Some((name, prompt)) = some {
        let expected = "no prompt (a dense model that needs prompts is not supported)";
        return Err(EncodeError::setting(&path, &format!("the prompt {name:?}"), Some(prompt), expected));
    }
    modules.folder(0)
}

/// Accepts pooling by mean alone, as both generations of sentence-transformers write it.
fn check_pooling(path: &Path) -> Result<()> {
    let keys: Map<String, Value> = json::read(path)?;
    let on = |name: &str| keys.get(name).and_then(Value::as_bool);
    if let Some(mode) = keys.get("pooling_mode") {
        let mean =
            mode == "mean" || mode.as_array().is_some_and(|modes| modes.len() == 1 && modes[0] == "mean");
        return if mean {
            Ok(())
        } else {
            Err(EncodeError::setting(path, "pooling_mode", Some(mode), "\"mean\""))
        };
    }
    let others = keys.keys().find(|key| {
        key.starts_with("pooling_mode_") && *key != "pooling_mode_mean_tokens" && on(key) == Some(true)
    });
    if let Some(other) = others {
        let expected = "false (only pooling by mean is supported)";
        return Err(EncodeError::setting(path, other, keys.get(other), expected));
    }
    if on("pooling_mode_mean_tokens") == Some(false) {
        let key = "pooling_mode_mean_tokens";
        return Err(EncodeError::setting(path, key, keys.get(key), "true"));
    }
    Ok(())
}
