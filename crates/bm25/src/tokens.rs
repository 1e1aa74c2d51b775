//! The terms of a text with their places in it.

use std::ops::Range;
use std::str::CharIndices;

use rust_stemmers::Stemmer;
use tokenizers::Tokenizer;
use unicode_segmentation::UnicodeSegmentation;

use crate::stop_words::is_stop_word;

/// A term where it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The term.
    pub term: String,
    /// The bytes of the text that it was made of, whole characters.
    pub range: Range<usize>,
}

/// A text as the English analyzer splits it.
pub(crate) fn lower_case(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// The words of a lower-case text that are terms before stemming, with their places.
pub(crate) fn english_words(lower: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = lower.unicode_word_indices();
    let words = words.map(|(at, word)| (at, word.strip_suffix("'s").unwrap_or(word)));
    words.filter(|(_, word)| !is_stop_word(word))
}

/// The tokens of the English analyzer.
pub(crate) fn english(stemmer: &Stemmer, text: &str) -> Vec<Token> {
    let lower = lower_case(text);
    let mut origins = Origins::of(text);
    let token = |(at, word): (usize, &str)| {
        let start = origins.of_byte(at).start;
        let end = origins.of_byte(at + word.len().saturating_sub(1)).end;
        Token { term: stemmer.stem(word).into_owned(), range: start..end }
    };
    english_words(&lower).map(token).collect()
}

/// The tokens of a WordPiece tokenizer.
pub(crate) fn word_pieces(tokenizer: &Tokenizer, text: &str) -> Vec<Token> {
    // A WordPiece model names what it does not know [UNK]; it fails on no text.
    let Ok(encoding) = tokenizer.encode(text, false) else { return Vec::new() };
    let token = |(term, &(start, end)): (&String, &(usize, usize))| {
        // A tokenizer file may bring a normalizer of its own, whose places are not to be trusted.
        let end = (end.min(text.len())..=text.len()).find(|&at| text.is_char_boundary(at));
        let end = end.unwrap_or(text.len());
        let start = (0..=start.min(end)).rev().find(|&at| text.is_char_boundary(at));
        Token { term: term.clone(), range: start.unwrap_or(0)..end }
    };
    encoding.get_tokens().iter().zip(encoding.get_offsets()).map(token).collect()
}

/// Which character of a text each byte of its lower-case form comes from; asked in ascending order.
struct Origins<'t> {
    text: &'t str,
    chars: CharIndices<'t>,
    /// The character at hand, in bytes of the text.
    range: Range<usize>,
    /// Where its lower-case form ends.
    lower_end: usize,
}

impl<'t> Origins<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, chars: text.char_indices(), range: 0..0, lower_end: 0 }
    }

    fn of_byte(&mut self, lower: usize) -> Range<usize> {
        while self.lower_end <= lower {
            let Some((at, char)) = self.chars.next() else {
                return self.text.len()..self.text.len();
            };
            self.range = at..at + char.len_utf8();
            self.lower_end += lower_length(char);
        }
        self.range.clone()
    }
}

/// Bytes of a character in lower case. A sigma takes as many at the end of a word as elsewhere.
fn lower_length(char: char) -> usize {
    if char == '’' { 1 } else { char.to_lowercase().map(char::len_utf8).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Analyzer;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let tokens = Analyzer::english().tokens(text);
        tokens.into_iter().map(|token| (token.term, text[token.range].to_owned())).collect()
    }

    fn expected(tokens: &[(&str, &str)]) -> Vec<(String, String)> {
        tokens.iter().map(|&(term, word)| (term.to_owned(), word.to_owned())).collect()
    }

    #[test]
    fn words_are_found_where_they_stand() {
        assert_eq!(
            found("The Runner’s running, İSTANBUL’S naïve ΟΔΟΣ."),
            expected(&[
                ("runner", "Runner"),
                ("run", "running"),
                ("i̇stanbul", "İSTANBUL"),
                ("naïv", "naïve"),
                ("οδος", "ΟΔΟΣ"),
            ])
        );
        assert_eq!(found(""), []);
        assert_eq!(found("the ’ of"), []);
    }

    #[test]
    fn pieces_are_found_where_they_stand() {
        let json = r###"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],
            "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
            "strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},
            "post_processor":null,"decoder":null,"model":{"type":"WordPiece","unk_token":"[UNK]",
            "continuing_subword_prefix":"##","max_input_chars_per_word":100,
            "vocab":{"[UNK]":0,"play":1,"##ing":2,"naive":3,"猫":4}}}"###;
        let analyzer = Analyzer::from_description("wordpiece", Some(json)).unwrap();
        let text = "Naïve  PLAYING 猫x";
        let tokens = analyzer.tokens(text);
        let found: Vec<(&str, &str)> =
            tokens.iter().map(|token| (token.term.as_str(), &text[token.range.clone()])).collect();
        let expected =
            [("naive", "Naïve"), ("play", "PLAY"), ("##ing", "ING"), ("猫", "猫"), ("[UNK]", "x")];
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn tokens_are_the_terms_that_are_counted(
            text in prop_oneof![any::<String>(), "[a-zA-ZΣσςİıßéǅ’' .0-9-]{0,60}"],
        ) {
            let analyzer = Analyzer::english();
            let tokens = analyzer.tokens(&text);
            prop_assert!(tokens.iter().all(|token| text.get(token.range.clone()).is_some()));
            prop_assert!(tokens.is_sorted_by(|a, b| a.range.end <= b.range.start));
            let mut terms: Vec<String> = tokens.into_iter().map(|token| token.term).collect();
            terms.sort_unstable();
            let counted = analyzer.count_terms(&text).into_iter();
            let counted: Vec<String> =
                counted.flat_map(|(term, count)| vec![term; count as usize]).collect();
            prop_assert_eq!(terms, counted);
        }

        #[test]
        fn every_byte_of_the_lower_case_text_has_an_origin(text in any::<String>()) {
            let lengths: usize = text.chars().map(lower_length).sum();
            prop_assert_eq!(lengths, lower_case(&text).len());
        }
    }
}
