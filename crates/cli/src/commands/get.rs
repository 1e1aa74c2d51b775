//! `spork get`: documents as an index has them.

use std::io::Write;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use spork_files::Output;
use spork_index::Index;
use spork_search::{Document, FieldVector};
use spork_vectors::write_vector_line;

use crate::args::GetArgs;

pub(crate) fn run(args: &GetArgs) -> Result<()> {
    let index = Index::open(&args.index)?;
    // All are found before one is printed.
    let find = |docno: &String| {
        let found = Document::read(&index, docno)?;
        found.with_context(|| format!("{}: no document {docno:?}", args.index.display()))
    };
    let documents = args.docno.iter().map(find).collect::<Result<Vec<_>>>()?;
    let mut output = Output::open(None)?;
    for document in &documents {
        if args.text {
            writeln!(output, "{}", text(args, document)?)?;
        } else if args.vector {
            vector(&mut output, &index, document)?;
        } else {
            serde_json::to_writer(&mut output, &Json::of(document))?;
            writeln!(output)?;
        }
    }
    Ok(output.finish()?)
}

fn text<'d>(args: &GetArgs, document: &'d Document) -> Result<&'d str> {
    document.text.as_deref().with_context(|| {
        format!(
            "{}: no text is stored of {:?}; index with --store text",
            args.index.display(),
            document.docno
        )
    })
}

/// A document's vector as a line of JSONL.
pub(crate) fn vector(output: &mut Output, index: &Index, document: &Document) -> Result<()> {
    let [vector] = document.vectors.as_slice() else {
        bail!(
            "{} has the fields {}, which no vectors file holds together; print the document as \
             JSON",
            index.folder().display(),
            index.manifest().field_names()
        );
    };
    let weights = vector.weights.iter().map(|(term, weight)| (term.as_str(), *weight));
    Ok(write_vector_line(output, &document.docno, weights)?)
}

/// A document as it is printed.
#[derive(Serialize)]
struct Json<'d> {
    docno: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'d str>,
    /// By field, each by term.
    vector: Fields<'d>,
}

struct Fields<'d>(&'d [FieldVector]);

struct Weights<'d>(&'d [(String, f32)]);

impl<'d> Json<'d> {
    fn of(document: &'d Document) -> Self {
        let Document { docno, text, vectors } = document;
        Self { docno, text: text.as_deref(), vector: Fields(vectors) }
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for vector in self.0 {
            map.serialize_entry(&vector.field, &Weights(&vector.weights))?;
        }
        map.end()
    }
}

impl Serialize for Weights<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (term, weight) in self.0 {
            map.serialize_entry(term, weight)?;
        }
        map.end()
    }
}
