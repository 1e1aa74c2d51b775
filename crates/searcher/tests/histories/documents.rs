//! Small documents over few terms, so that ties and shared terms abound.

use std::collections::BTreeMap;

use spork_core::Random;

/// The fields of an index, and the kind of their weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Float,
    Bm25,
    /// Floats and text.
    Hybrid,
}

impl Kind {
    pub(super) fn has_vectors(self) -> bool {
        self != Self::Bm25
    }

    pub(super) fn has_text(self) -> bool {
        matches!(self, Self::Bm25 | Self::Hybrid)
    }
}

/// Words that the analyzer leaves as they are.
pub(super) const WORDS: [&str; 12] =
    ["ant", "bat", "cat", "dog", "eel", "fox", "gnu", "hen", "owl", "pig", "rat", "yak"];
/// Terms of vectors, and one more that no document has.
pub(super) const TERMS: usize = 14;

#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    pub(super) docno: String,
    pub(super) vector: Option<BTreeMap<String, f32>>,
    pub(super) words: Option<Vec<&'static str>>,
    /// Values of columns.
    pub(super) year: Option<i64>,
    pub(super) tag: Option<&'static str>,
}

/// Values of the column `tag`.
pub(super) const TAGS: [&str; 3] = ["a", "b", "A b"];

impl Document {
    pub(super) fn random(docno: String, kind: Kind, random: &mut Random) -> Self {
        // A document of a hybrid index may lack one of its parts.
        let lacks = if kind == Kind::Hybrid { random.below(6) } else { 9 };
        let vector = (kind.has_vectors() && lacks != 0).then(|| vector(kind, random));
        let words = (kind.has_text() && lacks != 1).then(|| words(random));
        let year = (random.below(4) > 0).then(|| random.below(6) as i64 - 2);
        let tag = TAGS.get(random.below(TAGS.len() + 1)).copied();
        Self { docno, vector, words, year, tag }
    }

    pub(super) fn has_fraction(&self) -> bool {
        self.vector.iter().flatten().any(|(_, weight)| weight.fract() != 0.0)
    }

    /// The text that is stored: the words, or the docno where there are none.
    pub(super) fn text(&self) -> String {
        self.words.as_ref().map_or(self.docno.clone(), |words| words.join(" "))
    }
}

fn vector(kind: Kind, random: &mut Random) -> BTreeMap<String, f32> {
    let length = random.below(7);
    let weight = |random: &mut Random| match kind {
        // Few different weights tie often; large ones take lists of two bytes.
        Kind::Integer if random.below(40) == 0 => 256.0 + random.below(60_000) as f32,
        Kind::Integer => 1.0 + random.below(4) as f32,
        // Some round to zero, and some are beyond what the index was made for.
        _ => match random.below(50) {
            0 => 0.0004,
            1 => 90.0,
            _ => 0.25 * (1 + random.below(9)) as f32 + 0.1,
        },
    };
    (0..length).map(|_| (format!("t{}", skewed(TERMS - 1, random)), weight(random))).collect()
}

fn words(random: &mut Random) -> Vec<&'static str> {
    (0..random.below(9)).map(|_| WORDS[skewed(WORDS.len() - 1, random)]).collect()
}

/// Small numbers often, large ones seldom, as terms are.
pub(super) fn skewed(below: usize, random: &mut Random) -> usize {
    let first = random.below(below);
    random.below(first + 1)
}

/// The terms and weights of a query for vectors; the last term is in no document.
pub(super) fn query_vector(kind: Kind, random: &mut Random) -> Vec<(String, f32)> {
    let weight = |random: &mut Random| match kind {
        Kind::Integer => random.below(9) as f32,
        _ => random.below(300) as f32 / 100.0,
    };
    (0..random.below(8)).map(|_| (format!("t{}", random.below(TERMS)), weight(random))).collect()
}

/// The words of a query.
pub(super) fn query_words(random: &mut Random) -> Vec<(String, f32)> {
    let word = |random: &mut Random| WORDS[random.below(WORDS.len())].to_owned();
    (0..1 + random.below(4)).map(|_| (word(random), 1.0 + random.below(2) as f32)).collect()
}
