//! The pairs to mine for: queries, each with a text that answers it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use spork_files::{PairLine, Source};
use spork_searcher::Query;

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;

/// A line of the pairs file. Texts are held once, however many lines share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The line, from 1.
    pub line: u64,
    /// Which of [`Pairs::queries`].
    pub query: usize,
    /// Which of [`Pairs::positives`].
    pub positive: usize,
}

/// All pairs.
#[derive(Debug, Default)]
pub struct Pairs {
    pub(crate) path: PathBuf,
    /// In the order of the file.
    pub list: Vec<Pair>,
    /// Different queries, in the order in which they first come.
    pub queries: Vec<String>,
    /// Different positives, likewise.
    pub positives: Vec<String>,
    /// By query: the fingerprints of all positives that the file gives for its words, ascending.
    known: Vec<Vec<Fingerprint>>,
}

impl Pairs {
    /// Reads JSONL `{"query": text, "positive": text}`.
    ///
    /// # Errors
    /// The file can't be read or has no line, or a line is no pair: with its number.
    pub fn read(path: &Path) -> Result<Self> {
        let mut source = Source::open(path)?;
        let mut pairs = Self { path: source.path().to_owned(), ..Self::default() };
        let (mut queries, mut positives) = (HashMap::new(), HashMap::new());
        let mut buffer = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let number = line.number;
            let pair = PairLine::parse(line)
                .map_err(|error| spork_files::Error::line(source.path(), number, error))?;
            let query = intern(&mut pairs.queries, &mut queries, &pair.query);
            let positive = intern(&mut pairs.positives, &mut positives, &pair.positive);
            pairs.list.push(Pair { line: number, query, positive });
        }
        if pairs.list.is_empty() {
            return Err(Error::NoPairs { path: pairs.path });
        }
        pairs.known = pairs.known_positives();
        Ok(pairs)
    }

    fn known_positives(&self) -> Vec<Vec<Fingerprint>> {
        let queries: Vec<Fingerprint> =
            self.queries.iter().map(|text| Fingerprint::of(text)).collect();
        let positives: Vec<Fingerprint> =
            self.positives.iter().map(|text| Fingerprint::of(text)).collect();
        let mut by_words: HashMap<Fingerprint, Vec<Fingerprint>> = HashMap::new();
        for pair in &self.list {
            by_words.entry(queries[pair.query]).or_default().push(positives[pair.positive]);
        }
        for known in by_words.values_mut() {
            known.sort_unstable();
            known.dedup();
        }
        queries.iter().map(|words| by_words.get(words).cloned().unwrap_or_default()).collect()
    }

    /// Whether the file says of a text with this fingerprint that it answers `query`.
    pub(crate) fn is_positive(&self, query: usize, text: Fingerprint) -> bool {
        self.known.get(query).is_some_and(|known| known.binary_search(&text).is_ok())
    }

    /// Every query as an index knows it, on the current threads.
    ///
    /// # Errors
    /// The first that `parse` refuses, with its line.
    pub fn parsed(
        &self,
        parse: impl Fn(usize) -> spork_searcher::Result<Query> + Sync,
    ) -> Result<Vec<Query>> {
        let parsed = (0..self.queries.len()).into_par_iter().map(|query| {
            parse(query).map_err(|source| Error::Search {
                path: self.path.clone(),
                line: self.line_of(query),
                source: Box::new(source),
            })
        });
        parsed.collect()
    }

    /// The first line that has the query.
    fn line_of(&self, query: usize) -> u64 {
        self.list.iter().find(|pair| pair.query == query).map_or(0, |pair| pair.line)
    }
}

fn intern(texts: &mut Vec<String>, numbers: &mut HashMap<String, usize>, text: &str) -> usize {
    if let Some(&number) = numbers.get(text) {
        return number;
    }
    numbers.insert(text.to_owned(), texts.len());
    texts.push(text.to_owned());
    texts.len() - 1
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn pairs(lines: &str) -> Result<Pairs> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.jsonl");
        std::fs::write(&path, lines).unwrap();
        Pairs::read(&path)
    }

    #[test]
    fn positives_of_the_same_words_are_known() {
        let pairs = pairs(concat!(
            "{\"query\": \"a cat\", \"positive\": \"Cats purr.\", \"kind\": 3}\n\n",
            "{\"query\": \"A cat?\", \"positive\": \"cats mew\"}\n",
            "{\"query\": \"dog\", \"positive\": \"Cats purr.\"}\n",
        ))
        .unwrap();
        let lines: Vec<u64> = pairs.list.iter().map(|pair| pair.line).collect();
        assert_eq!(
            (lines.as_slice(), pairs.queries.len(), pairs.positives.len()),
            (&[1, 3, 4][..], 3, 2)
        );
        let mew = Fingerprint::of("Cats mew!");
        assert!(
            pairs.is_positive(0, mew) && pairs.is_positive(1, mew) && !pairs.is_positive(2, mew)
        );
        assert_eq!(pairs.line_of(2), 4);
    }

    #[test]
    fn bad_lines_have_a_place() {
        let good = "{\"query\": \"a\", \"positive\": \"b\"}\n";
        for (line, says) in [
            ("{\"query\": \"a\"}", "pairs.jsonl:2: column 14: missing field `positive`; expected"),
            ("{\"query\": \"\", \"positive\": \"b\"}", ":2: the query is empty"),
            ("{\"query\": 3, \"positive\": \"b\"}", ":2: column"),
            ("a\tb", ":2: column 1: expected value"),
        ] {
            let error = pairs(&format!("{good}{line}\n")).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(pairs("\n").unwrap_err().to_string().contains("no pair in it"));
    }
}
