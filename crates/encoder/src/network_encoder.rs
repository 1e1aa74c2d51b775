//! Encoding with a network: texts are tokenized, grouped by length, run through the network in batches, and come
//! back as sparse vectors in the order in which they were given.

use std::path::Path;

use spork_core::{SparseVector, TermId};
use tch::Device;

use crate::batching::batches;
use crate::config::NetworkConfig;
use crate::directory::NetworkRoute;
use crate::error::{EncodeError, Result};
use crate::network::{Batch, Network};
use crate::options::{LoadOptions, Progress};
use crate::pooling::{Pooling, Strategy};
use crate::tokenizer::TextTokenizer;
use crate::weights::Checkpoint;

/// Texts that are tokenized ahead and grouped by length together.
const LOOK_AHEAD: usize = 4096;

/// A tokenizer, a network and a pooling, ready to encode.
pub(crate) struct NetworkEncoder {
    pub(crate) tokenizer: TextTokenizer,
    pub(crate) config: NetworkConfig,
    pub(crate) pooling: Pooling,
    /// Tokens a text at most unless the caller says otherwise.
    pub(crate) max_length: usize,
    /// CRC-32 of the weights.
    pub(crate) checksum: u32,
    network: Network,
    device: Device,
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
        let parameters = options.precision.cast_network(&config, parameters.to_device(device)?)?;
        let network = Network::new(&config, &parameters)?;
        let positions = config.positions as usize;
        let max_length = route.max_length.or(tokenizer.max_length()).unwrap_or(positions).min(positions);
        Ok(Self { tokenizer, config, pooling, max_length, checksum, network, device })
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

    /// One vector a text.
    pub(crate) fn encode<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        max_length: usize,
        batch_tokens: usize,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<SparseVector>> {
        let mut vectors = vec![SparseVector::default(); texts.len()];
        let mut done = Progress::default();
        for (slab, vectors) in texts.chunks(LOOK_AHEAD).zip(vectors.chunks_mut(LOOK_AHEAD)) {
            let first = done.texts;
            // Other threads get the tokenizer only: the network's tensors are not for sharing.
            let tokenizer = &self.tokenizer;
            let ids = TextTokenizer::each(slab, |text| tokenizer.framed(text, max_length))
                .map_err(|error| error.shifted(first))?;
            let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
            for batch in batches(&lengths, batch_tokens) {
                self.encode_batch(&batch, &ids, vectors).map_err(|error| error.shifted(first))?;
                done.texts += batch.len();
                done.tokens += batch.iter().map(|&text| lengths[text]).sum::<usize>();
                progress(done);
            }
        }
        Ok(vectors)
    }

    /// Encodes the texts whose positions are in `batch`, and puts their vectors there.
    fn encode_batch(&self, batch: &[usize], ids: &[Vec<u32>], vectors: &mut [SparseVector]) -> Result<()> {
        // A tokenizer without special tokens makes nothing of an empty text: its vector is empty.
        let texts: Vec<usize> = batch.iter().copied().filter(|&text| !ids[text].is_empty()).collect();
        if texts.is_empty() {
            return Ok(());
        }
        let rows: Vec<&[u32]> = texts.iter().map(|&text| ids[text].as_slice()).collect();
        let weights = self.weights(&rows)?;
        for (&text, row) in texts.iter().zip(weights.chunks(self.width())) {
            vectors[text] = self.vector(text, row)?;
        }
        Ok(())
    }

    /// The weights of all terms, one text after the other.
    fn weights(&self, rows: &[&[u32]]) -> Result<Vec<f32>> {
        let _guard = tch::no_grad_guard();
        let weights = self.network.term_weights(&Batch::new(rows, self.device)?, self.pooling)?;
        let mut values = vec![0.0; rows.len() * self.width()];
        weights.f_to_device(Device::Cpu)?.f_copy_data(&mut values, rows.len() * self.width())?;
        Ok(values)
    }

    fn vector(&self, index: usize, weights: &[f32]) -> Result<SparseVector> {
        // NaN is unlike zero too, and is refused.
        let terms = weights.iter().enumerate().filter(|&(_, &weight)| weight != 0.0);
        SparseVector::new(terms.map(|(term, &weight)| (TermId(term as u32), weight)).collect()).map_err(
            |(term, error)| {
                let name = self.tokenizer.tokens().get(term.0 as usize);
                EncodeError::Weight { index, term: name.cloned().unwrap_or_default(), error }
            },
        )
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
