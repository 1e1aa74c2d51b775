//! Encoding with a network: token ids are grouped by length, run through the network in batches, and come back as
//! sparse vectors in the order in which they were given.

use std::path::Path;

use spork_core::SparseVector;
use tch::Device;

use crate::batching::batches;
use crate::config::NetworkConfig;
use crate::directory::NetworkRoute;
use crate::error::{EncodeError, Result};
use crate::options::{self, LoadOptions, Progress};
use crate::pooling::{Pooling, Strategy};
use crate::precision::Precision;
use crate::tokenizer::TextTokenizer;
use crate::weights::Checkpoint;
use crate::worker::{self, Weights};
use crate::workers::Workers;

/// A tokenizer, a network and a pooling, ready to encode.
pub(crate) struct NetworkEncoder {
    pub(crate) tokenizer: TextTokenizer,
    pub(crate) config: NetworkConfig,
    pub(crate) pooling: Pooling,
    pub(crate) precision: Precision,
    /// Tokens a text at most unless the caller says otherwise.
    pub(crate) max_length: usize,
    /// CRC-32 of the weights.
    pub(crate) checksum: u32,
    device: Device,
    /// One a thread.
    workers: Workers,
}

impl NetworkEncoder {
    /// Loads what `route` points to. `root` is the model's directory, for messages.
    pub(crate) fn open(root: &Path, route: &NetworkRoute, options: &LoadOptions) -> Result<Self> {
        let device = options.device;
        let pooling = choose_pooling(root, route.pooling, options.pooling)?;
        let config = NetworkConfig::read(&route.folder)?;
        let tokenizer = TextTokenizer::open(&route.folder, route.lowercase)?;
        let rows = config.vocabulary as usize;
        if tokenizer.tokens().len() > rows {
            let largest_id = tokenizer.tokens().len() - 1;
            return Err(EncodeError::TokenizerTooLarge { directory: root.to_owned(), largest_id, rows });
        }
        let architecture = config.architecture;
        let checkpoint = Checkpoint::open(&route.folder)?.renamed(|name| architecture.current_name(name));
        let parameters = checkpoint.load(&config.expected_tensors())?;
        let checksum = parameters.checksum()?;
        let screen = options.screen && worker::can_screen(pooling, device)?;
        let parameters = options.precision.cast_network(&config, parameters.to_device(device)?, screen)?;
        let workers = Workers::new(&config, &parameters, pooling, device, screen)?;
        let positions = config.positions as usize;
        let max_length = route.max_length.or(tokenizer.max_length()).unwrap_or(positions).min(positions);
        let precision = options.precision;
        Ok(Self { tokenizer, config, pooling, precision, max_length, checksum, device, workers })
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
        let mut done = Progress::default();
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        let batch_tokens = options::batch_tokens(batch_tokens, self.device);
        self.workers.encode(&batches(&lengths, batch_tokens), ids, |batch, encoded| {
            for (&text, weights) in batch.iter().zip(encoded) {
                vectors[text] = self.vector(text, weights)?;
            }
            let tokens = batch.iter().map(|&text| lengths[text]).sum::<usize>();
            let longest = batch.iter().map(|&text| lengths[text]).max().unwrap_or(0);
            done += Progress { texts: batch.len(), tokens, padding: longest * batch.len() - tokens };
            progress(done);
            Ok(())
        })?;
        Ok(vectors)
    }

    fn vector(&self, index: usize, weights: Weights) -> Result<SparseVector> {
        SparseVector::new(weights).map_err(|(term, error)| {
            let name = self.tokenizer.tokens().get(term.0 as usize);
            EncodeError::Weight { index, term: name.cloned().unwrap_or_default(), error }
        })
    }
}

/// What the caller asks for counts over what the directory says; one of them must say it.
fn choose_pooling(root: &Path, stored: Option<Pooling>, asked: Option<Strategy>) -> Result<Pooling> {
    match (stored, asked) {
        (None, None) => Err(EncodeError::PoolingUnknown { directory: root.to_owned() }),
        (None, Some(strategy)) => Ok(strategy.into()),
        (Some(stored), None) => Ok(stored),
        (Some(stored), Some(strategy)) => {
            if stored.strategy != strategy {
                tracing::warn!(
                    "{} says that it pools by {stored}; pooling by {} as asked",
                    root.display(),
                    Pooling { strategy, ..stored }
                );
            }
            Ok(Pooling { strategy, ..stored })
        }
    }
}
