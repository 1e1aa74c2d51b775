//! One document or query as a JSON object, under the names that collections give its fields.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::error::LineError;
use crate::json;

const EXPECTED: &str = r#"{"_id": …, "title"?: …, "text": …}"#;

/// The part that a field plays in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Id(Kind),
    Title,
    /// Headings, which MS MARCO v2 has between title and body.
    Headings,
    Text(Kind),
}

/// What a record is, as the name of its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Any,
    Document,
    Query,
}

/// The fields that are read. Of two names for the same part the first here counts: `_id` (BEIR)
/// before `id`, `text` (BEIR) before `contents` (Pyserini), which holds the title once more; `pid`
/// before `docid`, because a passage of MS MARCO v2 has both, the second for its document.
const FIELDS: [(&str, Role); 28] = [
    ("_id", Role::Id(Kind::Any)),
    ("id", Role::Id(Kind::Any)),
    ("pid", Role::Id(Kind::Document)),
    ("passage_id", Role::Id(Kind::Document)),
    ("docid", Role::Id(Kind::Document)),
    ("doc_id", Role::Id(Kind::Document)),
    ("docno", Role::Id(Kind::Document)),
    ("document_id", Role::Id(Kind::Document)),
    ("corpus-id", Role::Id(Kind::Document)),
    ("corpus_id", Role::Id(Kind::Document)),
    ("qid", Role::Id(Kind::Query)),
    ("query_id", Role::Id(Kind::Query)),
    ("query-id", Role::Id(Kind::Query)),
    ("queryid", Role::Id(Kind::Query)),
    ("topic_id", Role::Id(Kind::Query)),
    ("question_id", Role::Id(Kind::Query)),
    ("title", Role::Title),
    ("headings", Role::Headings),
    ("text", Role::Text(Kind::Any)),
    ("contents", Role::Text(Kind::Document)),
    ("content", Role::Text(Kind::Document)),
    ("passage", Role::Text(Kind::Document)),
    ("segment", Role::Text(Kind::Document)),
    ("body", Role::Text(Kind::Document)),
    ("document", Role::Text(Kind::Document)),
    ("query", Role::Text(Kind::Query)),
    ("query_text", Role::Text(Kind::Query)),
    ("question", Role::Text(Kind::Query)),
];

/// Whether a column or key of this name holds ids.
pub(crate) fn is_id_name(name: &str) -> bool {
    FIELDS.iter().any(|&(field, role)| field == name && matches!(role, Role::Id(_)))
}

/// Whether a column or key of this name holds text.
pub(crate) fn is_text_name(name: &str) -> bool {
    FIELDS.iter().any(|&(field, role)| field == name && matches!(role, Role::Text(_)))
}

/// The parts of a document or query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) title: Option<Cow<'a, str>>,
    pub(crate) headings: Option<Cow<'a, str>>,
    pub(crate) text: Cow<'a, str>,
}

impl<'a> Record<'a> {
    /// Reads a JSON object. NaN and infinity, which Python writes for missing values and JSON does
    /// not have, count as null.
    pub(crate) fn parse(line: &'a str) -> Result<Self, LineError> {
        match serde_json::from_str::<Found<'a>>(line) {
            Ok(found) => found.record(),
            Err(error) => repaired(line, &error, |found| found.record().map(Record::into_owned)),
        }
    }

    fn into_owned(self) -> Record<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Record {
            id: own(self.id),
            title: self.title.map(own),
            headings: self.headings.map(own),
            text: own(self.text),
        }
    }
}

/// The id of a JSON object, which need not have a text.
pub(crate) fn id_of(line: &str) -> Result<Cow<'_, str>, LineError> {
    match serde_json::from_str::<Found<'_>>(line) {
        Ok(found) => found.any_id(),
        Err(error) => {
            repaired(line, &error, |found| found.any_id().map(|id| Cow::Owned(id.into_owned())))
        }
    }
}

/// Reads a line that is no JSON, if it is once its NaN and infinities are null.
fn repaired<T>(
    line: &str,
    error: &serde_json::Error,
    read: impl FnOnce(Found<'_>) -> Result<T, LineError>,
) -> Result<T, LineError> {
    let Some(repaired) = json::null_for_nan(line) else {
        return Err(json::error(EXPECTED, line, error));
    };
    let found: Found<'_> = serde_json::from_str(&repaired)
        .map_err(|error| json::error(EXPECTED, &repaired, &error))?;
    read(found)
}

/// The fields of an object that have a part to play, by their place in [`FIELDS`].
struct Found<'a>([Option<Field<'a>>; FIELDS.len()]);

impl<'a> Found<'a> {
    fn record(mut self) -> Result<Record<'a>, LineError> {
        let (text, kind) = self.text()?;
        let id = self.id(kind)?;
        let title = self.first(|role| role == Role::Title)?;
        let headings = self.first(|role| role == Role::Headings)?;
        Ok(Record { id, title, headings, text })
    }

    /// The id of a record that may have no text: of a document, unless its text is a query's.
    fn any_id(mut self) -> Result<Cow<'a, str>, LineError> {
        let kinds = FIELDS.iter().zip(&self.0).filter(|(_, field)| field.is_some());
        let mut kinds = kinds.filter_map(|(&(_, role), _)| match role {
            Role::Text(kind) => Some(kind),
            _ => None,
        });
        let kind = kinds.next().unwrap_or(Kind::Document);
        self.id(kind)
    }

    /// The text, empty where it is null, and what it says the record is.
    fn text(&mut self) -> Result<(Cow<'a, str>, Kind), LineError> {
        let mut kind = None;
        for ((name, role), field) in FIELDS.into_iter().zip(&mut self.0) {
            let Role::Text(of) = role else { continue };
            let Some(field) = field.take() else { continue };
            kind = kind.or(Some(of));
            if let Some(text) = field.string(name)? {
                return Ok((text, of));
            }
        }
        let kind =
            kind.ok_or_else(|| LineError::Json(format!("no `text`; expected {EXPECTED}")))?;
        Ok((Cow::Borrowed(""), kind))
    }

    /// The id by the names that go with the text's first, then by any.
    fn id(&mut self, kind: Kind) -> Result<Cow<'a, str>, LineError> {
        let fits = |of: Kind| of == Kind::Any || kind == Kind::Any || of == kind;
        let own = self.first(|role| matches!(role, Role::Id(of) if fits(of)))?;
        let any = match own {
            Some(id) => Some(id),
            None => self.first(|role| matches!(role, Role::Id(_)))?,
        };
        any.ok_or_else(|| {
            LineError::Json(format!(
                "no `_id` (nor `id`, `docid`, `pid`, `doc_id`, `qid`, `query_id`); expected \
                 {EXPECTED}"
            ))
        })
    }

    /// The first field of a role that is not null.
    fn first(&mut self, fits: impl Fn(Role) -> bool) -> Result<Option<Cow<'a, str>>, LineError> {
        for ((name, role), field) in FIELDS.into_iter().zip(&mut self.0) {
            if !fits(role) {
                continue;
            }
            let Some(field) = field.take() else { continue };
            let text = field.string(name)?;
            if text.is_some() {
                return Ok(text);
            }
        }
        Ok(None)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Found<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FoundVisitor;
        impl<'de> Visitor<'de> for FoundVisitor {
            type Value = Found<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = Found([const { None }; FIELDS.len()]);
                while let Some(Key(place)) = map.next_key()? {
                    let Some(place) = place else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    if found.0[place].replace(map.next_value()?).is_some() {
                        let name = FIELDS[place].0;
                        return Err(de::Error::custom(format!("the key `{name}` appears twice")));
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_map(FoundVisitor)
    }
}

/// A key by its place in [`FIELDS`]; none for a field that is not read.
struct Key(Option<usize>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E: de::Error>(self, key: &str) -> Result<Key, E> {
                Ok(Key(FIELDS.iter().position(|&(name, _)| name == key)))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A field's value: a text or an integer, or what it is instead.
enum Field<'a> {
    Null,
    Text(Cow<'a, str>),
    Fraction(f64),
    Other(&'static str),
}

impl<'a> Field<'a> {
    /// The value as a string; none for null.
    fn string(self, name: &str) -> Result<Option<Cow<'a, str>>, LineError> {
        let remedy = "write it as a string";
        match self {
            Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            Self::Fraction(number) => Err(LineError::Json(format!(
                "`{name}` is {number:?}, a number with a fraction or beyond 64 bits; {remedy}"
            ))),
            Self::Other(what) => Err(LineError::Json(format!(
                "`{name}` is {what}, expected a string; {}",
                if what == "a list" { "join its parts" } else { remedy }
            ))),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, an integer or null")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Field::Fraction(number))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Field::Other("true or false"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Field::Null)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other("an object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<(String, String, String), String> {
        let record = Record::parse(line).map_err(|error| error.to_string())?;
        let title = [record.title, record.headings].into_iter().flatten().collect::<Vec<_>>();
        Ok((record.id.into_owned(), title.join("|"), record.text.into_owned()))
    }

    #[test]
    fn the_names_of_collections_are_known() {
        for (line, id, title, text) in [
            // BEIR, and a data frame's additional id.
            (r#"{"_id": "d1", "id": 17, "title": "T", "text": "t"}"#, "d1", "T", "t"),
            // Pyserini, alone and beside the single fields.
            (r#"{"id": "d2", "contents": "c"}"#, "d2", "", "c"),
            (r#"{"id": "d2", "contents": "\"T\"\nt", "title": "T", "text": "t"}"#, "d2", "T", "t"),
            // MIRACL and Mr.TyDi.
            (r#"{"docid": "12#0", "title": "T", "text": "t"}"#, "12#0", "T", "t"),
            // MS MARCO v2: passages, documents, segments.
            (
                r#"{"pid": "msmarco_passage_00_0", "passage": "p", "spans": "(0,1)", "docid": "msmarco_doc_00_0"}"#,
                "msmarco_passage_00_0",
                "",
                "p",
            ),
            (
                r#"{"url": "u", "title": "T", "headings": "H", "body": "b", "docid": "D"}"#,
                "D",
                "T|H",
                "b",
            ),
            (
                r#"{"docid": "D#1", "url": "u", "title": "T", "headings": "H", "segment": "s", "start_char": 0}"#,
                "D#1",
                "T|H",
                "s",
            ),
            // ir_datasets and its copies on the Hub.
            (r#"{"doc_id": "d", "text": "t"}"#, "d", "", "t"),
            (r#"{"query_id": "q", "text": "t"}"#, "q", "", "t"),
            (r#"{"doc_id": "d", "url": "u", "title": "T", "body": "b"}"#, "d", "T", "b"),
            // Topics on the Hub; what is judged beside a query is not the query's id.
            (
                r#"{"docid": "d", "query_id": "q", "query": "x", "positive_passages": [{"docid": "p", "text": "y"}]}"#,
                "q",
                "",
                "x",
            ),
            (r#"{"qid": 3, "question": "x"}"#, "3", "", "x"),
            // Null and NaN are empty; of two names the one that says something counts.
            (r#"{"_id": "d", "title": null, "text": null}"#, "d", "", ""),
            (r#"{"_id": null, "id": "d", "text": null, "contents": "c"}"#, "d", "", "c"),
            (
                r#"{"_id": "d", "title": NaN, "text": "NaN \" NaN", "n": [-Infinity]}"#,
                "d",
                "",
                "NaN \" NaN",
            ),
            // Fields that are not read may hold anything that brackets fit.
            (r#"{"_id": "d", "text": "t", "metadata": {"x": "\ud83d", "x": 1e999}}"#, "d", "", "t"),
            (r#"{"\u005fid": "d", "title": 1984, "text": "t"}"#, "d", "1984", "t"),
        ] {
            let expected = (id.to_owned(), title.to_owned(), text.to_owned());
            assert_eq!(parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn records_without_text_have_an_id() {
        for (line, id) in [
            (r#"{"year": 2020, "id": "d"}"#, "d"),
            (r#"{"_id": 7, "year": NaN}"#, "7"),
            (r#"{"qid": "q", "docid": "d"}"#, "d"),
            (r#"{"qid": "q", "docid": "d", "query": "x"}"#, "q"),
            (r#"{"qid": "q", "docid": "d", "body": null}"#, "d"),
            (r#"{"id": "d", "text": ["no", "text"]}"#, "d"),
        ] {
            assert_eq!(id_of(line).unwrap(), id, "{line}");
        }
        for (line, says) in [
            (r#"{"year": 2020}"#, "no `_id` (nor `id`"),
            (r#"{"id": "d""#, "EOF while parsing"),
            (r#"{"id": 1.5}"#, "a number with a fraction"),
        ] {
            let error = id_of(line).unwrap_err().to_string();
            assert!(error.contains(says), "{line}: {error}");
        }
    }

    #[test]
    fn every_bad_record_is_named() {
        for (line, says) in [
            (r#"{"_id": "1"}"#, "no `text`; expected {"),
            (r#"{"text": "b"}"#, "no `_id` (nor `id`"),
            (r#"{"_id": null, "text": "b"}"#, "no `_id`"),
            (r#"{"_id": [], "text": "b"}"#, "`_id` is a list, expected a string"),
            (r#"{"_id": 1.0, "text": "b"}"#, "`_id` is 1.0, a number with a fraction"),
            (r#"{"_id": 18446744073709551616, "text": "b"}"#, "beyond 64 bits"),
            (r#"{"_id": true, "text": "b"}"#, "`_id` is true or false"),
            (r#"{"_id": "1", "text": ["a", "b"]}"#, "`text` is a list, expected a string; join"),
            (r#"{"_id": "1", "text": {"a": 1}}"#, "`text` is an object"),
            (r#"{"_id": "1", "text": "a", "text": "b"}"#, "the key `text` appears twice"),
            (r#"{"_id": "1", "text": "dogs \ud83d"}"#, "half of a character (a lone surrogate)"),
            (r#"{"_id": "1", "text": nan}"#, "NaN or infinity"),
            (r#"["1", "b"]"#, "expected an object"),
            (r#"{"_id": "1", "text": "b"#, "EOF while parsing a string"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
            assert!(!error.contains("weight"), "{error}");
        }
    }
}
