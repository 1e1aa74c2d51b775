//! Encoding with a network: token ids are grouped by length, run through the network in batches,
//! and come back as sparse vectors in the order in which they were given.

use std::path::Path;

use spork_core::SparseVector;
use spork_model::{
    Checkpoint, LoadOptions, ModelError, NetworkConfig, NetworkRoute, Pooling, Strategy,
    TextTokenizer,
};

use crate::backend::{Backend, Batch, NetworkSpec, SpladeNetwork, TermWeights};
use crate::batching::batches;
use crate::error::{EncodeError, Result};
use crate::progress::Progress;

/// A tokenizer, a network and a pooling, ready to encode.
pub(crate) struct NetworkEncoder {
    pub(crate) tokenizer: TextTokenizer,
    pub(crate) config: NetworkConfig,
    pub(crate) pooling: Pooling,
    /// Tokens a text at most unless the caller says otherwise.
    pub(crate) max_length: usize,
    /// CRC-32 of the weights.
    pub(crate) checksum: u32,
    pub(crate) network: Box<dyn SpladeNetwork>,
}

impl NetworkEncoder {
    /// Loads what `route` points to. `root` is the model's directory, for messages.
    pub(crate) fn open(
        root: &Path,
        route: &NetworkRoute,
        options: &LoadOptions,
        backend: &dyn Backend,
    ) -> Result<Self> {
        let pooling = choose_pooling(root, route.pooling, options.pooling)?;
        let config = NetworkConfig::read(&route.folder)?;
        let tokenizer = TextTokenizer::open(&route.folder, route.lowercase)?;
        let rows = config.vocabulary as usize;
        if tokenizer.tokens().len() > rows {
            let largest_id = tokenizer.tokens().len() - 1;
            return Err(ModelError::TokenizerTooLarge {
                directory: root.to_owned(),
                largest_id,
                rows,
            }
            .into());
        }
        let architecture = config.architecture;
        let checkpoint =
            Checkpoint::open(&route.folder)?.renamed(|name| architecture.current_name(name));
        let tensors = checkpoint.load(&config.expected_tensors())?;
        let checksum = tensors.checksum();
        let spec = NetworkSpec {
            config: &config,
            tensors,
            device: options.device,
            precision: options.precision,
        };
        let network = backend.splade(spec, pooling, options.screening)?;
        let positions = config.positions as usize;
        let max_length =
            route.max_length.or(tokenizer.max_length()).unwrap_or(positions).min(positions);
        Ok(Self { tokenizer, config, pooling, max_length, checksum, network })
    }

    /// How many terms the vectors are over.
    pub(crate) fn width(&self) -> usize {
        self.config.vocabulary as usize
    }

    /// `asked`, or the model's own length, if the network can take it.
    pub(crate) fn max_length(&self, asked: Option<usize>) -> Result<usize> {
        let least = self.tokenizer.frame_length() + 1;
        let most = self.config.positions as usize;
        let length = asked.unwrap_or(self.max_length);
        if (least..=most).contains(&length) {
            Ok(length)
        } else {
            Err(EncodeError::MaxLength { asked: length, least, most })
        }
    }

    /// One vector a text, given as token ids.
    pub(crate) fn encode(
        &self,
        ids: &[Vec<u32>],
        batch_tokens: Option<usize>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<SparseVector>> {
        let mut vectors = vec![SparseVector::default(); ids.len()];
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        let batches =
            batches(&lengths, batch_tokens.unwrap_or(self.network.placement().batch_tokens));
        let texts: Vec<Batch<'_>> = batches
            .iter()
            .map(|batch| batch.iter().map(|&text| ids[text].as_slice()).collect())
            .collect();
        // A tokenizer without special tokens makes nothing of an empty text: its vector is empty.
        let empty = lengths.iter().filter(|&&length| length == 0).count();
        let mut done = Progress { texts: empty, ..Progress::default() };
        self.network.encode(&texts, &mut |number, encoded| {
            let batch = &batches[number];
            for (&text, weights) in batch.iter().zip(encoded) {
                vectors[text] = self.vector(text, weights)?;
            }
            let tokens = batch.iter().map(|&text| lengths[text]).sum::<usize>();
            let longest = batch.iter().map(|&text| lengths[text]).max().unwrap_or(0);
            done +=
                Progress { texts: batch.len(), tokens, padding: longest * batch.len() - tokens };
            progress(done);
            Ok(())
        })?;
        if batches.is_empty() {
            progress(done);
        }
        Ok(vectors)
    }

    fn vector(&self, index: usize, weights: TermWeights) -> Result<SparseVector> {
        let named = SparseVector::new(weights).map_err(|(term, error)| {
            let name = self.tokenizer.tokens().get(term.0 as usize);
            ModelError::Weight { index, term: name.cloned().unwrap_or_default(), error }
        });
        Ok(named?)
    }
}

/// What the caller asks for counts over what the directory says; one of them must say it.
fn choose_pooling(
    root: &Path,
    stored: Option<Pooling>,
    asked: Option<Strategy>,
) -> Result<Pooling> {
    match (stored, asked) {
        (None, None) => Err(ModelError::PoolingUnknown { directory: root.to_owned() }.into()),
        (None, Some(strategy)) => Ok(strategy.into()),
        (Some(stored), None) => Ok(stored),
        (Some(stored), Some(strategy)) => {
            if stored.strategy != strategy {
                tracing::warn!(
                    "{} names the pooling {stored}; using {} as given",
                    root.display(),
                    Pooling { strategy, ..stored }
                );
            }
            Ok(Pooling { strategy, ..stored })
        }
    }
}
