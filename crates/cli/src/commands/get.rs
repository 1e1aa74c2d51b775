//! `spork get`: documents as an index has them.

use std::io::Write;

use anyhow::{Context, Result, bail};
use spork_files::Output;
use spork_index::Index;
use spork_search::Document;
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
            serde_json::to_writer(&mut output, document)?;
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
            index.name(),
            index.manifest().field_names()
        );
    };
    let weights = vector.weights.iter().map(|(term, weight)| (term.as_str(), *weight));
    Ok(write_vector_line(output, &document.docno, weights)?)
}
