//! Documents as requests bring them, on their way into an index.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use spork_search::{DocumentFiles, EncodeOptions, Field, Index};
use utoipa::ToSchema;

use crate::api_error::ApiError;
use crate::weights::Weights;

/// A document to be added.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDocument {
    /// Its id (docno), without white space
    #[schema(min_length = 1, pattern = r"^\S+$")]
    pub(crate) id: String,
    /// Put before the text
    pub(crate) title: Option<String>,
    /// Its text, for BM25, for the model where no vector is given, and to be stored
    pub(crate) text: Option<String>,
    /// Its terms and weights, for a field of vectors
    #[schema(value_type = Option<std::collections::BTreeMap<String, f32>>)]
    pub(crate) vector: Option<Weights>,
    /// Values of the index's columns
    #[schema(value_type = Option<Object>)]
    pub(crate) columns: Option<BTreeMap<String, Box<RawValue>>>,
}

/// What a corpus calls a document's id, title and text: no columns.
const OWN: [&str; 3] = ["_id", "title", "text"];

impl NewDocument {
    /// Checks what the index would not.
    ///
    /// # Errors
    /// An id that runs can't hold, or a column that a corpus calls something else by.
    pub(crate) fn check(&self, place: usize) -> Result<(), ApiError> {
        if self.id.is_empty() || self.id.contains(char::is_whitespace) {
            let message = format!("expected an id without white space, got {:?}", self.id);
            return Err(ApiError::bad(message).at(format!("documents[{place}].id")));
        }
        let names = self.columns.iter().flat_map(BTreeMap::keys);
        if let Some(name) = names.into_iter().find(|name| OWN.contains(&name.as_str())) {
            let message = format!("no column can be called {name}");
            return Err(ApiError::bad(message).at(format!("documents[{place}].columns")));
        }
        Ok(())
    }

    /// As a line of a corpus.
    fn line(&self) -> String {
        let own = OWN.into_iter().zip([Some(&self.id), self.title.as_ref(), self.text.as_ref()]);
        let own = own.filter_map(|(name, text)| Some((name, json(text?))));
        // A value may be written over several lines; within strings there are no line feeds.
        let value = |value: &RawValue| value.get().replace(['\n', '\r'], " ");
        let columns = self.columns.iter().flatten();
        let columns = columns.map(|(name, given)| (name.as_str(), value(given)));
        let members = own.chain(columns).map(|(name, value)| format!("{}:{value}", json(name)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The documents as files, as the index takes them. Texts without vectors are encoded by the
/// index's model, where it has a field of vectors.
///
/// # Errors
/// A document that is none, a text that can't be encoded, a full disk.
pub(crate) fn files(
    index: &Index,
    documents: &[&NewDocument],
) -> spork_search::Result<DocumentFiles> {
    let fields = &index.inner().manifest().fields;
    let bm25 = fields.iter().any(Field::is_text);
    let vectors = fields.iter().any(|field| !field.is_text());
    let model = index.model().filter(|_| vectors);
    let mut files = DocumentFiles::beside(index.folder())?.with_bm25(bm25);
    for document in documents {
        let (line, text) = (document.line(), document.text.is_some() || document.title.is_some());
        if text || document.columns.is_some() {
            files.push_json(&line, text)?;
        }
        match &document.vector {
            Some(Weights(vector)) => {
                let weights = vector.iter().map(|(term, weight)| (term.as_str(), *weight));
                files.push_vector(&document.id, weights)?;
            }
            None if text && model.is_some() => files.queue_json(&line)?,
            None => {}
        }
    }
    if let Some(model) = model
        && files.queued() > 0
    {
        files.encode(model, &EncodeOptions::default(), &mut |_| Ok(()))?;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_one_line() {
        let json = "{\"id\": \"d\", \"text\": \"a\\nb\", \"columns\": {\"tags\": [\"x\",\n\"y\"], \"n\": 0.10}}";
        let document: NewDocument = crate::body::parse(json.as_bytes()).unwrap();
        document.check(0).unwrap();
        let expected = r#"{"_id":"d","text":"a\nb","n":0.10,"tags":["x", "y"]}"#;
        assert_eq!(document.line(), expected);
        for refused in
            [r#"{"id": "a b"}"#, r#"{"id": ""}"#, r#"{"id": "d", "columns": {"text": 1}}"#]
        {
            let document: NewDocument = crate::body::parse(refused.as_bytes()).unwrap();
            assert!(document.check(0).is_err(), "{refused}");
        }
    }
}
