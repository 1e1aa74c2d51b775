//! The record of an encoder in the vectors and indexes that it made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};
use spork_core::ENCODER_PROPERTY;

use crate::identity::Identity;

/// What a record says of the arithmetic: the last digits of weights depend on it.
const ARITHMETIC: [&str; 3] = ["backend", "precision", "level"];
/// Where a record does not say it.
const UNKNOWN: &str = "unknown";
/// In place of a level where weights are the same at each.
const EVERY_LEVEL: &str = "every level";
/// Between the words of a mixture.
const AND: &str = "+";

/// What two records say of vectors that stand together.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// Equal records: equal texts have equal vectors.
    Same,
    /// One encoder, computed in different ways, so that weights differ in their last digits; with
    /// the record of both together, whose words are joined by `+`.
    Mixture(EncoderRecord),
    /// Different encoders.
    Other,
}

/// Vectors of one encoder that were computed in different ways.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{one} was encoded by {one_arithmetic}, {other} by {other_arithmetic}: equal texts have \
     weights that differ in their last digits; encode both with one --backend and --precision, on \
     processors alike, or allow the mixture with --allow-mismatch"
)]
pub struct ArithmeticMismatch {
    /// The first vectors.
    pub one: String,
    /// How they were computed.
    pub one_arithmetic: String,
    /// The second vectors.
    pub other: String,
    /// How these were computed.
    pub other_arithmetic: String,
}

/// The record of an encoder in a vectors file or an index: an [`Identity`] as JSON, or the
/// description of an encoder that is not ours. Equal records are equal as JSON values.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderRecord(Value);

impl EncoderRecord {
    /// Reads a record.
    ///
    /// # Errors
    /// Text that is no JSON.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }

    /// The record in an index's properties; none where the index does not say how its vectors were
    /// made.
    ///
    /// # Errors
    /// The property is no JSON.
    pub fn of_properties(
        properties: &BTreeMap<String, String>,
    ) -> Result<Option<Self>, serde_json::Error> {
        properties.get(ENCODER_PROPERTY).map(|json| Self::parse(json)).transpose()
    }

    /// The property by which an index records this: its name and its value.
    pub fn property(&self) -> (String, String) {
        (ENCODER_PROPERTY.to_owned(), self.to_string())
    }

    /// The identity that is recorded.
    ///
    /// # Errors
    /// A record of another kind, with the first key that it lacks.
    pub fn identity(&self) -> Result<Identity, serde_json::Error> {
        Identity::deserialize(&self.0)
    }

    /// What this record and another one say of vectors that stand together.
    pub fn compare(&self, other: &Self) -> Comparison {
        if self == other {
            return Comparison::Same;
        }
        let (Value::Object(one), Value::Object(two)) = (&self.0, &other.0) else {
            return Comparison::Other;
        };
        let encoder = |record: &Map<String, Value>| -> Map<String, Value> {
            let settings = record.iter().filter(|(key, _)| !ARITHMETIC.contains(&key.as_str()));
            settings.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let mut mixture = encoder(one);
        if mixture != encoder(two) {
            return Comparison::Other;
        }
        let (one, two) = (Arithmetic::of(one), Arithmetic::of(two));
        for ((key, one), two) in ARITHMETIC.into_iter().zip(one.0).zip(two.0) {
            mixture.insert(key.to_owned(), Value::String(both(&one, &two)));
        }
        Comparison::Mixture(Self(Value::Object(mixture)))
    }

    /// How the encoder's network was computed, in words: `backend torch, bf16, avx512`.
    pub fn arithmetic(&self) -> String {
        match &self.0 {
            Value::Object(record) => Arithmetic::of(record).to_string(),
            _ => Arithmetic::of(&Map::new()).to_string(),
        }
    }

    /// The encoder's name, whatever kind of record it is.
    pub fn name(&self) -> Option<&str> {
        self.0.get("name")?.as_str()
    }

    /// The record as a JSON value.
    pub fn into_json(self) -> Value {
        self.0
    }
}

impl From<Value> for EncoderRecord {
    fn from(json: Value) -> Self {
        Self(json)
    }
}

impl TryFrom<&Identity> for EncoderRecord {
    type Error = serde_json::Error;

    fn try_from(identity: &Identity) -> Result<Self, serde_json::Error> {
        serde_json::to_value(identity).map(Self)
    }
}

/// One line of JSON, its keys in alphabetical order.
impl fmt::Display for EncoderRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Backend, precision and level of a record.
struct Arithmetic([String; 3]);

impl Arithmetic {
    fn of(record: &Map<String, Value>) -> Self {
        let word = |key: &str| Some(record.get(key)?.as_str()?.to_owned());
        // A record of a version that knew backends says a level wherever there is one.
        let level = if word("backend").is_some() { EVERY_LEVEL } else { UNKNOWN };
        Self(ARITHMETIC.map(|key| {
            let absent = if key == "level" { level } else { UNKNOWN };
            word(key).unwrap_or_else(|| absent.to_owned())
        }))
    }
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [backend, precision, level] = &self.0;
        match backend.as_str() {
            UNKNOWN => write!(f, "an unknown backend, {precision}"),
            _ => write!(f, "backend {backend}, {precision}, {level}"),
        }
    }
}

/// The words of both, each once.
fn both(one: &str, two: &str) -> String {
    let words: BTreeSet<&str> = one.split(AND).chain(two.split(AND)).collect();
    words.into_iter().collect::<Vec<_>>().join(AND)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(words: &str) -> EncoderRecord {
        EncoderRecord::parse(&format!(r#"{{"name": "m", "weights": "00000001"{words}}}"#)).unwrap()
    }

    fn mixture(one: &EncoderRecord, other: &EncoderRecord) -> EncoderRecord {
        match one.compare(other) {
            Comparison::Mixture(mixture) => mixture,
            comparison => panic!("{comparison:?}"),
        }
    }

    #[test]
    fn one_encoder_computed_in_two_ways_is_a_mixture() {
        let rust = record(r#", "backend": "rust", "precision": "fp32""#);
        let torch = record(r#", "backend": "torch", "precision": "bf16", "level": "avx2""#);
        assert_eq!(rust.compare(&rust.clone()), Comparison::Same);
        let mixed = mixture(&rust, &torch);
        assert_eq!(mixed, mixture(&torch, &rust));
        assert_eq!(mixed.arithmetic(), "backend rust+torch, bf16+fp32, avx2+every level");
        // A third kind joins the two, in any order; one of the two changes nothing.
        let wider = record(r#", "backend": "torch", "precision": "bf16", "level": "avx512""#);
        assert_eq!(mixture(&mixed, &wider), mixture(&mixture(&wider, &rust), &torch));
        assert_eq!(mixture(&mixed, &torch), mixed);
    }

    proptest! {
        #[test]
        fn the_order_of_joining_is_no_matter(
            words in prop::collection::vec((0usize..4, 0usize..3, 0usize..4), 3)
        ) {
            let pick = |key: &str, word: Option<&&str>| {
                word.map_or(String::new(), |word| format!(r#", "{key}": "{word}""#))
            };
            let records: Vec<EncoderRecord> = words
                .iter()
                .map(|&(backend, precision, level)| {
                    record(&[
                        pick("backend", ["rust", "torch", "other"].get(backend)),
                        pick("precision", ["fp32", "bf16"].get(precision)),
                        pick("level", ["avx2", "avx512", "cuda"].get(level)),
                    ].concat())
                })
                .collect();
            let join = |one: &EncoderRecord, other: &EncoderRecord| match one.compare(other) {
                Comparison::Same => one.clone(),
                Comparison::Mixture(mixture) => mixture,
                Comparison::Other => panic!("one encoder"),
            };
            let [a, b, c] = records.as_slice() else { return Ok(()) };
            let all = join(&join(a, b), c);
            prop_assert_eq!(all.arithmetic(), join(a, &join(b, c)).arithmetic());
            prop_assert_eq!(all.arithmetic(), join(&join(c, a), b).arithmetic());
            prop_assert_eq!(join(&all, a).arithmetic(), all.arithmetic());
        }
    }

    #[test]
    fn what_is_not_recorded_is_unknown() {
        let old = record(r#", "precision": "fp32""#);
        let rust = record(r#", "backend": "rust", "precision": "fp32""#);
        assert_eq!(old.arithmetic(), "an unknown backend, fp32");
        assert_eq!(rust.arithmetic(), "backend rust, fp32, every level");
        let mixed = mixture(&old, &rust);
        assert_eq!(mixed.arithmetic(), "backend rust+unknown, fp32, every level+unknown");
        // Nor does a record of tables, which no backend computes, mix with itself.
        assert_eq!(record("").compare(&record("")), Comparison::Same);
    }

    #[test]
    fn other_encoders_are_no_mixture() {
        let rust = record(r#", "backend": "rust", "precision": "fp32""#);
        for other in [
            record(r#", "backend": "rust", "precision": "fp32", "lexical_only": true"#),
            EncoderRecord::parse(r#"{"name": "theirs"}"#).unwrap(),
            EncoderRecord::parse(r#""theirs""#).unwrap(),
        ] {
            assert_eq!(rust.compare(&other), Comparison::Other);
            assert_eq!(other.compare(&rust), Comparison::Other);
        }
    }
}
