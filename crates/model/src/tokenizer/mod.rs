//! Text → token ids, equal to the Hugging Face tokenizer of the model's directory.
//!
//! Files count as they do in transformers. `tokenizer.json` is taken but for the padding and
//! truncation stored in it, which belong to whoever saved it; where the class is BERT's,
//! `tokenizer_config.json` and the defaults of transformers count over its normalizer. From
//! `vocab.txt` alone BERT's pipeline is built. Truncation happens here, per call: special tokens
//! stay, the text's own tokens are cut.

mod build;
mod class;
mod pieces;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rayon::prelude::*;
use spork_core::TermId;
use tokenizers::{Encoding, PostProcessor, Tokenizer};

use self::build::{VOCABULARY, WHOLE, unusable};
use self::pieces::Cutter;
use self::settings::Settings;
use crate::error::{BeyondRows, ModelError, Result};

/// A tokenizer and the frame of special tokens that it puts around a text.
pub struct TextTokenizer {
    inner: Tokenizer,
    /// Special tokens before a text, usually `[CLS]`.
    before: Vec<u32>,
    /// Special tokens after a text, usually `[SEP]`.
    after: Vec<u32>,
    /// By id: whether the token is special.
    special: Vec<bool>,
    /// By id: the token. Ids that no token has are empty.
    tokens: Vec<String>,
    /// `model_max_length` of tokenizer_config.json, where it is a length.
    max_length: Option<usize>,
    /// Whether truncation keeps the end of a text (`truncation_side`).
    keeps_end: bool,
    /// Cuts long texts, where that can't change their tokens.
    cutter: Option<Cutter>,
}

/// Bytes of a text that are tokenized at a time: many tokens more than a network takes.
const PIECE: usize = 1 << 14;

impl TextTokenizer {
    /// Opens the tokenizer in `directory`. `lowercase` adds lower-casing where the pipeline has
    /// none, as sentence-transformers does for `do_lower_case`.
    ///
    /// # Errors
    /// No tokenizer there, or one that can't be built.
    pub fn open(directory: &Path, lowercase: bool) -> Result<Self> {
        let settings = Settings::read(directory)?;
        let (path, mut inner) = build::build(directory, &settings)?;
        if lowercase {
            build::add_lowercase(&path, &mut inner)?;
        }
        let (before, after) = frame(&path, &inner)?;
        let tokens = tokens_by_id(&path, &inner)?;
        let mut special = vec![false; tokens.len()];
        for (id, token) in inner.get_added_tokens_decoder() {
            if let Some(entry) = special.get_mut(id as usize) {
                *entry = token.special;
            }
        }
        let (max_length, keeps_end) = (settings.max_length(), settings.keeps_end()?);
        let cutter = Cutter::of(&inner);
        Ok(Self { inner, before, after, special, tokens, max_length, keeps_end, cutter })
    }

    /// Checks that the embedding or table in `directory` has a row for each token.
    ///
    /// # Errors
    /// The tokens beyond its `rows`, by name.
    pub fn check_rows(&self, directory: &Path, rows: usize) -> Result<()> {
        let beyond = self.tokens.iter().enumerate().skip(rows);
        let tokens: Vec<(usize, String)> = beyond
            .filter(|(_, token)| !token.is_empty())
            .map(|(id, token)| (id, token.clone()))
            .collect();
        if tokens.is_empty() {
            return Ok(());
        }
        let directory = directory.to_owned();
        Err(ModelError::TokenizerTooLarge(BeyondRows { directory, rows, tokens }))
    }

    /// The token of each id; an id that no token has is empty.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The id of a token.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    /// Whether the token is one of the model's own marks (`[CLS]`, `[SEP]`, `[PAD]`, `[MASK]`,
    /// `[UNK]`) and no text.
    pub fn is_special(&self, id: u32) -> bool {
        self.special.get(id as usize).copied().unwrap_or(false)
    }

    /// The longest input that tokenizer_config.json names.
    pub fn max_length(&self) -> Option<usize> {
        self.max_length
    }

    /// The number of special tokens around a text.
    pub fn frame_length(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// A text's own ids, the first `most` of them (the last, where `truncation_side` is "left").
    ///
    /// # Errors
    /// A word that the pipeline can't represent (a vocabulary without an unknown token).
    pub fn bare(
        &self,
        text: &str,
        most: usize,
    ) -> std::result::Result<Vec<u32>, tokenizers::Error> {
        self.bare_by(text, most, PIECE)
    }

    /// [`Self::bare`] in pieces of about `piece` bytes, as many as it takes.
    fn bare_by(
        &self,
        text: &str,
        most: usize,
        piece: usize,
    ) -> std::result::Result<Vec<u32>, tokenizers::Error> {
        let mut ids = Vec::new();
        let mut rest = text;
        while !rest.is_empty() && (self.keeps_end || ids.len() < most) {
            let (part, after) = match &self.cutter {
                Some(cutter) => cutter.split(rest, piece),
                None => (rest.into(), ""),
            };
            ids.extend_from_slice(self.inner.encode_fast(part.as_ref(), false)?.get_ids());
            if self.keeps_end {
                ids.drain(..ids.len().saturating_sub(most));
            }
            rest = after;
        }
        ids.truncate(most);
        Ok(ids)
    }

    /// A text's ids with the special tokens around them, `most` in all. `most` is at least
    /// [`Self::frame_length`].
    ///
    /// # Errors
    /// As [`Self::bare`].
    pub fn framed(
        &self,
        text: &str,
        most: usize,
    ) -> std::result::Result<Vec<u32>, tokenizers::Error> {
        let own = self.bare(text, most.saturating_sub(self.frame_length()))?;
        Ok([self.before.as_slice(), &own, &self.after].concat())
    }

    /// `encode` over all texts, on all cores, in order.
    ///
    /// # Errors
    /// The first text that fails, by its position.
    pub fn each<T: AsRef<str> + Sync>(
        texts: &[T],
        encode: impl Fn(&str) -> std::result::Result<Vec<u32>, tokenizers::Error> + Sync,
    ) -> Result<Vec<Vec<u32>>> {
        let indexed = texts.par_iter().enumerate();
        let encoded = indexed.map(|(index, text)| {
            encode(text.as_ref())
                .map_err(|error| ModelError::Tokenize { index, what: error.to_string() })
        });
        // Collected before the search for an error, so that it is the first in order, not in time.
        encoded.collect::<Vec<_>>().into_iter().collect()
    }

    /// The text's own terms: its ids without special tokens, each once, ascending.
    #[must_use]
    pub fn own_terms(&self, ids: &[u32]) -> Vec<TermId> {
        let mut terms: Vec<TermId> =
            ids.iter().filter(|&&id| !self.is_special(id)).map(|&id| TermId(id)).collect();
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    /// The terms that stand in a text, however long it is, without special tokens.
    ///
    /// # Errors
    /// As [`Self::bare`].
    pub fn terms(&self, text: &str) -> Result<BTreeSet<&str>> {
        let ids = Self::each(&[text], |text| self.bare(text, usize::MAX))?.concat();
        let token = |&id: &u32| self.tokens.get(id as usize).map(String::as_str);
        Ok(ids.iter().filter(|&&id| !self.is_special(id)).filter_map(token).collect())
    }

    /// A number that tells tokenizers apart by what they do, not by how they are written down: the
    /// CRC-32 of every token in the order of ids, each followed by a line feed, and of the ids
    /// (32-bit, little-endian) of a probe with capitals, accents, Chinese, punctuation, a rare word
    /// and a special token; and the side of a long text that is cut, where it is the left.
    ///
    /// # Errors
    /// A vocabulary that can't represent the probe.
    pub fn fingerprint(&self) -> Result<u32> {
        const PROBE: &str = "The Café's naïve RÉSUMÉ, 东京大学 (ΑΒΓ) don't re-index: [MASK] zyxwvutqq\u{200b}\t42%!";
        let mut crc = crc32fast::Hasher::new();
        for token in &self.tokens {
            crc.update(token.as_bytes());
            crc.update(b"\n");
        }
        let ids = Self::each(&[PROBE], |text| self.framed(text, usize::MAX))?;
        for id in ids.concat() {
            crc.update(&id.to_le_bytes());
        }
        if self.keeps_end {
            crc.update(b"left");
        }
        Ok(crc.finalize())
    }
}

/// The special tokens that the pipeline puts before and after a text, found by sending a text of
/// one token through its last step.
fn frame(path: &Path, tokenizer: &Tokenizer) -> Result<(Vec<u32>, Vec<u32>)> {
    const TEXT: u32 = u32::MAX;
    let Some(processor) = tokenizer.get_post_processor() else {
        return Ok((Vec::new(), Vec::new()));
    };
    let text = Encoding::new(
        vec![TEXT],
        vec![0],
        vec![String::new()],
        vec![None],
        vec![(0, 0)],
        vec![0],
        vec![1],
        Vec::new(),
        HashMap::new().into_iter().collect(),
    );
    let framed = processor.process(text, None, true).map_err(|error| unusable(path, error))?;
    let ids = framed.get_ids();
    match ids.iter().position(|&id| id == TEXT) {
        Some(place) => Ok((ids[..place].to_vec(), ids[place + 1..].to_vec())),
        None => Err(unusable(path, "its post-processor drops the text".into())),
    }
}

/// More ids than any vocabulary has; a file that names one beyond it is damaged.
const LARGEST_ID: usize = 1 << 24;

fn tokens_by_id(path: &Path, tokenizer: &Tokenizer) -> Result<Vec<String>> {
    let mut by_id: Vec<(u32, String)> =
        tokenizer.get_vocab(true).into_iter().map(|(token, id)| (id, token)).collect();
    by_id.sort_unstable();
    let length = by_id.last().map_or(0, |&(id, _)| id as usize + 1);
    if length == 0 || length > LARGEST_ID {
        return Err(unusable(path, format!("its largest id is {length}").into()));
    }
    let mut tokens = vec![String::new(); length];
    for (id, token) in by_id {
        tokens[id as usize] = token;
    }
    Ok(tokens)
}

/// Whether `directory` has a tokenizer that [`TextTokenizer::open`] would take.
pub(crate) fn has_tokenizer(directory: &Path) -> bool {
    [WHOLE, VOCABULARY].iter().any(|file| directory.join(file).exists())
}
