//! One sparse vector a line.
//!
//! JSONL: `{"id": "d1", "vector": {"term": weight, …}}`, other fields ignored, the id a string or
//! an integer. Query vectors, as Anserini and PISA have them: `qid<TAB>term term …` and `qid:term
//! term …`, a term repeated as often as its weight says.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor};
use spork_core::check_weight;
use spork_files::json::{self, Id, Text};
use spork_files::{Line, LineError, Source, check_id};

use crate::error::WeightFault;

/// Bytes that hold an id, whatever text it is.
const HEAD: usize = 1 << 12;

/// The format of a vectors file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorFormat {
    /// A JSON object a line.
    Jsonl,
    /// `id<TAB>term term …`.
    RepeatedTerms,
    /// `id:term term …`.
    Pisa,
}

impl VectorFormat {
    /// Tells the format by the first byte that is no white space, and of text by what follows the
    /// id: a tab, or PISA's colon.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn detect(source: &mut Source) -> spork_files::Result<Self> {
        if source.is_json()? {
            return Ok(Self::Jsonl);
        }
        let head = source.head(HEAD)?;
        Ok(Self::of_text(head.trim_ascii_start()))
    }

    /// Tells the format of text by its first line.
    pub(crate) fn of_text(text: &[u8]) -> Self {
        let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let after_id = line.iter().find(|byte| **byte == b':' || byte.is_ascii_whitespace());
        if after_id == Some(&b':') { Self::Pisa } else { Self::RepeatedTerms }
    }
}

/// A vector as its line has it: ids and terms are strings, weights finite and above zero.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorLine<'a> {
    /// Docno or qid.
    pub id: Cow<'a, str>,
    /// Terms with their weights, each term once, in the file's order.
    pub weights: Vec<(Cow<'a, str>, f32)>,
    /// The number of terms that had a weight of zero and were left out.
    pub zeros: usize,
}

impl<'a> VectorLine<'a> {
    /// Reads one line.
    ///
    /// # Errors
    /// The fault of a line that is not as the format says.
    pub fn parse(format: VectorFormat, line: Line<'a>) -> std::result::Result<Self, LineError> {
        let text = line.text()?;
        match format {
            VectorFormat::Jsonl => Self::parse_json(text),
            VectorFormat::RepeatedTerms => {
                Self::parse_repeated(text.split_once('\t'), "qid<TAB>term term …", text)
            }
            VectorFormat::Pisa => {
                Self::parse_repeated(text.split_once(':'), "qid:term term …", text)
            }
        }
    }

    fn parse_json(text: &'a str) -> std::result::Result<Self, LineError> {
        const EXPECTED: &str = r#"{"id": …, "vector": {"term": weight, …}}"#;
        let record: Record<'a> = serde_json::from_str(text).map_err(|error| {
            let keyed = serde_json::from_str::<EncodedQuery<'_>>(text).is_ok();
            if keyed {
                LineError::Json(KEYED.to_owned())
            } else {
                json::error(EXPECTED, text, &error)
            }
        })?;
        check_id(&record.id.0)?;
        Self::of_json(record.id.0, record.vector)
    }

    /// Reads a query of Pyserini's encoders, `{"contents": text, "vector"}`; the text is its id.
    pub(crate) fn parse_encoded_query(line: Line<'a>) -> std::result::Result<Self, LineError> {
        const EXPECTED: &str = r#"{"contents": text, "vector": {"term": weight, …}}"#;
        let text = line.text()?;
        let query: EncodedQuery<'a> =
            serde_json::from_str(text).map_err(|error| json::error(EXPECTED, text, &error))?;
        Self::of_json(query.contents.0, query.vector)
    }

    fn of_json(
        id: Cow<'a, str>,
        Weights(mut weights): Weights<'a>,
    ) -> std::result::Result<Self, LineError> {
        for (term, weight) in &weights {
            check_weight(*weight).map_err(|error| WeightFault {
                id: id.clone().into_owned(),
                term: term.clone().into_owned(),
                error,
            })?;
        }
        if let Some(term) = repeated(&weights) {
            return Err(LineError::Json(format!(
                "term {term:?} stands twice in the vector of {id:?}"
            )));
        }
        let entries = weights.len();
        weights.retain(|&(_, weight)| weight > 0.0);
        let zeros = entries - weights.len();
        Ok(Self { id, weights, zeros })
    }

    fn parse_repeated(
        parts: Option<(&'a str, &'a str)>,
        expected: &'static str,
        text: &str,
    ) -> std::result::Result<Self, LineError> {
        let (id, terms) = parts.ok_or_else(|| LineError::columns(expected, text))?;
        check_id(id)?;
        let mut weights: Vec<(Cow<'a, str>, f32)> = Vec::new();
        let mut terms: Vec<&str> = terms.split_ascii_whitespace().collect();
        // Published files keep a term's repetitions together, but nothing promises it.
        terms.sort_unstable();
        for equal in terms.chunk_by(|a, b| a == b) {
            weights.push((Cow::Borrowed(equal[0]), equal.len() as f32));
        }
        Ok(Self { id: Cow::Borrowed(id), weights, zeros: 0 })
    }
}

/// A term that appears twice, if any.
fn repeated<'s>(weights: &'s [(Cow<'_, str>, f32)]) -> Option<&'s str> {
    let mut terms: Vec<&str> = weights.iter().map(|(term, _)| term.as_ref()).collect();
    terms.sort_unstable();
    terms.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

struct Record<'a> {
    id: Id<'a>,
    vector: Weights<'a>,
}

/// What to do with queries that have a text in place of an id.
const KEYED: &str = "a vector without an id, keyed by its text, as Pyserini's encoders write \
                     queries; convert the file first: spork convert --topics TOPICS";

#[derive(Deserialize)]
struct EncodedQuery<'a> {
    #[serde(borrow)]
    contents: Text<'a>,
    #[serde(borrow)]
    vector: Weights<'a>,
}

impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct RecordVisitor;
        impl<'de> Visitor<'de> for RecordVisitor {
            type Value = Record<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let (mut id, mut vector) = (None, None);
                while let Some(Text(key)) = map.next_key()? {
                    let twice = match key.as_ref() {
                        "id" => id.replace(map.next_value()?).is_some(),
                        "vector" => vector.replace(map.next_value()?).is_some(),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            false
                        }
                    };
                    if twice {
                        return Err(de::Error::custom(format!("field {key:?} appears twice")));
                    }
                }
                Ok(Record {
                    id: id.ok_or_else(|| de::Error::missing_field("id"))?,
                    vector: vector.ok_or_else(|| de::Error::missing_field("vector"))?,
                })
            }
        }
        deserializer.deserialize_map(RecordVisitor)
    }
}

struct Weights<'a>(Vec<(Cow<'a, str>, f32)>);

impl<'de: 'a, 'a> Deserialize<'de> for Weights<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct WeightsVisitor;
        impl<'de> Visitor<'de> for WeightsVisitor {
            type Value = Weights<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of terms and weights (an array would be a dense vector)")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let mut weights = Vec::with_capacity(128);
                while let Some((Text(term), weight)) = map.next_entry::<_, f64>()? {
                    weights.push((term, weight as f32));
                }
                Ok(Weights(weights))
            }
        }
        deserializer.deserialize_map(WeightsVisitor)
    }
}

/// Writes one vector as a JSONL line. Weights are printed with the digits that read back to the
/// same float.
///
/// # Errors
/// `writer` can't be written.
pub fn write_vector_line<'a>(
    mut writer: impl Write,
    id: &str,
    weights: impl IntoIterator<Item = (&'a str, f32)>,
) -> io::Result<()> {
    write!(writer, "{{\"id\": {}, \"vector\": ", serde_json::to_string(id)?)?;
    write_weights(&mut writer, weights)?;
    writeln!(writer, "}}")
}

/// Writes an object of terms and weights.
pub(crate) fn write_weights<'a, N: fmt::Display>(
    mut writer: impl Write,
    weights: impl IntoIterator<Item = (&'a str, N)>,
) -> io::Result<()> {
    writer.write_all(b"{")?;
    for (i, (term, weight)) in weights.into_iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(writer, "{comma}{}: {weight}", serde_json::to_string(term)?)?;
    }
    writer.write_all(b"}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(format: VectorFormat, line: &str) -> std::result::Result<VectorLine<'_>, LineError> {
        VectorLine::parse(format, Line { number: 1, bytes: line.as_bytes() })
    }

    fn json(line: &str) -> std::result::Result<VectorLine<'_>, String> {
        parse(VectorFormat::Jsonl, line).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_json() {
        let got = json(
            r#"{"content": {"vector": 1}, "vector": {"a\u0062": 1.5, "\u0023\u0023s": 2, "z": 0, "": 1e-3}, "id": -7}"#,
        );
        let got = got.unwrap();
        assert_eq!(got.id, "-7");
        let weights: Vec<(&str, f32)> = got.weights.iter().map(|(t, w)| (t.as_ref(), *w)).collect();
        assert_eq!(weights, [("ab", 1.5), ("##s", 2.0), ("", 1e-3)]);
        assert_eq!(got.zeros, 1);
        assert!(json(r#"{"id": "x", "vector": {}}"#).unwrap().weights.is_empty());
    }

    #[test]
    fn every_bad_line_is_named() {
        for (line, says) in [
            (r#"{"id": "d", "vector": {"a": NaN}}"#, "NaN or infinity"),
            (r#"{"id": "d", "vector": {"a": -Infinity}}"#, "NaN or infinity"),
            (r#"{"id": "d", "vector": {"a": 1e39}}"#, "is infinite"),
            (r#"{"id": "d", "vector": {"a": 1e999}}"#, "number out of range"),
            (r#"{"id": "d", "vector": {"a": -0.5}}"#, "is negative (-0.5)"),
            (r#"{"id": "d", "vector": {"a": "1"}}"#, "invalid type: string"),
            (r#"{"id": "d", "vector": {"a": 1, "a": 2}}"#, r#"term "a" stands twice"#),
            (r#"{"id": "d", "id": "e", "vector": {}}"#, r#"field "id" appears twice"#),
            (r#"{"id": "d"}"#, "missing field `vector`"),
            (r#"{"vector": {}}"#, "missing field `id`"),
            (r#"{"id": 1.5, "vector": {}}"#, "an id (a string or an integer)"),
            (r#"{"id": "", "vector": {}}"#, "empty or holds white space"),
            (r#"{"id": "a b", "vector": {}}"#, "empty or holds white space"),
            (r#"{"id": "d", "vector": {"a": 1}"#, "EOF while parsing"),
            (r#"{"id": "d", "vector": {}} x"#, "trailing characters"),
            ("[]", "expected an object"),
        ] {
            let error = json(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }

    #[test]
    fn reads_repeated_terms() {
        let got = parse(VectorFormat::RepeatedTerms, "q1\tb a b  b ##c").unwrap();
        let weights: Vec<(&str, f32)> = got.weights.iter().map(|(t, w)| (t.as_ref(), *w)).collect();
        assert_eq!((got.id.as_ref(), weights), ("q1", vec![("##c", 1.0), ("a", 1.0), ("b", 3.0)]));
        assert!(parse(VectorFormat::RepeatedTerms, "q1\t").unwrap().weights.is_empty());
        assert!(parse(VectorFormat::RepeatedTerms, "q1 a b").is_err());
        let got = parse(VectorFormat::Pisa, "q1:b a:b b").unwrap();
        let weights: Vec<(&str, f32)> = got.weights.iter().map(|(t, w)| (t.as_ref(), *w)).collect();
        assert_eq!((got.id.as_ref(), weights), ("q1", vec![("a:b", 1.0), ("b", 2.0)]));
        assert!(parse(VectorFormat::Pisa, "q1\tb").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            id in "[^\\s]{1,8}",
            weights in prop::collection::btree_map(".{0,6}", f32::MIN_POSITIVE..1e30, 0..20),
        ) {
            let mut line = Vec::new();
            write_vector_line(&mut line, &id, weights.iter().map(|(t, &w)| (t.as_str(), w))).unwrap();
            let got = VectorLine::parse(VectorFormat::Jsonl, Line { number: 1, bytes: &line }).unwrap();
            prop_assert_eq!(got.id.as_ref(), &id);
            prop_assert!(got.weights.iter().map(|(t, w)| (t.as_ref(), w)).eq(weights.iter().map(|(t, w)| (t.as_str(), w))));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for format in [VectorFormat::Jsonl, VectorFormat::RepeatedTerms, VectorFormat::Pisa] {
                let _ = VectorLine::parse(format, Line { number: 1, bytes: &bytes });
            }
        }
    }
}
