//! Texts to token ids, cut to a run's lengths.

use rayon::prelude::*;
use spork_model::TextTokenizer;

use crate::error::{Result, TrainError};

/// The tokenizer and the lengths of a run.
#[derive(Clone, Copy)]
pub struct Tokens<'t> {
    pub(crate) tokenizer: &'t TextTokenizer,
    pub(crate) document_length: usize,
    pub(crate) query_length: usize,
}

impl Tokens<'_> {
    /// Ids of documents.
    ///
    /// # Errors
    /// A text that can't be tokenized.
    pub fn documents<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Vec<Vec<u32>>> {
        self.ids(texts, self.document_length)
    }

    /// Ids of queries.
    ///
    /// # Errors
    /// A text that can't be tokenized.
    pub fn queries<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Vec<Vec<u32>>> {
        self.ids(texts, self.query_length)
    }

    /// The token of each id.
    pub fn vocabulary(&self) -> &[String] {
        self.tokenizer.tokens()
    }

    fn ids<T: AsRef<str> + Sync>(&self, texts: &[T], most: usize) -> Result<Vec<Vec<u32>>> {
        let encode = |text: &T| {
            let text = text.as_ref();
            self.tokenizer
                .framed(text, most)
                .map_err(|error| TrainError::Data(format!("{text:?}: {error}")))
        };
        texts.par_iter().map(encode).collect()
    }
}
