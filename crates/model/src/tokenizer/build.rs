//! Tokenizers from the files of a folder, as transformers would build them.

use std::path::{Path, PathBuf};

use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::{BertNormalizer, Lowercase, NormalizerWrapper, Sequence};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{
    Encoding, ModelWrapper, PostProcessor, PostProcessorWrapper, PreTokenizerWrapper, Tokenizer,
};

use super::class::Class;
use super::settings::Settings;
use crate::error::{ModelError, Result};
use crate::json;

/// The file of the whole tokenizer.
pub(super) const WHOLE: &str = "tokenizer.json";
/// The file of BERT's vocabulary.
pub(super) const VOCABULARY: &str = "vocab.txt";

/// Files of vocabularies that are not read, and what they belong to.
const OTHERS: [(&str, &str); 6] = [
    ("vocab.json", "a byte-level vocabulary"),
    ("merges.txt", "a byte-level vocabulary"),
    ("spiece.model", "a SentencePiece vocabulary"),
    ("sentencepiece.bpe.model", "a SentencePiece vocabulary"),
    ("tokenizer.model", "a SentencePiece vocabulary"),
    ("bpe.codes", "a BPE vocabulary"),
];

/// The tokenizer of `directory`, and the file that it was read from.
pub(super) fn build(directory: &Path, settings: &Settings) -> Result<(PathBuf, Tokenizer)> {
    let (whole, vocabulary) = (directory.join(WHOLE), directory.join(VOCABULARY));
    if !whole.exists() && !vocabulary.exists() {
        return Err(absent(directory));
    }
    let class = Class::of(directory, &settings.keys, whole.exists())?;
    let (path, mut tokenizer) = if whole.exists() {
        let mut tokenizer = from_json(&whole)?;
        if class == Class::Bert {
            as_bert(&whole, settings, &mut tokenizer)?;
        }
        (whole, tokenizer)
    } else {
        let tokenizer = from_vocabulary(&vocabulary, settings)?;
        (vocabulary, tokenizer)
    };
    let bert = class == Class::Bert;
    settings.add_tokens(&mut tokenizer, bert).map_err(|error| unusable(&path, error))?;
    if bert {
        let frame = frame(&path, settings, &tokenizer)?;
        let frame = PostProcessorWrapper::from(frame);
        let stored = tokenizer.get_post_processor();
        if stored.is_some_and(|stored| special_ids(stored) != special_ids(&frame)) {
            warn_of_replaced(&path, "puts other tokens around a text than tokenizer_config.json");
        }
        tokenizer.with_post_processor(Some(frame));
    }
    Ok((path, tokenizer))
}

/// The ids that a post-processor puts around a text of no tokens.
fn special_ids(processor: &PostProcessorWrapper) -> Option<Vec<u32>> {
    let framed = processor.process(Encoding::default(), None, true).ok()?;
    Some(framed.get_ids().to_vec())
}

fn absent(directory: &Path) -> ModelError {
    let found = OTHERS.iter().find(|(file, _)| directory.join(file).exists());
    let (sought, remedy) = match found {
        Some((file, what)) => (
            "tokenizer.json",
            format!(
                "{file} is {what}, which is not read; save the tokenizer with transformers 4 or later"
            ),
        ),
        None => ("tokenizer.json or vocab.txt", "download the tokenizer's files too".to_owned()),
    };
    ModelError::Absent { directory: directory.to_owned(), sought, remedy }
}

fn from_json(path: &Path) -> Result<Tokenizer> {
    let mut tokenizer =
        Tokenizer::from_bytes(json::bytes(path)?).map_err(|error| unusable(path, error))?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|error| unusable(path, error))?;
    Ok(tokenizer)
}

/// BERT's normalizer with the settings of tokenizer_config.json. transformers puts its own defaults
/// for keys that are absent over whatever tokenizer.json says.
fn normalizer(settings: &Settings) -> Result<BertNormalizer> {
    Ok(BertNormalizer::new(
        true,
        settings.flag("tokenize_chinese_chars", true)?,
        settings.strip_accents()?,
        settings.flag("do_lower_case", true)?,
    ))
}

/// Makes a tokenizer.json what the class BertTokenizer of transformers 5 makes of it: its
/// vocabulary in BERT's pipeline.
fn as_bert(path: &Path, settings: &Settings, tokenizer: &mut Tokenizer) -> Result<()> {
    let ModelWrapper::WordPiece(words) = tokenizer.get_model() else {
        let what = "its vocabulary is not of WordPiece, although the class is BERT's";
        return Err(unusable(path, what.into()));
    };
    let unknown = settings.special("unk_token");
    let plain = WordPiece::default();
    if words.unk_token != unknown
        || words.continuing_subword_prefix != plain.continuing_subword_prefix
        || words.max_input_chars_per_word != plain.max_input_chars_per_word
    {
        warn_of_replaced(path, "cuts words into pieces in another way than BERT");
        let mut words = words.clone();
        words.unk_token = unknown;
        words.continuing_subword_prefix = plain.continuing_subword_prefix;
        words.max_input_chars_per_word = plain.max_input_chars_per_word;
        tokenizer.with_model(words);
    }
    if !matches!(tokenizer.get_pre_tokenizer(), Some(PreTokenizerWrapper::BertPreTokenizer(_))) {
        warn_of_replaced(path, "splits words in another way than BERT");
        tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    }
    let normalizer = normalizer(settings)?;
    match tokenizer.get_normalizer() {
        Some(NormalizerWrapper::BertNormalizer(stored)) => {
            warn_of_defaults(path, settings, *stored, normalizer);
        }
        _ => warn_of_replaced(path, "has another normalizer than BERT"),
    }
    set_normalizer(path, tokenizer, normalizer.into())
}

fn warn_of_replaced(path: &Path, what: &str) {
    tracing::warn!(
        "{}: it {what}, although the class is BertTokenizer; BERT's way is taken, as by \
         transformers 5 (4 took what is stored); name the class PreTrainedTokenizerFast for that",
        path.display()
    );
}

/// Says where a default counts over tokenizer.json: whoever made the model may not know.
fn warn_of_defaults(
    path: &Path,
    settings: &Settings,
    stored: BertNormalizer,
    used: BertNormalizer,
) {
    for (key, differs) in [
        ("do_lower_case", stored.lowercase != used.lowercase),
        ("strip_accents", stored.strip_accents != used.strip_accents),
        ("tokenize_chinese_chars", stored.handle_chinese_chars != used.handle_chinese_chars),
    ] {
        if differs && !settings.keys.contains_key(key) {
            tracing::warn!(
                "{}: tokenizer_config.json lacks {key}, so transformers' default counts over what \
                 is stored here; add the key to have it otherwise",
                path.display()
            );
        }
    }
}

/// BERT's pipeline over a vocab.txt: clean, split Chinese, lower-case and strip accents, split at
/// white space and punctuation, WordPiece, [CLS] … [SEP].
fn from_vocabulary(path: &Path, settings: &Settings) -> Result<Tokenizer> {
    let unusable = |error: tokenizers::Error| unusable(path, error);
    let words = WordPiece::read_bytes(&json::bytes(path)?).map_err(unusable)?;
    let model = WordPiece::builder()
        .vocab(words)
        .unk_token(settings.special("unk_token"))
        .build()
        .map_err(unusable)?;
    let mut tokenizer = Tokenizer::new(model);
    set_normalizer(path, &mut tokenizer, normalizer(settings)?.into())?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    let frame = frame(path, settings, &tokenizer)?;
    tokenizer.with_post_processor(Some(frame));
    Ok(tokenizer)
}

/// [CLS] before a text and [SEP] after it.
fn frame(path: &Path, settings: &Settings, tokenizer: &Tokenizer) -> Result<BertProcessing> {
    let with_id = |key: &str| {
        let token = settings.special(key);
        match tokenizer.token_to_id(&token) {
            Some(id) => Ok((token, id)),
            None => Err(unusable(path, format!("the special token {token} is not in it").into())),
        }
    };
    Ok(BertProcessing::new(with_id("sep_token")?, with_id("cls_token")?))
}

pub(super) fn unusable(path: &Path, error: tokenizers::Error) -> ModelError {
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
pub(super) fn add_lowercase(path: &Path, tokenizer: &mut Tokenizer) -> Result<()> {
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
