//! Documents that are like one of the index.

use std::time::Instant;

use anyhow::Result;
use spork_index::{Field, Index};
use spork_search::{Error, FieldAnalyzers, FieldPlan, QueryParts};
use spork_searcher::Query;

use super::Search;
use crate::args::SearchArgs;
use crate::inputs::start_threads;
use crate::query_batch::BatchQuery;

/// Searches with the vector of a document, whose docno is the qid.
pub(super) fn run(args: &SearchArgs, index: &Index, docno: &str) -> Result<()> {
    let fields = &index.manifest().fields;
    let shares = match &args.queries.mix {
        Some(mix) => mix.shares(index.manifest())?,
        None => vec![1.0; fields.len()],
    };
    let found = index.find(docno)?.map(|docid| Query::of_document(index, docid, &shares));
    let query = found.transpose()?.flatten().ok_or_else(|| Error::NoDocument {
        index: index.folder().display().to_string(),
        docno: docno.to_owned(),
    })?;
    let analyzers = FieldAnalyzers::of(index)?;
    let parts = QueryParts {
        text: fields.iter().any(Field::is_text),
        vector: fields.iter().any(|field| !field.is_text()),
        model: false,
    };
    let plan = FieldPlan::new(index, &analyzers, args.queries.mix.as_ref(), parts)?;
    let threads = start_threads(args.threads)?;
    let mut search = Search::new(args, index, (false, Some(1)), &threads)?;
    let given = BatchQuery { qid: docno.to_owned(), text: None, vector: Vec::new() };
    let start = Instant::now();
    search.answer_some(&[given], &[query], &plan)?;
    search.counts.time = start.elapsed();
    search.finish()
}
