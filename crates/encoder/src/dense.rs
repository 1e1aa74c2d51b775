//! Dense encoders: one vector of length 1 a text.

use std::path::Path;

use spork_model::{
    Checkpoint, DenseDirectory, DeviceChoice, NetworkConfig, Precision, TextTokenizer,
};

use crate::backend::{Backend, Batch, DenseNetwork, NetworkSpec, Placement};
use crate::batching::batches;
use crate::error::{EncodeError, Result};
use crate::progress::Progress;

/// Texts that are tokenized ahead and grouped by length together.
const LOOK_AHEAD: usize = 4096;

/// A dense encoder, ready to embed.
pub struct DenseModel {
    tokenizer: TextTokenizer,
    network: Box<dyn DenseNetwork>,
    /// Tokens a text at most.
    max_length: usize,
    /// Numbers of an embedding.
    width: usize,
}

impl DenseModel {
    /// Loads a directory of sentence-transformers: Transformer, Pooling by mean, and perhaps
    /// Normalize. Without a `precision`, the fastest that keeps effectiveness on the device is
    /// taken.
    ///
    /// # Errors
    /// Another kind of model, files that are missing or damaged, a device that can't be had.
    pub fn open(
        directory: &Path,
        device: DeviceChoice,
        precision: Option<Precision>,
        backend: &dyn Backend,
    ) -> Result<Self> {
        let DenseDirectory { folder, max_length, lowercase } = DenseDirectory::read(directory)?;
        let config = NetworkConfig::read(&folder)?;
        let tokenizer = TextTokenizer::open(&folder, lowercase)?;
        let rows = config.vocabulary as usize;
        tokenizer.check_rows(&folder, rows)?;
        let positions = config.positions as usize;
        let max_length = max_length.or(tokenizer.max_length()).unwrap_or(positions).min(positions);
        let least = tokenizer.frame_length() + 1;
        if max_length < least {
            return Err(EncodeError::MaxLength { asked: max_length, least, most: positions });
        }
        let architecture = config.architecture;
        let checkpoint = Checkpoint::open(&folder)?.renamed(|name| architecture.current_name(name));
        let tensors = checkpoint.load(&config.expected_encoder_tensors())?;
        let network = backend.dense(NetworkSpec { config: &config, tensors, device, precision })?;
        Ok(Self { tokenizer, network, max_length, width: config.width as usize })
    }

    /// Where and how it runs.
    pub fn placement(&self) -> &Placement {
        self.network.placement()
    }

    /// One vector of length 1 a text, so that dot products are cosines.
    ///
    /// # Errors
    /// A text that the tokenizer gives up on, or memory that is full.
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
        // A tokenizer without special tokens makes nothing of an empty text, which is like no
        // other.
        let mut vectors = vec![vec![0.0; self.width]; texts.len()];
        let mut done = Progress::default();
        let batch_tokens = batch_tokens.unwrap_or(self.placement().batch_tokens);
        for (slab, vectors) in texts.chunks(LOOK_AHEAD).zip(vectors.chunks_mut(LOOK_AHEAD)) {
            let first = done.texts;
            // Other threads get the tokenizer only: a dense network need not be fit for sharing.
            let (tokenizer, most) = (&self.tokenizer, self.max_length);
            let ids = TextTokenizer::each(slab, |text| tokenizer.framed(text, most))
                .map_err(|error| error.shifted(first))?;
            let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
            done.texts += lengths.iter().filter(|&&length| length == 0).count();
            for batch in batches(&lengths, batch_tokens) {
                let rows: Batch<'_> = batch.iter().map(|&text| ids[text].as_slice()).collect();
                for (&text, vector) in batch.iter().zip(self.network.embed(&rows)?) {
                    vectors[text] = vector;
                }
                done.texts += batch.len();
                done.tokens += batch.iter().map(|&text| lengths[text]).sum::<usize>();
                progress(done);
            }
        }
        Ok(vectors)
    }
}
