//! Encoding without a network: a text's own tokens, each once, with the weight 1 or one from a
//! table.
//!
//! This is the query side of SPLADE-doc and of the inference-free models: all expansion happened in
//! the documents.

use std::path::Path;

use spork_core::{SparseVector, TermId};

use crate::error::{ModelError, Result};
use crate::route::TokenWeights;
use crate::table::TokenTable;
use crate::tokenizer::TextTokenizer;

/// A tokenizer and the weights of its tokens.
pub struct TokenEncoder {
    tokenizer: TextTokenizer,
    /// None where every token but the special ones weighs 1.
    table: Option<TokenTable>,
}

impl TokenEncoder {
    /// The tokenizer in `directory` with the given weights. `lowercase` is that of
    /// [`TextTokenizer::open`].
    ///
    /// # Errors
    /// No usable tokenizer, or a table that is refused by [`TokenTable::read`].
    pub fn open(directory: &Path, lowercase: bool, weights: &TokenWeights) -> Result<Self> {
        let tokenizer = TextTokenizer::open(directory, lowercase)?;
        let table = TokenTable::read(weights, &tokenizer)?;
        Ok(Self { tokenizer, table })
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &TextTokenizer {
        &self.tokenizer
    }

    /// How many terms the vectors are over.
    pub fn width(&self) -> usize {
        self.table.as_ref().map_or(self.tokenizer.tokens().len(), TokenTable::width)
    }

    /// CRC-32 of the table's values as little-endian 32-bit floats; none where every token weighs
    /// 1.
    pub fn checksum(&self) -> Option<u32> {
        self.table.as_ref().map(TokenTable::checksum)
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
            Some(table) => table.weight(id),
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
