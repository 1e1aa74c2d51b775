//! Text to terms, the same way for documents and queries.

use std::path::{Path, PathBuf};

use rust_stemmers::{Algorithm, Stemmer};
use tokenizers::Tokenizer;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;

use crate::tokens::{self, Token};

/// Turns text into terms. An index records its analyzer and its queries go through the same one.
pub struct Analyzer {
    rules: Rules,
}

enum Rules {
    /// Unicode words, lower case, without stop words, Porter2 stems.
    English(Stemmer),
    /// Word pieces of a BERT vocabulary.
    WordPiece(Box<Tokenizer>),
}

/// A vocabulary that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AnalyzerError {
    /// The file can't be loaded.
    #[error("{path}: expected a tokenizer.json, or a vocab.txt with one token per line: {reason}",
        path = path.display())]
    Vocabulary {
        /// The file.
        path: PathBuf,
        /// The fault of the file.
        reason: String,
    },
    /// An index says that it was made by an analyzer that this program does not have.
    #[error("unknown analyzer {0:?}; expected english or wordpiece")]
    Unknown(String),
}

const ENGLISH: &str = "english";
const WORDPIECE: &str = "wordpiece";

impl Analyzer {
    /// Unicode words (UAX 29) in lower case, stop words left out, reduced to Porter2 stems.
    pub fn english() -> Self {
        Self { rules: Rules::English(Stemmer::create(Algorithm::English)) }
    }

    /// Word pieces of the vocabulary in a `tokenizer.json`, or a `vocab.txt` (read as BERT
    /// uncased).
    ///
    /// # Errors
    /// The file is neither.
    pub fn wordpiece(path: &Path) -> Result<Self, AnalyzerError> {
        let fail = |reason: String| AnalyzerError::Vocabulary { path: path.to_owned(), reason };
        let json = path.extension().is_some_and(|extension| extension == "json");
        let tokenizer = if json {
            Tokenizer::from_file(path).map_err(|error| fail(error.to_string()))?
        } else {
            let vocabulary =
                WordPiece::from_file(&path.to_string_lossy()).unk_token("[UNK]".into());
            let mut tokenizer =
                Tokenizer::new(vocabulary.build().map_err(|error| fail(error.to_string()))?);
            tokenizer
                .with_normalizer(Some(BertNormalizer::default()))
                .map_err(|error| fail(error.to_string()))?;
            tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
            tokenizer
        };
        Ok(Self::from_tokenizer(tokenizer))
    }

    fn from_tokenizer(mut tokenizer: Tokenizer) -> Self {
        tokenizer.with_padding(None);
        // Without a length to truncate to, there is nothing that could fail.
        let _ = tokenizer.with_truncation(None);
        Self { rules: Rules::WordPiece(Box::new(tokenizer)) }
    }

    /// Name and parameter, which an index records so that its queries go through the same analyzer.
    ///
    /// # Errors
    /// The tokenizer can't be written as JSON.
    pub fn describe(&self) -> Result<(&'static str, Option<String>), AnalyzerError> {
        match &self.rules {
            Rules::English(_) => Ok((ENGLISH, None)),
            Rules::WordPiece(tokenizer) => {
                let json = tokenizer.to_string(false).map_err(|error| {
                    AnalyzerError::Vocabulary { path: PathBuf::new(), reason: error.to_string() }
                })?;
                Ok((WORDPIECE, Some(json)))
            }
        }
    }

    /// The analyzer of a [description](Self::describe).
    ///
    /// # Errors
    /// There is no such analyzer, or its tokenizer can't be read.
    pub fn from_description(name: &str, parameter: Option<&str>) -> Result<Self, AnalyzerError> {
        match (name, parameter) {
            (ENGLISH, _) => Ok(Self::english()),
            (WORDPIECE, Some(json)) => {
                json.parse().map(Self::from_tokenizer).map_err(|error: tokenizers::Error| {
                    AnalyzerError::Vocabulary {
                        path: PathBuf::from("(of the index)"),
                        reason: error.to_string(),
                    }
                })
            }
            _ => Err(AnalyzerError::Unknown(name.to_owned())),
        }
    }

    /// Whether a text can have this term, to the best of what a term tells: a stem may still be
    /// reduced.
    pub fn has_term(&self, term: &str) -> bool {
        match &self.rules {
            Rules::English(stemmer) => english_terms(stemmer, term) == [term],
            Rules::WordPiece(tokenizer) => tokenizer.token_to_id(term).is_some(),
        }
    }

    /// The terms of a text in the order of their places, those that [`count_terms`] counts.
    ///
    /// [`count_terms`]: Self::count_terms
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        match &self.rules {
            Rules::English(stemmer) => tokens::english(stemmer, text),
            Rules::WordPiece(tokenizer) => tokens::word_pieces(tokenizer, text),
        }
    }

    /// The terms of a text with their counts, ascending.
    pub fn count_terms(&self, text: &str) -> Vec<(String, u32)> {
        let mut terms = match &self.rules {
            Rules::English(stemmer) => english_terms(stemmer, text),
            Rules::WordPiece(tokenizer) => word_pieces(tokenizer, text),
        };
        terms.sort_unstable();
        let equal = terms.chunk_by(|a, b| a == b);
        equal.map(|equal| (equal[0].clone(), equal.len() as u32)).collect()
    }
}

fn english_terms(stemmer: &Stemmer, text: &str) -> Vec<String> {
    let lower = tokens::lower_case(text);
    tokens::english_words(&lower).map(|(_, word)| stemmer.stem(word).into_owned()).collect()
}

fn word_pieces(tokenizer: &Tokenizer, text: &str) -> Vec<String> {
    // A WordPiece model names what it does not know [UNK]; it fails on no text.
    tokenizer.encode(text, false).map(|encoding| encoding.get_tokens().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(text: &str) -> Vec<(String, u32)> {
        Analyzer::english().count_terms(text)
    }

    #[test]
    fn terms_are_told_from_words() {
        let english = Analyzer::english();
        for (word, is_term) in
            [("cat", true), ("run", true), ("running", false), ("the", false), ("a-b", false)]
        {
            assert_eq!(english.has_term(word), is_term, "{word}");
        }
    }

    fn expected(terms: &[(&str, u32)]) -> Vec<(String, u32)> {
        terms.iter().map(|&(term, count)| (term.to_owned(), count)).collect()
    }

    #[test]
    fn english() {
        assert_eq!(
            terms("The runners’ running; a runner's run."),
            expected(&[("run", 2), ("runner", 2)])
        );
        assert_eq!(
            terms("NF-κB 0.5 naïve"),
            expected(&[("0.5", 1), ("naïv", 1), ("nf", 1), ("κb", 1)])
        );
        assert_eq!(terms("the of and"), []);
        assert_eq!(terms(""), []);
    }

    #[test]
    fn wordpiece_round_trip_through_its_description() {
        let folder = std::env::temp_dir().join(format!("spork-bm25-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let vocabulary = folder.join("vocab.txt");
        std::fs::write(&vocabulary, "[UNK]\nplay\n##ing\nchess\n").unwrap();
        let analyzer = Analyzer::wordpiece(&vocabulary).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let (name, parameter) = analyzer.describe().unwrap();
        let again = Analyzer::from_description(name, parameter.as_deref()).unwrap();
        for analyzer in [analyzer, again] {
            let terms = analyzer.count_terms("Playing chess, chess");
            assert_eq!(terms, expected(&[("##ing", 1), ("[UNK]", 1), ("chess", 2), ("play", 1)]));
            assert!(analyzer.has_term("##ing") && !analyzer.has_term("Playing"));
        }
    }

    #[test]
    fn bad_vocabularies_are_named() {
        let error = Analyzer::wordpiece(Path::new("/nowhere/vocab.txt")).err().unwrap().to_string();
        assert!(error.contains("vocab.txt"), "{error}");
        assert!(Analyzer::from_description("french", None).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            terms(&text);
        }
    }
}
