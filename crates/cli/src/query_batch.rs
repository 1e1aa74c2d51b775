//! Queries before an index knows them: as text, as vectors, or as both.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use spork_files::read_topics;
use spork_index::{Field, Index};
use spork_measure::QuerySource;
use spork_model::Kind;
use spork_search::{FieldAnalyzers, FieldPlan, QueryParts};
use spork_searcher::{Mix, Query, QueryPruning, weight_by_idf};
use spork_vectors::Scratch;

use crate::args::QueryArgs;
use crate::beir;
use crate::inputs::read_query_vectors;
use crate::program::Program;
use crate::query_fit;
use crate::text_encoder::ModelSpec;

/// Queries, and how they are weighed.
pub(crate) struct QueryBatch {
    queries: Vec<BatchQuery>,
    parts: QueryParts,
    mix: Option<Mix>,
    /// The power of idf that weights of vectors are multiplied by.
    idf_power: f32,
}

struct BatchQuery {
    qid: String,
    text: Option<String>,
    /// As it was given, or as the model made it; empty where no field takes it.
    vector: Vec<(String, f32)>,
}

impl QueryBatch {
    /// Reads the queries that `args` name, and encodes those that are text and have to be vectors
    /// for one of `indexes`. Vectors that seem to be of another encoder are refused if `strict`,
    /// unless the arguments allow them.
    pub(crate) fn read(
        args: &QueryArgs,
        indexes: &[&Index],
        strict: bool,
        program: Program<'_>,
    ) -> Result<Self> {
        let parts = QueryParts {
            text: args.topics.is_some() || args.beir.beir.is_some(),
            vector: args.vectors.is_some(),
            model: args.model().is_some(),
        };
        let needed = check_fields(args, indexes, parts)?;
        let mut queries = match (read_texts(args)?, &args.vectors) {
            (Some((_, texts)), None) => texts,
            (None, Some(vectors)) => read_vectors(vectors, args, indexes, strict)?,
            (Some((topics, texts)), Some(vectors)) => {
                let with_vectors = read_vectors(vectors, args, indexes, strict)?;
                join(texts, with_vectors, &topics, vectors)?
            }
            (None, None) => bail!("--topics, --beir or --vectors is needed"),
        };
        let mut idf_power = args.query_idf;
        if !needed.is_empty() {
            let model = encode(args, &needed, program, &mut queries)?;
            if idf_power.is_none() && model > 0.0 {
                tracing::info!(
                    "query weights times idf^{model}, by the model's spork.json (--query-idf 0: \
                     unchanged)"
                );
            }
            idf_power = idf_power.or(Some(model));
        }
        let idf_power = idf_power.unwrap_or(0.0);
        Ok(Self { queries, parts, mix: args.mix.clone(), idf_power })
    }

    /// The ids of the queries, in their order.
    pub(crate) fn qids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.queries.iter().map(|query| query.qid.as_str())
    }

    /// All queries as `index` knows them.
    pub(crate) fn look_up(&self, index: &Index, pruning: QueryPruning) -> Result<Vec<Query>> {
        let analyzers = FieldAnalyzers::of(index)?;
        let plan = FieldPlan::new(index, &analyzers, self.mix.as_ref(), self.parts)?;
        if index.manifest().fields.len() > 1 {
            let shares: Vec<String> = plan
                .shares(index)
                .iter()
                .map(|(field, share)| format!("{field}={share}"))
                .collect();
            tracing::info!("mix {}", shares.join(","));
        }
        let mut parsed = Vec::with_capacity(self.queries.len());
        for query in &self.queries {
            let mut vector = query.vector.clone();
            if let Some(field) = plan.vector_field() {
                weight_by_idf(index, field, &mut vector, self.idf_power)?;
            }
            let found = plan.query(index, query.text.as_deref(), &vector, pruning);
            parsed.push(found.with_context(|| format!("query {}", query.qid))?);
        }
        Ok(parsed)
    }
}

impl QuerySource for QueryBatch {
    fn len(&self) -> usize {
        self.queries.len()
    }

    fn look_up(
        &self,
        index: &Index,
        pruning: QueryPruning,
    ) -> std::result::Result<Vec<Query>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self::look_up(self, index, pruning)?)
    }
}

/// Checks that the queries have what the fields of each index need, and nothing that none needs.
/// The indexes whose queries a model has to encode.
fn check_fields<'i>(
    args: &QueryArgs,
    indexes: &[&'i Index],
    parts: QueryParts,
) -> Result<Vec<&'i Index>> {
    let mut needed = Vec::new();
    for &index in indexes {
        let analyzers = FieldAnalyzers::of(index)?;
        let plan = FieldPlan::new(index, &analyzers, args.mix.as_ref(), parts).map_err(in_flags)?;
        let text_alone = index.manifest().fields.iter().all(Field::is_text);
        if text_alone && args.query_idf.is_some() {
            bail!(
                "{}: BM25 multiplies idf in by itself; leave --query-idf out",
                index.folder().display()
            );
        }
        if plan.needs_model(parts) {
            needed.push(index);
        } else if parts.model && text_alone {
            bail!(
                "{}: its fields are BM25's, which analyze queries themselves; leave --model out",
                index.folder().display()
            );
        }
    }
    Ok(needed)
}

/// An error about missing parts of queries, with the flags that bring them.
fn in_flags(error: spork_search::Error) -> anyhow::Error {
    let flags = match &error {
        spork_search::Error::NoModel { model, .. } => {
            let model = model.as_deref().unwrap_or("DIR");
            format!("--model {model}, --vectors FILE or --mix")
        }
        spork_search::Error::NoText { .. } => "--topics FILE or --mix".to_owned(),
        spork_search::Error::NoVector { .. } => "--vectors FILE or --mix".to_owned(),
        _ => return error.into(),
    };
    anyhow!("{error} ({flags})")
}

/// The queries that are given as text, and their file.
fn read_texts(args: &QueryArgs) -> Result<Option<(PathBuf, Vec<BatchQuery>)>> {
    let query =
        |(qid, text): (String, String)| BatchQuery { qid, text: Some(text), vector: Vec::new() };
    let (path, topics) = match (beir::folder(&args.beir)?, &args.topics) {
        (Some(folder), _) => (folder.queries()?, beir::topics(&folder)?),
        (None, Some(topics)) => (topics.clone(), read_topics(topics)?),
        (None, None) => return Ok(None),
    };
    Ok(Some((path, topics.into_iter().map(query).collect())))
}

fn read_vectors(
    vectors: &Path,
    args: &QueryArgs,
    indexes: &[&Index],
    strict: bool,
) -> Result<Vec<BatchQuery>> {
    let options = args.reading.options(None, Scratch::default());
    let queries = read_query_vectors(vectors, &options)?;
    for index in indexes {
        query_fit::check(index, vectors, &queries, !strict || args.allow_mismatch)?;
    }
    let query = |query: crate::inputs::WeightedQuery| BatchQuery {
        qid: query.qid,
        text: None,
        vector: query.weights,
    };
    Ok(queries.into_iter().map(query).collect())
}

/// The texts, each with its vector.
fn join(
    mut texts: Vec<BatchQuery>,
    vectors: Vec<BatchQuery>,
    topics_file: &Path,
    vectors_file: &Path,
) -> Result<Vec<BatchQuery>> {
    let (topics_file, vectors_file) = (topics_file.display(), vectors_file.display());
    let mut by_qid: HashMap<String, Vec<(String, f32)>> =
        vectors.into_iter().map(|query| (query.qid, query.vector)).collect();
    for query in &mut texts {
        let vector = by_qid.remove(&query.qid);
        query.vector = vector.with_context(|| {
            format!("{vectors_file} lacks the query {:?} of {topics_file}", query.qid)
        })?;
    }
    match by_qid.into_keys().min() {
        Some(qid) => bail!("{topics_file} lacks the query {qid:?} of {vectors_file}"),
        None => Ok(texts),
    }
}

/// Makes the vectors of all queries with the model, which must fit the indexes. Returns the power
/// of idf that the model asks for.
fn encode(
    args: &QueryArgs,
    indexes: &[&Index],
    program: Program<'_>,
    queries: &mut [BatchQuery],
) -> Result<f32> {
    let model = args.model().context("queries as text need --model")?;
    let model = ModelSpec::find_on_device(model, Kind::Query, &args.encoder)?;
    let encoder = model.open(program.networks_for(&model, &args.encoder)?)?;
    for index in indexes {
        encoder.check_fits(index, args.query_encoder())?;
    }
    let texts: Vec<&str> =
        queries.iter().map(|query| query.text.as_deref().unwrap_or_default()).collect();
    let vectors = encoder.encode(&texts)?;
    for (query, vector) in queries.iter_mut().zip(vectors) {
        query.vector = vector;
    }
    Ok(encoder.query_idf())
}
