//! Encoding without a network: a text's own tokens, each once, with the weight 1 or one from a
//! table.
//!
//! This is the query side of SPLADE-doc and of the inference-free models: all expansion happened in
//! the documents.

use std::collections::BTreeMap;
use std::path::Path;

use spork_core::{SparseVector, TermId, check_weight};

use crate::checkpoint::{Checkpoint, Expected};
use crate::directory::TokenWeights;
use crate::error::{ModelError, Result};
use crate::json;
use crate::tensor;
use crate::tokenizer::TextTokenizer;

/// A tokenizer and the weights of its tokens.
pub struct TokenEncoder {
    tokenizer: TextTokenizer,
    /// By id, zero and above; none where every token but the special ones weighs 1.
    table: Option<Vec<f32>>,
}

impl TokenEncoder {
    /// The tokenizer in `directory` with the given weights. `lowercase` is that of
    /// [`TextTokenizer::open`].
    ///
    /// # Errors
    /// No usable tokenizer, or a table that can't be read, belongs to another vocabulary or holds
    /// weights that are negative or not finite.
    pub fn open(directory: &Path, lowercase: bool, weights: &TokenWeights) -> Result<Self> {
        let tokenizer = TextTokenizer::open(directory, lowercase)?;
        let table = match weights {
            TokenWeights::One => None,
            TokenWeights::Json(path) => Some(read_json(path, &tokenizer)?),
            TokenWeights::Embedding(folder) => Some(read_embedding(folder, &tokenizer)?),
        };
        Ok(Self { tokenizer, table })
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &TextTokenizer {
        &self.tokenizer
    }

    /// How many terms the vectors are over.
    pub fn width(&self) -> usize {
        self.table.as_ref().map_or(self.tokenizer.tokens().len(), Vec::len)
    }

    /// CRC-32 of the table's values as little-endian 32-bit floats; none where every token weighs
    /// 1.
    pub fn checksum(&self) -> Option<u32> {
        self.table.as_deref().map(tensor::checksum)
    }

    /// The vectors of texts of which the first `most` tokens count.
    ///
    /// # Errors
    /// A text that can't be tokenized, by its position.
    pub fn encode<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        most: usize,
    ) -> Result<Vec<SparseVector>> {
        self.encode_ids(&TextTokenizer::each(texts, |text| self.tokenizer.bare(text, most))?)
    }

    /// The vectors of texts given as token ids.
    ///
    /// # Errors
    /// A weight that is NaN, infinite or negative, with its text's position.
    pub fn encode_ids(&self, texts: &[Vec<u32>]) -> Result<Vec<SparseVector>> {
        texts.iter().enumerate().map(|(index, ids)| self.vector(index, ids.clone())).collect()
    }

    /// The vector of a text's tokens. A literal special token in a text counts where a table weighs
    /// it, as in sentence-transformers.
    fn vector(&self, index: usize, mut ids: Vec<u32>) -> Result<SparseVector> {
        ids.sort_unstable();
        ids.dedup();
        let weight = |id: u32| match &self.table {
            Some(table) => table.get(id as usize).copied().unwrap_or(0.0),
            None if self.tokenizer.is_special(id) => 0.0,
            None => 1.0,
        };
        SparseVector::new(ids.into_iter().map(|id| (TermId(id), weight(id))).collect()).map_err(
            |(term, error)| ModelError::Weight {
                index,
                term: self.tokenizer.tokens()[term.0 as usize].clone(),
                error,
            },
        )
    }
}

fn read_json(path: &Path, tokenizer: &TextTokenizer) -> Result<Vec<f32>> {
    let weights: BTreeMap<String, f32> = json::read(path)?;
    let mut table = vec![0.0; tokenizer.tokens().len()];
    for (token, weight) in weights {
        check_weight(weight).map_err(|error| ModelError::TableWeight {
            path: path.to_owned(),
            token: token.clone(),
            error,
        })?;
        let entry = tokenizer.id(&token).and_then(|id| table.get_mut(id as usize));
        *entry.ok_or_else(|| ModelError::TableToken { path: path.to_owned(), token })? = weight;
    }
    Ok(table)
}

fn read_embedding(folder: &Path, tokenizer: &TextTokenizer) -> Result<Vec<f32>> {
    const NAME: &str = "weight";
    let checkpoint = Checkpoint::open(folder)?;
    let tokens = tokenizer.tokens();
    // A table may be padded beyond the vocabulary; a shape of more dimensions is reported against
    // the plain one.
    let length = match checkpoint.shape(NAME) {
        Some(&[length]) => length,
        _ => tokens.len() as i64,
    };
    let expected = Expected { name: NAME.to_owned(), shape: vec![length], required: true };
    let mut tensors = checkpoint.load(&[expected])?.into_iter();
    let table = tensors.next().map(|(_, tensor)| tensor.values).unwrap_or_default();
    if table.len() < tokens.len() {
        return Err(ModelError::TokenizerTooLarge {
            directory: folder.to_owned(),
            largest_id: tokens.len() - 1,
            rows: table.len(),
        });
    }
    for (id, &weight) in table.iter().enumerate() {
        check_weight(weight).map_err(|error| ModelError::TableWeight {
            path: checkpoint.path().to_owned(),
            token: tokens.get(id).cloned().unwrap_or_else(|| id.to_string()),
            error,
        })?;
    }
    Ok(table)
}
