//! Encoding with a network: token ids are grouped by length, run through the network in batches,
//! and come back as sparse vectors in the order in which they were given.

use std::collections::HashSet;
use std::path::Path;

use spork_core::{SparseVector, Stopped};
use spork_model::{
    Checkpoint, Identity, LoadOptions, ModelError, NetworkConfig, NetworkRoute, Pooling,
    PoolingStrategy, TextTokenizer, TokenTable,
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
    /// Weights for the text's own tokens, which are then the only terms.
    table: Option<TokenTable>,
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
        tokenizer.check_rows(root, rows)?;
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
        let table = match &route.table {
            Some(weights) => TokenTable::read(weights, &tokenizer)?,
            None => None,
        };
        let checksum = match &table {
            Some(table) => Identity::checksum_of_both(checksum, table.checksum()),
            None => checksum,
        };
        Ok(Self { tokenizer, config, pooling, table, checksum, network })
    }

    /// How many terms the vectors are over.
    pub(crate) fn width(&self) -> usize {
        self.config.vocabulary as usize
    }

    /// Tokens a text at most: `asked`, if the network can take that, or else what the directory
    /// says for this kind of text, or the tokenizer for any.
    pub(crate) fn max_length(&self, asked: Option<usize>, stored: Option<usize>) -> Result<usize> {
        let least = self.tokenizer.frame_length() + 1;
        let most = self.config.positions as usize;
        let own = || stored.or(self.tokenizer.max_length()).unwrap_or(most).min(most);
        let length = asked.unwrap_or_else(own);
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
        progress: &mut dyn FnMut(Progress) -> std::result::Result<(), Stopped>,
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
            for (&text, mut weights) in batch.iter().zip(encoded) {
                if let Some(table) = &self.table {
                    weigh_own(&mut weights, &ids[text], table);
                }
                vectors[text] = self.vector(text, weights)?;
            }
            let tokens = batch.iter().map(|&text| lengths[text]).sum::<usize>();
            let longest = batch.iter().map(|&text| lengths[text]).max().unwrap_or(0);
            let pads = self.network.placement().pads;
            let padding = if pads { longest * batch.len() - tokens } else { 0 };
            done += Progress { texts: batch.len(), tokens, padding };
            progress(done)?;
            Ok(())
        })?;
        if batches.is_empty() {
            progress(done)?;
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

/// Keeps the terms that are among the text's `ids`, special tokens included, each multiplied by its
/// weight in the table.
fn weigh_own(weights: &mut TermWeights, ids: &[u32], table: &TokenTable) {
    let own: HashSet<u32> = ids.iter().copied().collect();
    weights.retain_mut(|(term, weight)| {
        *weight *= table.weight(term.0);
        own.contains(&term.0) && *weight != 0.0
    });
}

/// The caller's pooling, or else the directory's; an error if neither names one.
fn choose_pooling(
    root: &Path,
    stored: Option<Pooling>,
    asked: Option<PoolingStrategy>,
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
