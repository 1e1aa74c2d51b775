//! The pieces that all records of one JSON object a line share.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::error::LineError;

/// A string, borrowed where the JSON has no escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// An id: a string, or an integer as its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl<'de> Visitor<'de> for IdVisitor {
            type Value = Id<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id (a string or an integer)")
            }
            fn visit_borrowed_str<E: de::Error>(self, id: &'de str) -> Result<Self::Value, E> {
                Ok(Id(Cow::Borrowed(id)))
            }
            fn visit_str<E: de::Error>(self, id: &str) -> Result<Self::Value, E> {
                Ok(Id(Cow::Owned(id.to_owned())))
            }
            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Self::Value, E> {
                Ok(Id(Cow::Owned(id.to_string())))
            }
            fn visit_i64<E: de::Error>(self, id: i64) -> Result<Self::Value, E> {
                Ok(Id(Cow::Owned(id.to_string())))
            }
        }
        deserializer.deserialize_any(IdVisitor)
    }
}

/// The error of a `line` that serde_json refused, in one sentence: the column, the fault, and the
/// `expected` shape.
pub fn error(expected: &str, line: &str, error: &serde_json::Error) -> LineError {
    // The column is that of a wrong byte, or of the one behind the first byte of a wrong word.
    let from = |back: usize| line.get(error.column().saturating_sub(back)..).unwrap_or_default();
    // serde_json counts lines within the one that it was given.
    let said = error.to_string();
    let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
    let what = if is_not_finite(from(1)) || is_not_finite(from(2)) {
        "NaN or infinity, which JSON does not have"
    } else if what.contains("surrogate") || what.contains("unexpected end of hex escape") {
        "half of a character (a lone surrogate), as in a text that was cut inside an emoji; cut \
         texts between characters"
    } else if what == "trailing characters" {
        "trailing characters; there is one object a line"
    } else {
        what
    };
    LineError::Json(format!("column {}: {what}; expected {expected}", error.column()))
}

/// Whether a number that is none begins here, in any of the spellings that programs write.
fn is_not_finite(text: &str) -> bool {
    let text = text.trim_start_matches('-');
    ["NaN", "nan", "Inf", "inf"].iter().any(|name| text.starts_with(name))
}

/// The line with null in place of NaN and infinity as Python writes them, outside strings; none
/// where there are none.
pub fn null_for_nan(line: &str) -> Option<String> {
    const NAMES: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    let mut repaired = String::new();
    let (mut copied, mut at) = (0, 0);
    let mut in_string = false;
    let bytes = line.as_bytes();
    while at < bytes.len() {
        let name = NAMES.iter().find(|name| !in_string && bytes[at..].starts_with(name.as_bytes()));
        if let Some(name) = name {
            repaired.push_str(&line[copied..at]);
            repaired.push_str("null");
            at += name.len();
            copied = at;
            continue;
        }
        match bytes[at] {
            b'"' => in_string = !in_string,
            b'\\' if in_string => at += 1,
            _ => {}
        }
        at += 1;
    }
    repaired.push_str(&line[copied..]);
    (copied > 0).then_some(repaired)
}
