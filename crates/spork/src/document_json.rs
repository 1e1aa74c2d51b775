//! A document as JSON.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use spork_index::Value;

use crate::document::{Columns, Document, FieldVector};

struct Values<'d>(&'d [(String, Value)]);

struct Fields<'d>(&'d [FieldVector]);

struct Weights<'d>(&'d [(String, f32)]);

/// `docno`, `text` and `columns` where there are some, and `vector` by field and term.
impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let given =
            [self.text.is_some(), !self.columns.is_empty()].iter().filter(|&&is| is).count();
        let mut document = serializer.serialize_struct("Document", 2 + given)?;
        document.serialize_field("docno", &self.docno)?;
        if let Some(text) = &self.text {
            document.serialize_field("text", text)?;
        }
        if !self.columns.is_empty() {
            document.serialize_field("columns", &Values(&self.columns))?;
        }
        document.serialize_field("vector", &Fields(&self.vectors))?;
        document.end()
    }
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            match value {
                Value::Keyword(keyword) => map.serialize_entry(name, keyword)?,
                Value::Keywords(keywords) => map.serialize_entry(name, keywords)?,
                Value::Integer(number) => map.serialize_entry(name, number)?,
                Value::Float(number) => map.serialize_entry(name, number)?,
                Value::Boolean(truth) => map.serialize_entry(name, truth)?,
                Value::Time(time) => map.serialize_entry(name, &time.to_string())?,
            }
        }
        map.end()
    }
}

/// By name.
impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Values(self.values()).serialize(serializer)
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for vector in self.0 {
            map.serialize_entry(&vector.field, &Weights(&vector.weights))?;
        }
        map.end()
    }
}

impl Serialize for Weights<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (term, weight) in self.0 {
            map.serialize_entry(term, weight)?;
        }
        map.end()
    }
}
