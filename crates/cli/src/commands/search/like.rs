//! A document in place of a query.

use anyhow::Result;
use spork_index::{Field, Index};
use spork_search::{Error, QueryParts};
use spork_searcher::{Mix, Query};

/// The vector of a document as a query.
pub(super) fn query(index: &Index, docno: &str, mix: Option<&Mix>) -> Result<Query> {
    let shares = match mix {
        Some(mix) => mix.shares(index.manifest())?,
        None => vec![1.0; index.manifest().fields.len()],
    };
    let found = index.find(docno)?.map(|docid| Query::of_document(index, docid, &shares));
    let query = found
        .transpose()?
        .flatten()
        .ok_or_else(|| Error::NoDocument { index: index.name(), docno: docno.to_owned() })?;
    Ok(query)
}

/// What a document has: something for each field.
pub(super) fn parts(index: &Index) -> QueryParts {
    let fields = &index.manifest().fields;
    QueryParts {
        text: fields.iter().any(Field::is_text),
        vector: fields.iter().any(|field| !field.is_text()),
        model: false,
    }
}
