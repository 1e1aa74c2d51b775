//! Text → token ids, equal to the Hugging Face tokenizer of the model's directory.
//!
//! `tokenizer.json` is taken as it is, but for the padding and truncation stored in it, which
//! belong to whoever saved it. From `vocab.txt` and `tokenizer_config.json` BERT's pipeline is
//! built. Truncation happens here, per call: special tokens stay, the text's own tokens are cut
//! from the right.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;
use serde_json::{Map, Value};
use spork_core::TermId;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::{BertNormalizer, Lowercase, NormalizerWrapper, Sequence};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, Encoding, PostProcessor, Tokenizer};

use crate::error::{ModelError, Result};
use crate::json;

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
}

impl TextTokenizer {
    /// Opens the tokenizer in `directory`. `lowercase` adds lower-casing where the pipeline has
    /// none, as sentence-transformers does for `do_lower_case`.
    ///
    /// # Errors
    /// No tokenizer there, or one that can't be built.
    pub fn open(directory: &Path, lowercase: bool) -> Result<Self> {
        let config = TokenizerConfig::read(directory)?;
        let whole = directory.join("tokenizer.json");
        let vocabulary = directory.join("vocab.txt");
        let (path, mut inner) = if whole.exists() {
            let mut inner = from_json(&whole)?;
            config.adjust(&whole, &mut inner)?;
            (whole, inner)
        } else if vocabulary.exists() {
            let inner = config.word_piece(&vocabulary)?;
            (vocabulary, inner)
        } else {
            return Err(ModelError::Absent {
                directory: directory.to_owned(),
                sought: "tokenizer.json or vocab.txt",
                remedy: "download the tokenizer's files too",
            });
        };
        if lowercase {
            add_lowercase(&path, &mut inner)?;
        }
        Self::new(&path, inner, config.max_length())
    }

    fn new(path: &Path, inner: Tokenizer, max_length: Option<usize>) -> Result<Self> {
        let (before, after) = frame(path, &inner)?;
        let tokens = tokens_by_id(path, &inner)?;
        let mut special = vec![false; tokens.len()];
        for (id, token) in inner.get_added_tokens_decoder() {
            if let Some(entry) = special.get_mut(id as usize) {
                *entry = token.special;
            }
        }
        Ok(Self { inner, before, after, special, tokens, max_length })
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

    /// A text's own ids, the first `most` of them.
    ///
    /// # Errors
    /// A word that the pipeline can't represent (a vocabulary without an unknown token).
    pub fn bare(
        &self,
        text: &str,
        most: usize,
    ) -> std::result::Result<Vec<u32>, tokenizers::Error> {
        let encoding = self.inner.encode_fast(text, false)?;
        let ids = encoding.get_ids();
        Ok(ids[..ids.len().min(most)].to_vec())
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

    /// A number that tells tokenizers apart by what they do, not by how they are written down: the
    /// CRC-32 of every token in the order of ids, each followed by a line feed, and of the ids
    /// (32-bit, little-endian) of a probe with capitals, accents, Chinese, punctuation, a rare word
    /// and a special token.
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
        Ok(crc.finalize())
    }
}

/// tokenizer_config.json, or nothing where there is none.
struct TokenizerConfig(Map<String, Value>);

/// A `model_max_length` beyond this is transformers' way to say that there is none.
const LONGEST_INPUT: f64 = 1e9;

impl TokenizerConfig {
    fn read(directory: &Path) -> Result<Self> {
        let path = directory.join("tokenizer_config.json");
        Ok(Self(json::read_optional(&path)?.unwrap_or_default()))
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key).and_then(Value::as_bool)
    }

    fn max_length(&self) -> Option<usize> {
        let length = self.0.get("model_max_length").and_then(Value::as_f64)?;
        (1.0..LONGEST_INPUT).contains(&length).then_some(length as usize)
    }

    /// The special token under `key`, a string or {"content": string}; or what BERT calls it.
    fn special_token(&self, key: &str, default: &str) -> String {
        let value = self.0.get(key);
        let content = value.and_then(|value| value.get("content").unwrap_or(value).as_str());
        content.unwrap_or(default).to_owned()
    }

    /// Where tokenizer_config.json says how BERT's pipeline normalizes, its word counts over
    /// tokenizer.json's, as in transformers.
    fn adjust(&self, path: &Path, tokenizer: &mut Tokenizer) -> Result<()> {
        let class = self.0.get("tokenizer_class").and_then(Value::as_str).unwrap_or("Bert");
        let Some(NormalizerWrapper::BertNormalizer(stored)) = tokenizer.get_normalizer() else {
            return Ok(());
        };
        if !class.starts_with("Bert") && !class.starts_with("DistilBert") {
            return Ok(());
        }
        let mut normalizer = *stored;
        normalizer.lowercase = self.flag("do_lower_case").unwrap_or(normalizer.lowercase);
        normalizer.handle_chinese_chars =
            self.flag("tokenize_chinese_chars").unwrap_or(normalizer.handle_chinese_chars);
        if let Some(strip) = self.0.get("strip_accents") {
            // Null means: as lower-casing does.
            normalizer.strip_accents = strip.as_bool();
        }
        set_normalizer(path, tokenizer, normalizer.into())
    }

    /// BERT's pipeline over a vocab.txt: clean, split Chinese, lower-case and strip accents, split
    /// at white space and punctuation, WordPiece, [CLS] … [SEP].
    fn word_piece(&self, path: &Path) -> Result<Tokenizer> {
        let unusable = |error: tokenizers::Error| unusable(path, error);
        let bytes = std::fs::read(path).map_err(|source| ModelError::io(path, source))?;
        let unknown = self.special_token("unk_token", "[UNK]");
        let words = WordPiece::read_bytes(&bytes).map_err(unusable)?;
        let model = WordPiece::builder()
            .vocab(words)
            .unk_token(unknown.clone())
            .build()
            .map_err(unusable)?;
        let mut tokenizer = Tokenizer::new(model);
        let normalizer = BertNormalizer::new(
            true,
            self.flag("tokenize_chinese_chars").unwrap_or(true),
            self.flag("strip_accents"),
            self.flag("do_lower_case").unwrap_or(true),
        );
        set_normalizer(path, &mut tokenizer, normalizer.into())?;
        tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
        let start = self.special_token("cls_token", "[CLS]");
        let end = self.special_token("sep_token", "[SEP]");
        let with_id = |token: &str| match tokenizer.token_to_id(token) {
            Some(id) => Ok((token.to_owned(), id)),
            None => Err(unusable(format!("the special token {token} is not in it").into())),
        };
        let frame = BertProcessing::new(with_id(&end)?, with_id(&start)?);
        tokenizer.with_post_processor(Some(frame));
        let padding = self.special_token("pad_token", "[PAD]");
        let mask = self.special_token("mask_token", "[MASK]");
        let special =
            [unknown, end, padding, start, mask].map(|token| AddedToken::from(token, true));
        tokenizer.add_special_tokens(special).map_err(unusable)?;
        tokenizer.add_tokens(self.added_tokens()).map_err(unusable)?;
        Ok(tokenizer)
    }

    /// The tokens that `added_tokens_decoder` adds, in the order of ids.
    fn added_tokens(&self) -> Vec<AddedToken> {
        let Some(Value::Object(added)) = self.0.get("added_tokens_decoder") else {
            return Vec::new();
        };
        let flag = |token: &Value, key| token.get(key).and_then(Value::as_bool).unwrap_or(false);
        let mut tokens: Vec<(u32, AddedToken)> = added
            .iter()
            .filter_map(|(id, token)| {
                let content = token.get("content")?.as_str()?;
                let added = AddedToken::from(content, flag(token, "special"))
                    .single_word(flag(token, "single_word"))
                    .lstrip(flag(token, "lstrip"))
                    .rstrip(flag(token, "rstrip"))
                    .normalized(flag(token, "normalized"));
                Some((id.parse().ok()?, added))
            })
            .collect();
        tokens.sort_by_key(|&(id, _)| id);
        tokens.into_iter().map(|(_, token)| token).collect()
    }
}

fn from_json(path: &Path) -> Result<Tokenizer> {
    let bytes = std::fs::read(path).map_err(|source| ModelError::io(path, source))?;
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| unusable(path, error))?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|error| unusable(path, error))?;
    Ok(tokenizer)
}

fn unusable(path: &Path, error: tokenizers::Error) -> ModelError {
    ModelError::Tokenizer { path: path.to_owned(), what: error.to_string() }
}

fn set_normalizer(
    path: &Path,
    tokenizer: &mut Tokenizer,
    normalizer: NormalizerWrapper,
) -> Result<()> {
    tokenizer.with_normalizer(Some(normalizer)).map_err(|error| unusable(path, error))?;
    Ok(())
}

/// Puts lower-casing first, unless the pipeline lower-cases already.
fn add_lowercase(path: &Path, tokenizer: &mut Tokenizer) -> Result<()> {
    let stored = tokenizer.get_normalizer();
    if stored.is_some_and(lowercases) {
        return Ok(());
    }
    let mut steps = vec![NormalizerWrapper::Lowercase(Lowercase)];
    steps.extend(stored.cloned());
    set_normalizer(path, tokenizer, NormalizerWrapper::Sequence(Sequence::new(steps)))
}

fn lowercases(normalizer: &NormalizerWrapper) -> bool {
    match normalizer {
        NormalizerWrapper::Lowercase(_) => true,
        NormalizerWrapper::BertNormalizer(bert) => bert.lowercase,
        NormalizerWrapper::Sequence(sequence) => sequence.as_ref().iter().any(lowercases),
        _ => false,
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
    ["tokenizer.json", "vocab.txt"].iter().any(|file| directory.join(file).exists())
}
