//! Long texts in pieces. A tokenizer takes a text whole, some hundred bytes of memory for each of
//! its bytes; of a long one only the first tokens count. BERT's pipeline looks at one word at a
//! time, so a text cut between words has the tokens of its pieces, one after the other.

use std::borrow::Cow;

use tokenizers::{ModelWrapper, NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

/// Where the texts of one tokenizer can be cut.
pub(super) struct Cutter {
    /// ASCII characters that are words by themselves or none, and part of no normalized token.
    ascii: [bool; 128],
    /// Whether Chinese characters are words by themselves.
    chinese: bool,
    /// Added tokens that are looked for in the text as it stands.
    tokens: Vec<String>,
    /// Characters of the longest word that the vocabulary is searched for. None where an added
    /// token might stand inside a word.
    longest_word: Option<usize>,
    /// Characters of the longest added token.
    longest_token: usize,
}

impl Cutter {
    /// None where a cut could change the tokens: a pipeline other than BERT's, or added tokens that
    /// depend on what surrounds them.
    pub(super) fn of(tokenizer: &Tokenizer) -> Option<Self> {
        let chinese = splits_chinese(tokenizer.get_normalizer()?)?;
        let Some(PreTokenizerWrapper::BertPreTokenizer(_)) = tokenizer.get_pre_tokenizer() else {
            return None;
        };
        let ModelWrapper::WordPiece(words) = tokenizer.get_model() else { return None };
        let mut cutter = Self {
            ascii: std::array::from_fn(|byte| is_split(byte as u8 as char)),
            chinese,
            tokens: Vec::new(),
            longest_word: Some(words.max_input_chars_per_word),
            longest_token: 0,
        };
        for token in tokenizer.get_added_tokens_decoder().into_values() {
            let content = token.content.as_str();
            let plain = content.chars().all(|c| c.is_ascii_graphic());
            if !plain || token.single_word || token.lstrip || token.rstrip {
                return None;
            }
            cutter.longest_token = cutter.longest_token.max(content.len());
            if content.chars().all(is_solid) {
                cutter.longest_word = None;
            }
            if token.normalized {
                content.bytes().for_each(|byte| cutter.ascii[byte as usize] = false);
            } else {
                cutter.tokens.push(token.content);
            }
        }
        Some(cutter)
    }

    /// A piece of about `target` bytes from the start of `text`, and the rest of it. The tokens of
    /// the text are those of the piece, followed by those of the rest.
    pub(super) fn split<'t>(&self, text: &'t str, target: usize) -> (Cow<'t, str>, &'t str) {
        if text.len() <= target {
            return (Cow::Borrowed(text), "");
        }
        let within = (0..=target).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let behind = |(at, c): (usize, char)| {
            let end = at + c.len_utf8();
            (self.is_boundary(c) && !self.is_inside_token(text, end)).then_some(end)
        };
        if let Some(end) = text[..within].char_indices().rev().find_map(behind) {
            return (Cow::Borrowed(&text[..end]), &text[end..]);
        }
        let later = text[within..].char_indices().map(|(at, c)| (within + at, c));
        let end = later.into_iter().find_map(behind).unwrap_or(text.len());
        (self.shortened(&text[..end]), &text[end..])
    }

    /// Whether a text can be cut behind this character, unless an added token stands there.
    fn is_boundary(&self, c: char) -> bool {
        match self.ascii.get(c as usize) {
            Some(&boundary) => boundary,
            None => self.chinese && is_chinese(c),
        }
    }

    /// Whether an added token begins before byte `at` of the text and ends behind it.
    fn is_inside_token(&self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        self.tokens.iter().map(String::as_bytes).any(|token| {
            (1..token.len()).any(|before| {
                at >= before
                    && bytes[at - before..at] == token[..before]
                    && bytes[at..].starts_with(&token[before..])
            })
        })
    }

    /// A text without boundaries, shortened where a word is too long for the vocabulary: its token
    /// is the unknown one, however long it is.
    fn shortened<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(longest) = self.longest_word else { return Cow::Borrowed(text) };
        // An added token that stands half in the word may take some of its ends.
        let (head, tail) = (longest + 1 + self.longest_token, self.longest_token);
        let collapsed = collapse_repeats(text, head + tail);
        let mut short = String::new();
        let mut rest = collapsed.as_str();
        while !rest.is_empty() {
            let run = rest.find(|c| !is_solid(c) && !is_mark(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(run);
            let solid = word.char_indices().filter(|&(_, c)| is_solid(c)).nth(head);
            let start = solid.map_or(run, |(at, _)| at);
            let end = word.char_indices().rev().nth(tail).map_or(0, |(at, c)| at + c.len_utf8());
            short.push_str(&word[..start]);
            short.push_str(&word[end.max(start)..]);
            let next = after.find(|c| is_solid(c) || is_mark(c)).unwrap_or(after.len());
            short.push_str(&after[..next]);
            rest = &after[next..];
        }
        Cow::Owned(short)
    }
}

/// The text with no mark more than `most` times in a row: either all of them vanish in
/// normalization, or they make a word too long.
fn collapse_repeats(text: &str, most: usize) -> String {
    let mut collapsed = String::new();
    let (mut last, mut times) = (None, 0);
    for c in text.chars() {
        times = if last == Some(c) { times + 1 } else { 1 };
        last = Some(c);
        if times <= most || !is_mark(c) {
            collapsed.push(c);
        }
    }
    collapsed
}

/// Whether the pipeline puts blanks around Chinese characters; none where it is not made of steps
/// that look at one character at a time.
fn splits_chinese(normalizer: &NormalizerWrapper) -> Option<bool> {
    match normalizer {
        NormalizerWrapper::BertNormalizer(bert) => Some(bert.handle_chinese_chars),
        NormalizerWrapper::Lowercase(_) => Some(false),
        NormalizerWrapper::Sequence(steps) => {
            steps.as_ref().iter().try_fold(false, |any, step| Some(splits_chinese(step)? || any))
        }
        _ => None,
    }
}

/// ASCII white space that is a blank to BERT, not a control character; and punctuation.
fn is_split(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r') || c.is_ascii_punctuation()
}

/// The characters that BERT takes for words of their own.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}'
        | '\u{2f800}'..='\u{2fa1f}')
}

/// Characters that certainly are part of a word, and of which normalization leaves at least one:
/// letters and digits of some scripts.
fn is_solid(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric(),
        '\u{c0}'..='\u{24f}' => !matches!(c, '×' | '÷'),
        'α'..='ω' | 'Α'..='Ρ' | 'Σ'..='Ω' | 'А'..='я' => true,
        // Letters of Hebrew, Arabic and Hindi.
        '\u{5d0}'..='\u{5ea}' | '\u{621}'..='\u{63a}' | '\u{641}'..='\u{64a}' => true,
        '\u{905}'..='\u{939}' => true,
        // Thai consonants, Japanese syllables, Korean syllables.
        '\u{e01}'..='\u{e2e}' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '가'..='힣' => true,
        _ => false,
    }
}

/// Characters that never end a word: marks on letters, and some that vanish, such as zeros and
/// blanks of no width.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\0' | '\u{200b}' | '\u{feff}' | '\u{fffd}' | '\u{300}'..='\u{36f}'
        | '\u{5b0}'..='\u{5bc}' | '\u{64b}'..='\u{652}' | '\u{941}'..='\u{948}' | '\u{94d}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{3099}' | '\u{309a}')
}
