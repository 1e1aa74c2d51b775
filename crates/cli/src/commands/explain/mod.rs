//! `spork explain`: why documents have their scores.

use std::collections::HashMap;
use std::io::Write;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use spork_files::Output;
use spork_index::Index;
use spork_search::{Explainer, Explanation, FieldAnalyzers};
use spork_searcher::{Query, Scratch, Searcher, Strategy};

use crate::args::ExplainArgs;
use crate::document_texts;
use crate::index_tokenizer;
use crate::program::Program;
use crate::queries::Queries;
use crate::query_batch::QueryBatch;
use crate::search_options::query_pruning;

mod one_line;
mod table;

pub(crate) use one_line::top_terms;

/// How deep ranks are looked for.
const RANKS: usize = 1000;

/// A line of JSON.
#[derive(Serialize)]
pub(crate) struct ExplainedHit<'e> {
    pub(crate) qid: &'e str,
    /// From 1, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rank: Option<usize>,
    #[serde(flatten)]
    pub(crate) explanation: &'e Explanation,
}

pub(crate) fn run(args: &ExplainArgs, program: Program<'_>) -> Result<()> {
    let index = Index::open_as_one(&args.index)?;
    let only = args.query.as_deref();
    let mut queries = Queries::open(&args.queries, only, &[&index], true, program)?;
    if let Some(qid) = &args.qid {
        queries.keep(qid);
    }
    let batch = chosen(args, queries.all()?)?;
    let tokenizer = index_tokenizer::of(&index, &args.queries)?;
    let analyzers = FieldAnalyzers::of(&index)?;
    let plan = batch.weighing.plan(&index, &analyzers)?;
    batch.weighing.tell_mix(&index, &plan);
    let looked_up = batch.look_up_by(&plan, &index, query_pruning(args.query_pruning))?;
    let (given, query) = batch.queries.first().zip(looked_up.first()).context("no query")?;
    let terms = plan.given(given.text.as_deref(), &given.vector);
    let explainer =
        Explainer::new(&index, query, &terms, given.text.as_deref(), tokenizer.as_ref())?;
    let texts = texts(args)?;
    let explain = |docno: &String| {
        let text = args.text.as_ref().or_else(|| texts.get(docno));
        Ok(explainer.explain_docno(docno, text.map(String::as_str))?)
    };
    let explanations = args.docno.iter().map(explain).collect::<Result<Vec<Explanation>>>()?;
    let ranks = ranks(&index, query, &args.docno)?;
    if query.terms_pruned() > 0 {
        tracing::info!("{} terms of the query are pruned", query.terms_pruned());
    }
    let mut output = Output::open(None)?;
    for (number, explanation) in explanations.iter().enumerate() {
        if args.json {
            let hit = ExplainedHit { qid: &given.qid, rank: ranks[number], explanation };
            serde_json::to_writer(&mut output, &hit)?;
            writeln!(output)?;
        } else {
            if number > 0 {
                writeln!(output)?;
            }
            table::write(&mut output, &index, query, explanation, ranks[number])?;
        }
    }
    Ok(output.finish()?)
}

/// The rank of each document from 1, among the first that a search finds.
fn ranks(index: &Index, query: &Query, docnos: &[String]) -> Result<Vec<Option<usize>>> {
    let k = RANKS.min(index.documents() as usize);
    let mut scratch = Scratch::default();
    let found = Searcher::new(index).search(query, k, Strategy::Auto, &mut scratch)?;
    let mut ranks = Vec::with_capacity(docnos.len());
    for docno in docnos {
        let docid = index.find(docno)?;
        let place = found.hits.iter().position(|hit| Some(hit.docid) == docid);
        ranks.push(place.map(|place| place + 1));
    }
    Ok(ranks)
}

/// The one query that is explained.
fn chosen(args: &ExplainArgs, mut batch: QueryBatch) -> Result<QueryBatch> {
    if let Some(qid) = &args.qid {
        batch.queries.retain(|query| query.qid == *qid);
        if batch.queries.is_empty() {
            bail!("{}: no query {qid:?}", args.queries.file().display());
        }
    }
    if batch.queries.len() > 1 {
        bail!(
            "{} has {} queries; say which one with --qid",
            args.queries.file().display(),
            batch.queries.len()
        );
    }
    Ok(batch)
}

/// The texts of the documents, where a file is given.
fn texts(args: &ExplainArgs) -> Result<HashMap<String, String>> {
    let Some(path) = &args.corpus else { return Ok(HashMap::new()) };
    let texts = document_texts::find(path, &args.docno)?;
    for docno in args.docno.iter().filter(|&docno| !texts.contains_key(docno)) {
        tracing::warn!("{} has no document {docno:?}", path.display());
    }
    Ok(texts)
}
