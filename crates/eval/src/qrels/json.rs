//! Judgments as JSON, one object a line.

use std::borrow::Cow;

use serde_json::{Map, Value};
use spork_files::{LineError, check_id};

use super::grade;
use super::judgment::Judgment;
use super::names::{Role, role};
use crate::error::RecordError;

/// A good line.
const SHAPE: &str = r#"{"query-id": …, "corpus-id": …, "score": …} in one line"#;

/// Reads one object. Of several names for one thing the first in [`role`]'s order counts; other
/// keys do not matter.
pub(super) fn parse(line: &str) -> Result<Judgment<'static>, RecordError> {
    let object: Map<String, Value> = serde_json::from_str(line)
        .map_err(|error| spork_files::json::error(SHAPE, line, &error))?;
    let (mut qid, mut docno, mut grade) = (None, None, None);
    for (key, value) in &object {
        let Some((role, place)) = role(key) else { continue };
        let best = match role {
            Role::Qid => &mut qid,
            Role::Docno => &mut docno,
            Role::Grade => &mut grade,
        };
        if best.is_none_or(|(earlier, _)| place < earlier) {
            *best = Some((place, value));
        }
    }
    let (Some((_, qid)), Some((_, docno)), Some((_, grade))) = (qid, docno, grade) else {
        return Err(without(&object));
    };
    Ok(Judgment { qid: id(qid)?, docno: id(docno)?, grade: whole(grade)? })
}

fn without(object: &Map<String, Value>) -> RecordError {
    if !object.is_empty() && object.values().all(Value::is_object) {
        return RecordError::NestedQrels;
    }
    let keys: Vec<&str> = object.keys().map(String::as_str).take(6).collect();
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
