//! What is searched for: from the command line to batches of queries with their vectors.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use spork_files::read_topics;
use spork_index::{Field, Index};
use spork_model::{Kind, QueryEncoder};
use spork_search::{FieldAnalyzers, FieldPlan, QueryParts};
use spork_vectors::Scratch;

use crate::args::QueryArgs;
use crate::beir;
use crate::default_model;
use crate::inputs::read_query_vectors;
use crate::program::Program;
use crate::query_batch::{BatchQuery, QueryBatch, Weighing};
use crate::query_fit;
use crate::query_stream::QueryStream;
use crate::text_encoder::{ModelSpec, TextEncoder};

/// The id of a query that is given without one.
const ONLY_QID: &str = "1";

/// The queries of a command line.
pub(crate) struct Queries {
    stream: QueryStream,
    /// Makes their vectors, where they are text and a field takes vectors.
    encoder: Option<TextEncoder>,
    weighing: Weighing,
}

impl Queries {
    /// Reads the queries that `args` name, or the text of one query, and opens the model that
    /// encodes those that have to be vectors for one of `indexes`. Vectors that seem to be of
    /// another encoder are refused if `strict`, unless the arguments allow them.
    pub(crate) fn open(
        args: &QueryArgs,
        only: Option<&str>,
        indexes: &[&Index],
        strict: bool,
        program: Program<'_>,
    ) -> Result<Self> {
        let text = only.is_some() || args.topics.is_some() || args.beir.beir.is_some();
        let vector = args.vectors.is_some();
        let named = args.model().map(str::to_owned);
        let found = || if text && !vector { default_model::of(indexes) } else { None };
        let model = named.clone().or_else(found);
        let parts = QueryParts { text, vector, model: model.is_some() };
        let needed = check_fields(args, indexes, parts)?;
        let spec = match &model {
            Some(model) if !needed.is_empty() => {
                if named.is_none() {
                    tracing::info!("--model {model}, by the name that the index records");
                }
                Some(ModelSpec::find_on_device(model, Kind::Query, &args.encoder)?)
            }
            _ => None,
        };
        // Delegated before standard input is touched.
        let networks = match &spec {
            Some(spec) => program.networks_for(spec, &args.encoder)?,
            None => None,
        };
        let stream = open_stream(args, only, indexes, strict)?;
        let encoder = spec.map(|spec| spec.open(networks)).transpose()?;
        let idf_power = match &encoder {
            Some(encoder) => {
                check_fits(encoder, &needed, args.query_encoder())?;
                query_idf(args, encoder)
            }
            None => args.query_idf.unwrap_or(0.0),
        };
        let weighing = Weighing { parts, mix: args.mix.clone(), idf_power };
        Ok(Self { stream, encoder, weighing })
    }

    /// How they are weighed.
    pub(crate) fn weighing(&self) -> &Weighing {
        &self.weighing
    }

    /// Whether answers are waited for while queries may still come.
    pub(crate) fn is_live(&self) -> bool {
        self.stream.is_live()
    }

    /// How many are to come, where that is known.
    pub(crate) fn len(&self) -> Option<usize> {
        self.stream.len()
    }

    /// Leaves out all but one query, where they are known already.
    pub(crate) fn keep(&mut self, qid: &str) {
        self.stream.keep(qid);
    }

    /// The next queries, with their vectors; none at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<QueryBatch>> {
        let mut queries = self.stream.next_batch()?;
        if queries.is_empty() {
            return Ok(None);
        }
        if let Some(encoder) = &self.encoder {
            let texts = queries.iter().map(|query| query.text.as_deref().unwrap_or_default());
            let vectors = encoder.encode(&texts.collect::<Vec<&str>>())?;
            for (query, vector) in queries.iter_mut().zip(vectors) {
                query.vector = vector;
            }
        }
        Ok(Some(QueryBatch { queries, weighing: self.weighing.clone() }))
    }

    /// All of them.
    pub(crate) fn all(mut self) -> Result<QueryBatch> {
        let mut all = QueryBatch { queries: Vec::new(), weighing: self.weighing.clone() };
        while let Some(batch) = self.next_batch()? {
            all.queries.extend(batch.queries);
        }
        Ok(all)
    }
}

fn open_stream(
    args: &QueryArgs,
    only: Option<&str>,
    indexes: &[&Index],
    strict: bool,
) -> Result<QueryStream> {
    let all = |queries: Vec<BatchQuery>| QueryStream::All(queries.into_iter());
    if let Some(text) = only {
        return Ok(all(vec![of_text((ONLY_QID.to_owned(), text.to_owned()))]));
    }
    if let (Some(topics), None) = (&args.topics, &args.vectors)
        && QueryStream::is_pipe(topics)
    {
        return Ok(QueryStream::of_pipe(topics));
    }
    Ok(all(match (read_texts(args)?, &args.vectors) {
        (Some((_, texts)), None) => texts,
        (None, Some(vectors)) => read_vectors(vectors, args, indexes, strict)?,
        (Some((topics, texts)), Some(vectors)) => {
            let with_vectors = read_vectors(vectors, args, indexes, strict)?;
            join(texts, with_vectors, &topics, vectors)?
        }
        (None, None) => bail!("--topics, --beir or --vectors is needed"),
    }))
}

fn check_fits(encoder: &TextEncoder, indexes: &[&Index], meant: QueryEncoder) -> Result<()> {
    indexes.iter().try_for_each(|index| encoder.check_fits(index, meant))
}

/// The power of idf that is asked for, or else that the model asks for.
fn query_idf(args: &QueryArgs, encoder: &TextEncoder) -> f32 {
    let model = encoder.query_idf();
    if args.query_idf.is_none() && model > 0.0 {
        tracing::info!(
            "query weights times idf^{model}, by the model's spork.json (--query-idf 0: unchanged)"
        );
    }
    args.query_idf.unwrap_or(model)
}

fn of_text((qid, text): (String, String)) -> BatchQuery {
    BatchQuery { qid, text: Some(text), vector: Vec::new() }
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
            bail!("{}: BM25 multiplies idf in by itself; leave --query-idf out", index.name());
        }
        if plan.needs_model(parts) {
            needed.push(index);
        } else if args.model().is_some() && text_alone {
            bail!(
                "{}: its fields are BM25's, which analyze queries themselves; leave --model out",
                index.name()
            );
        }
    }
    Ok(needed)
}

/// An error about missing parts of queries, with the flags that bring them.
fn in_flags(error: spork_search::Error) -> anyhow::Error {
    let flags = match &error {
        spork_search::Error::NoModel { model, .. } => {
            let missing = |name: &String| format!(", the folder of {name}, which is not here");
            let missing = model.as_ref().map_or(String::new(), missing);
            format!("--model DIR{missing}; --vectors FILE; or --mix")
        }
        spork_search::Error::NoText { .. } => "--topics FILE or --mix".to_owned(),
        spork_search::Error::NoVector { .. } => "--vectors FILE or --mix".to_owned(),
        _ => return error.into(),
    };
    anyhow!("{error} ({flags})")
}

/// The queries that are given as text, and their file.
fn read_texts(args: &QueryArgs) -> Result<Option<(PathBuf, Vec<BatchQuery>)>> {
    let (path, topics) = match (beir::folder(&args.beir)?, &args.topics) {
        (Some(folder), _) => (folder.queries()?, beir::topics(&folder)?),
        (None, Some(topics)) => (topics.clone(), read_topics(topics)?),
        (None, None) => return Ok(None),
    };
    Ok(Some((path, topics.into_iter().map(of_text).collect())))
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
