//! Judgments as JSON, one object a line.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use spork_files::{LineError, check_id};

use super::grade;
use super::judgment::Judgment;
use super::names::{Role, role};
use crate::error::RecordError;

/// A good line.
const SHAPE: &str = r#"{"query-id": …, "corpus-id": …, "score": …} in one line"#;

/// The keys and values of an object, in their order, also of a key that is there twice.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// Reads one object. Of several names for one thing the first in [`role`]'s order counts; other
/// keys do not matter.
pub(super) fn parse(line: &str) -> Result<Judgment<'static>, RecordError> {
    let Entries(object) = serde_json::from_str(line)
        .map_err(|error| spork_files::json::error(SHAPE, line, &error))?;
    let (mut qid, mut docno, mut grade) = (None, None, None);
    for (key, value) in &object {
        let Some((role, place)) = role(key) else { continue };
        let best = match role {
            Role::Qid => &mut qid,
            Role::Docno => &mut docno,
            Role::Grade => &mut grade,
        };
        match best {
            Some((earlier, _)) if *earlier == place => {
                let twice = format!("the key {key:?} is there twice; keep one");
                return Err(LineError::Json(twice).into());
            }
            Some((earlier, _)) if *earlier < place => {}
            _ => *best = Some((place, value)),
        }
    }
    let (Some((_, qid)), Some((_, docno)), Some((_, grade))) = (qid, docno, grade) else {
        return Err(without(&object));
    };
    Ok(Judgment { qid: id(qid)?, docno: id(docno)?, grade: whole(grade)? })
}

/// The error of an object that lacks one of the three.
fn without(object: &[(String, Value)]) -> RecordError {
    if !object.is_empty() && object.iter().all(|(_, value)| value.is_object()) {
        return RecordError::NestedQrels;
    }
    let keys: Vec<&str> = object.iter().map(|(key, _)| key.as_str()).take(6).collect();
    LineError::Json(format!(
        "an object with the keys {keys:?}; expected {SHAPE}, or names such as qid, docno, relevance"
    ))
    .into()
}

fn id(value: &Value) -> Result<Cow<'static, str>, RecordError> {
    let id = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        other => {
            return Err(
                LineError::Json(format!("the id {other} is no string and no integer")).into()
            );
        }
    };
    check_id(&id)?;
    Ok(Cow::Owned(id))
}

fn whole(value: &Value) -> Result<i32, RecordError> {
    match value {
        Value::String(text) => grade::parse(text.trim()),
        other => grade::parse(&other.to_string()),
    }
}
