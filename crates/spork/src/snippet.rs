//! The passage of a text that shows best why it answers a query.

use std::collections::HashMap;
use std::ops::Range;

use spork_bm25::Analyzer;

/// What continues a word in a WordPiece vocabulary.
const CONTINUED: &str = "##";

/// The most characters that a passage gives up to begin and end with a whole word.
const SNAP: usize = 24;

/// A passage of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet<'t> {
    /// The passage.
    pub text: &'t str,
    /// Where it starts in the whole text, in bytes.
    pub start: usize,
    /// The words that the query has too, in bytes of the passage, ascending.
    pub matches: Vec<Range<usize>>,
}

/// Finds passages for one query.
///
/// Words are matched as the analyzer reduces them, "running" by "run". The passage is the one whose
/// distinct terms of the query weigh most, then the one with more matches, then the first; as
/// search engines have long chosen them (Turpin, Tsegay, Hawking and Williams, "Fast generation of
/// result snippets in web search", SIGIR 2007).
pub struct Snippets<'a> {
    analyzer: &'a Analyzer,
    /// The place of each term in `weights`.
    terms: HashMap<String, usize>,
    weights: Vec<f32>,
}

impl<'a> Snippets<'a> {
    /// For a query of terms as the analyzer makes them, such as [`Analyzer::query`] gives, or of
    /// word pieces where the analyzer makes those. Terms without a positive weight are left out.
    pub fn of_terms(
        analyzer: &'a Analyzer,
        terms: impl IntoIterator<Item = (String, f32)>,
    ) -> Self {
        let mut snippets = Self { analyzer, terms: HashMap::new(), weights: Vec::new() };
        for (term, weight) in terms {
            snippets.add(term, weight);
        }
        snippets
    }

    /// For a query of words, such as the vector of a SPLADE model where the analyzer makes no word
    /// pieces: each word that the analyzer makes one term of. Pieces that continue a word, and
    /// those without a positive weight, are left out.
    pub fn of_words(
        analyzer: &'a Analyzer,
        words: impl IntoIterator<Item = (impl AsRef<str>, f32)>,
    ) -> Self {
        let mut snippets = Self::of_terms(analyzer, []);
        for (word, weight) in words {
            let word = word.as_ref();
            let mut tokens = analyzer.tokens(word);
            if tokens.len() == 1 && !word.starts_with(CONTINUED) {
                snippets.add(tokens.swap_remove(0).term, weight);
            }
        }
        snippets
    }

    /// A term; of several equal ones the largest weight counts.
    fn add(&mut self, term: String, weight: f32) {
        if !(weight > 0.0 && weight.is_finite()) {
            return;
        }
        let next = self.weights.len();
        let place = *self.terms.entry(term).or_insert(next);
        if place == next {
            self.weights.push(weight);
        } else {
            self.weights[place] = self.weights[place].max(weight);
        }
    }

    /// The best passage of at most `characters` characters, or of one word of the query that is
    /// longer; the start of the text if it has no word of the query.
    pub fn best<'t>(&self, text: &'t str, characters: usize) -> Snippet<'t> {
        let chars = Chars::of(text);
        let words = self.words(&chars);
        let best = &words[self.window(&words, characters)];
        let span = best.first().zip(best.last());
        let span = span.map_or(0..0, |(first, last)| first.chars.start..last.chars.end);
        let range = chars.trimmed(chars.around(span, characters));
        let within = |word: &&Word| range.start <= word.bytes.start && word.bytes.end <= range.end;
        let shifted = |word: &Word| word.bytes.start - range.start..word.bytes.end - range.start;
        Snippet {
            matches: words.iter().filter(within).map(shifted).collect(),
            start: range.start,
            text: &text[range],
        }
    }

    /// The words of a text that the query has.
    fn words(&self, chars: &Chars<'_>) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        for token in self.analyzer.tokens(chars.text) {
            let term = self.terms.get(&token.term).copied();
            let before = words.last_mut().filter(|before| before.bytes.end == token.range.start);
            match before {
                Some(word) if token.term.starts_with(CONTINUED) => {
                    word.bytes.end = token.range.end;
                    word.terms.extend(term);
                }
                _ => words.push(Word {
                    bytes: token.range,
                    chars: 0..0,
                    terms: term.into_iter().collect(),
                }),
            }
        }
        words.retain(|word| !word.terms.is_empty());
        for word in &mut words {
            word.chars = chars.place(word.bytes.start)..chars.place(word.bytes.end);
        }
        words
    }

    /// The consecutive words that fit in so many characters, the best choice of them.
    fn window(&self, words: &[Word], characters: usize) -> Range<usize> {
        let mut counts = vec![0usize; self.weights.len()];
        let (mut best, mut best_value) = (0..0, 0.0);
        let mut end = 0;
        for (start, first) in words.iter().enumerate() {
            let last = first.chars.start.saturating_add(characters);
            while end < words.len() && (end <= start || words[end].chars.end <= last) {
                words[end].terms.iter().for_each(|&term| counts[term] += 1);
                end += 1;
            }
            let present = counts.iter().zip(&self.weights).filter(|(count, _)| **count > 0);
            let value: f64 = present.map(|(_, &weight)| f64::from(weight)).sum();
            if value > best_value || (value == best_value && end - start > best.len()) {
                (best, best_value) = (start..end, value);
            }
            first.terms.iter().for_each(|&term| counts[term] -= 1);
        }
        best
    }
}

/// A word of a text that a query has.
struct Word {
    bytes: Range<usize>,
    chars: Range<usize>,
    /// The terms of the query that it has, by their place.
    terms: Vec<usize>,
}

/// A text with its characters numbered.
struct Chars<'t> {
    text: &'t str,
    /// Where each character starts, and the end of the text.
    starts: Vec<usize>,
}

impl<'t> Chars<'t> {
    fn of(text: &'t str) -> Self {
        let starts = text.char_indices().map(|(start, _)| start).chain([text.len()]).collect();
        Self { text, starts }
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of the character that starts at a byte.
    fn place(&self, byte: usize) -> usize {
        self.starts.partition_point(|&start| start < byte)
    }

    fn get(&self, place: usize) -> Option<char> {
        self.text[*self.starts.get(place)?..].chars().next()
    }

    fn is_space(&self, place: usize) -> bool {
        self.get(place).is_some_and(char::is_whitespace)
    }

    /// The characters to show for a span that is to be seen: with what comes before it, from the
    /// start of its sentence if that fits, and after it.
    fn around(&self, span: Range<usize>, characters: usize) -> Range<usize> {
        let slack = characters.saturating_sub(span.len());
        let earliest = span.start.saturating_sub(slack);
        let sentence = (earliest..=span.start).rev().find(|&place| self.starts_sentence(place));
        let start = sentence.unwrap_or_else(|| {
            let after = (self.count() - span.end).min(slack);
            let wanted = span.start.saturating_sub((slack / 2).max(slack - after));
            let word = (wanted..span.start.min(wanted + SNAP))
                .find(|&place| place == 0 || self.is_space(place - 1));
            word.unwrap_or(wanted)
        });
        let end = start.saturating_add(characters).max(span.end).min(self.count());
        if end == self.count() || self.is_space(end) {
            return start..end;
        }
        let earliest = span.end.max(start + 1).max(end.saturating_sub(SNAP));
        let word = (earliest..end).rev().find(|&place| self.is_space(place));
        start..word.unwrap_or(end)
    }

    /// Whether a sentence may start at a character: the text does, or a line, or there is an end of
    /// a sentence and a space before it.
    fn starts_sentence(&self, place: usize) -> bool {
        let before = |count| place.checked_sub(count).and_then(|place| self.get(place));
        match (before(2), before(1)) {
            (_, None | Some('\n' | '。' | '！' | '？')) => true,
            (Some('.' | '!' | '?'), Some(space)) => space.is_whitespace(),
            _ => false,
        }
    }

    /// The bytes of these characters, without white space around them.
    fn trimmed(&self, chars: Range<usize>) -> Range<usize> {
        let range = self.starts[chars.start]..self.starts[chars.end];
        let passage = &self.text[range.clone()];
        let start = range.start + passage.len() - passage.trim_start().len();
        start..start + passage.trim().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The passage with its matches in brackets.
    fn marked(snippet: &Snippet<'_>) -> String {
        let mut marked = String::new();
        let mut done = 0;
        for range in &snippet.matches {
            marked += &snippet.text[done..range.start];
            marked += &format!("[{}]", &snippet.text[range.clone()]);
            done = range.end;
        }
        marked + &snippet.text[done..]
    }

    fn english(query: &str, text: &str, characters: usize) -> String {
        let analyzer = Analyzer::english();
        let snippets = Snippets::of_terms(&analyzer, analyzer.query(query));
        let snippet = snippets.best(text, characters);
        assert_eq!(&text[snippet.start..][..snippet.text.len()], snippet.text);
        marked(&snippet)
    }

    const TEXT: &str = "Dogs bark. An index of cats is a list. The dog runs and the cat ran, \
                        running is what a dog does best when nobody looks at it for a while.";

    #[test]
    fn the_passage_with_most_terms_is_shown() {
        assert_eq!(english("run dog", TEXT, 40), "The [dog] [runs] and the cat ran, [running] is");
        assert_eq!(english("index", TEXT, 30), "An [index] of cats is a list.");
        assert_eq!(english("while nobody", TEXT, 36), "when [nobody] looks at it for a [while].");
        assert_eq!(english("run", "A run", 100), "A [run]");
    }

    #[test]
    fn without_a_match_it_is_the_start() {
        assert_eq!(english("fish", TEXT, 20), "Dogs bark. An index");
        assert_eq!(english("", TEXT, 4), "Dogs");
        assert_eq!(english("", TEXT, 0), "");
        assert_eq!(english("cat", "", 10), "");
    }

    #[test]
    fn a_heavy_term_beats_two_light_ones() {
        let analyzer = Analyzer::english();
        let weights = [("bark", 5.0), ("dog", 1.0), ("run", 1.0)];
        let snippets = Snippets::of_words(&analyzer, weights);
        assert_eq!(marked(&snippets.best(TEXT, 12)), "[Dogs] [bark].");
    }

    #[test]
    fn long_words_and_other_scripts() {
        let long = "x".repeat(50);
        assert_eq!(english(&long, &format!("a {long} b"), 10), format!("[{long}]"));
        let chinese = "我们在这里讨论稀疏检索。倒排索引是一种数据结构。".repeat(3);
        assert_eq!(english("x", &chinese, 10).chars().count(), 10);
    }

    #[test]
    fn words_of_a_vector_match_by_their_stems() {
        let analyzer = Analyzer::english();
        let vector = [("running", 2.0), ("##ing", 9.0), ("two words", 9.0), ("dog", f32::NAN)];
        let snippets = Snippets::of_words(&analyzer, vector);
        assert_eq!(
            marked(&snippets.best("ing two words dog: he runs", 100)),
            "ing two words dog: he [runs]"
        );
    }

    #[test]
    fn pieces_mark_their_word() {
        let json = r###"{"version":"1.0","added_tokens":[],"normalizer":{"type":"BertNormalizer",
            "clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
            "pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece",
            "unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
            "vocab":{"[UNK]":0,"play":1,"##ing":2,"chess":3}}}"###;
        let analyzer = Analyzer::from_description("wordpiece", Some(json)).unwrap();
        let terms = [("play".to_owned(), 1.0), ("##ing".to_owned(), 0.5)];
        let snippets = Snippets::of_terms(&analyzer, terms);
        let text = "Chess, playing Chess: Play!";
        assert_eq!(marked(&snippets.best(text, 100)), "Chess, [playing] Chess: [Play]!");
        assert_eq!(marked(&snippets.best(text, 7)), "[playing]");
    }

    proptest! {
        #[test]
        fn any_text_and_length(
            text in prop_oneof![any::<String>(), "[a-dA-D猫é.!\\n ]{0,200}"],
            characters in prop_oneof![0usize..300, Just(usize::MAX)],
        ) {
            let analyzer = Analyzer::english();
            let words = ["a", "b", "cc", "d", "猫", "é"].map(|word| (word, word.len() as f32));
            let snippet = Snippets::of_words(&analyzer, words).best(&text, characters);
            prop_assert_eq!(&text[snippet.start..][..snippet.text.len()], snippet.text);
            let longest = snippet.matches.iter().map(|range| snippet.text[range.clone()].chars().count());
            let longest = longest.max().unwrap_or_default();
            prop_assert!(snippet.text.chars().count() <= characters.max(longest));
            prop_assert!(snippet.matches.is_sorted_by(|a, b| a.end <= b.start));
        }
    }
}
