//! Opening and searching an index.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use spork_encoder::Model;
use spork_index::Field;
use spork_model::{EncodeOptions, EncoderRecord, Kind, QueryEncoder, check_query_encoder};
use spork_searcher::{
    Limits, Mix, QueryPruning, Ranking, Scratch, Searcher, Strategy, weight_by_idf,
};

use crate::fields::{FieldAnalyzers, FieldPlan, QueryParts};
use crate::results::{Hit, Results};
use crate::{Error, Result};

/// Opens the index in a folder. That takes a moment, whatever its size: it is mapped, not read.
///
/// # Errors
/// There is no index, it is of another version, or it is damaged.
pub fn open(folder: impl AsRef<Path>) -> Result<Index> {
    let index = spork_index::Index::open(folder.as_ref())?;
    let analyzers = FieldAnalyzers::of(&index)?;
    Ok(Index {
        index,
        analyzers,
        model: None,
        mix: None,
        exclude_same_id: false,
        limits: Limits::default(),
        strategy: Strategy::default(),
        scratch: Mutex::default(),
    })
}

/// An open index.
pub struct Index {
    index: spork_index::Index,
    analyzers: FieldAnalyzers,
    model: Option<Model>,
    mix: Option<Mix>,
    exclude_same_id: bool,
    limits: Limits,
    strategy: Strategy,
    /// Memory of single searches, which also remembers which strategy pays.
    scratch: Mutex<Vec<Scratch>>,
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Text: for the analyzer of a BM25 field, for the model, or for both.
    Text(String),
    /// Terms and weights.
    Vector(Vec<(String, f32)>),
    /// Text for a BM25 field, and terms and weights for a field of vectors.
    Both(String, Vec<(String, f32)>),
}

impl From<&str> for Query {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Query {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<String>> From<Vec<(T, f32)>> for Query {
    fn from(vector: Vec<(T, f32)>) -> Self {
        Self::Vector(vector.into_iter().map(|(term, weight)| (term.into(), weight)).collect())
    }
}

impl<T: Into<String>, const N: usize> From<[(T, f32); N]> for Query {
    fn from(vector: [(T, f32); N]) -> Self {
        Self::Vector(vector.into_iter().map(|(term, weight)| (term.into(), weight)).collect())
    }
}

/// A query taken apart.
struct QueryInput {
    text: Option<String>,
    vector: Option<Vec<(String, f32)>>,
}

impl QueryInput {
    fn parts(&self, model: bool) -> QueryParts {
        QueryParts { text: self.text.is_some(), vector: self.vector.is_some(), model }
    }
}

impl From<Query> for QueryInput {
    fn from(query: Query) -> Self {
        match query {
            Query::Text(text) => Self { text: Some(text), vector: None },
            Query::Vector(vector) => Self { text: None, vector: Some(vector) },
            Query::Both(text, vector) => Self { text: Some(text), vector: Some(vector) },
        }
    }
}

impl Index {
    /// The same index, whose queries as text are encoded by `model`.
    ///
    /// # Errors
    /// The index is of text, whose queries its own analyzer takes; or another model encoded the
    /// documents.
    pub fn with_model(self, model: Model) -> Result<Self> {
        self.with_encoder(model, QueryEncoder::Same)
    }

    /// The same index, whose queries as text are encoded by a model of their own, over the
    /// vocabulary of the model that encoded the documents.
    ///
    /// # Errors
    /// The index is of text, or the vocabularies differ.
    pub fn with_query_model(self, model: Model) -> Result<Self> {
        self.with_encoder(model, QueryEncoder::Separate)
    }

    fn with_encoder(self, model: Model, meant: QueryEncoder) -> Result<Self> {
        if self.index.manifest().fields.iter().all(Field::is_text) {
            return Err(Error::NotForText { index: self.name() });
        }
        let record = self.record()?;
        let documents =
            record.map(|record| record.identity()).transpose().map_err(Error::Record)?;
        let queries = model.identity(Kind::Query, &EncodeOptions::default())?;
        if let Some(documents) = documents {
            check_query_encoder(&self.name(), &documents, &queries, meant).map_err(Box::new)?;
        }
        Ok(Self { model: Some(model), ..self })
    }

    /// The same index, searched by another strategy. Answers are the same.
    pub fn with_strategy(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// The same index, whose searches may stop short of the exact answer.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same index, whose fields count as `mix` says, such as `splade=1,bm25=0.5`; by default
    /// all alike. Scores of a field are divided by its calibration first.
    ///
    /// # Errors
    /// The mix is no list of fields and weights, or names others than the index has.
    pub fn with_mix(self, mix: &str) -> Result<Self> {
        let mix: Mix = mix.parse()?;
        mix.shares(self.index.manifest())?;
        Ok(Self { mix: Some(mix), ..self })
    }

    /// The same index, whose answers to topics leave out the document whose docno is the topic's
    /// id: in ArguAna and Quora, topics are documents of the collection, and each finds itself
    /// first. `k` is filled up.
    pub fn without_same_ids(self) -> Self {
        Self { exclude_same_id: true, ..self }
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.index.documents() as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The best `k` documents for a query: text, or terms and weights.
    ///
    /// # Errors
    /// A query as text where there is neither an analyzer nor a model; a weight that is none; a
    /// damaged index.
    pub fn search(&self, query: impl Into<Query>, k: usize) -> Result<Vec<Hit>> {
        let queries = self.parse(vec![query.into()])?;
        let [query] = queries.as_slice() else { return Ok(Vec::new()) };
        let pool = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = pool().pop().unwrap_or_default();
        let ranking = self.searcher().search(query, k.min(self.len()), self.strategy, &mut scratch);
        pool().push(scratch);
        self.hits(&ranking?, query.unit())
    }

    fn searcher(&self) -> Searcher<'_> {
        Searcher::new(&self.index).with_limits(self.limits)
    }

    /// The best `k` documents for each topic, on all cores.
    ///
    /// # Errors
    /// As [`Index::search`].
    pub fn search_topics<I, Q>(
        &self,
        topics: impl IntoIterator<Item = (I, Q)>,
        k: usize,
    ) -> Result<Results>
    where
        I: Into<String>,
        Q: Into<Query>,
    {
        let (qids, queries): (Vec<String>, Vec<Query>) =
            topics.into_iter().map(|(qid, query)| (qid.into(), query.into())).unzip();
        let queries = self.parse(queries)?;
        let most = k.saturating_add(usize::from(self.exclude_same_id)).min(self.len());
        let mut rankings = self.searcher().search_batch(&queries, most, self.strategy)?;
        if self.exclude_same_id {
            for (qid, ranking) in qids.iter().zip(&mut rankings) {
                ranking.exclude(self.index.find(qid)?, k);
            }
        }
        let hits =
            rankings.iter().zip(&queries).map(|(ranking, query)| self.hits(ranking, query.unit()));
        Ok(Results { topics: qids.into_iter().zip(hits.collect::<Result<Vec<_>>>()?).collect() })
    }

    /// All queries as the index knows them; texts go through the model together.
    fn parse(&self, queries: Vec<Query>) -> Result<Vec<spork_searcher::Query>> {
        let queries: Vec<QueryInput> = queries.into_iter().map(QueryInput::from).collect();
        let plan = |query: &QueryInput| {
            let parts = query.parts(self.model.is_some());
            FieldPlan::new(&self.index, &self.analyzers, self.mix.as_ref(), parts)
        };
        let plans = queries.iter().map(plan).collect::<Result<Vec<_>>>()?;
        let encoded: Vec<bool> = queries
            .iter()
            .zip(&plans)
            .map(|(query, plan)| plan.needs_model(query.parts(self.model.is_some())))
            .collect();
        let texts = queries.iter().zip(&encoded).filter(|&(_, &encoded)| encoded);
        let texts: Vec<&str> = texts.filter_map(|(query, _)| query.text.as_deref()).collect();
        let mut vectors = self.encode(&texts)?.into_iter();
        let mut parsed = Vec::with_capacity(queries.len());
        for ((query, plan), encoded) in queries.into_iter().zip(&plans).zip(encoded) {
            let vector = if encoded { vectors.next() } else { query.vector };
            let (text, vector) = (query.text.as_deref(), vector.unwrap_or_default());
            parsed.push(plan.query(&self.index, text, &vector, QueryPruning::default())?);
        }
        Ok(parsed)
    }

    /// The vectors of texts by the model, with idf where it says so.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<(String, f32)>>> {
        let (Some(model), false) = (&self.model, texts.is_empty()) else { return Ok(Vec::new()) };
        let vectors = model.encode(Kind::Query, texts, &EncodeOptions::default())?;
        let field = self.index.manifest().fields.iter().position(|field| !field.is_text());
        let mut weighted = Vec::with_capacity(vectors.len());
        for vector in &vectors {
            let mut weights: Vec<(String, f32)> =
                model.named(vector).map(|(term, weight)| (term.to_owned(), weight)).collect();
            weight_by_idf(&self.index, field.unwrap_or_default(), &mut weights, model.query_idf())?;
            weighted.push(weights);
        }
        Ok(weighted)
    }

    fn hits(&self, ranking: &Ranking, unit: f64) -> Result<Vec<Hit>> {
        let hit = |hit: &spork_core::Hit| {
            let docno = self.index.docno(hit.docid)?.to_owned();
            Ok(Hit { docno, score: f64::from(hit.score) * unit })
        };
        ranking.hits.iter().map(hit).collect()
    }

    /// What the index says of the encoder of its documents.
    fn record(&self) -> Result<Option<EncoderRecord>> {
        let fields = &self.index.manifest().fields;
        let record = |field: &Field| EncoderRecord::of_properties(&field.properties).transpose();
        fields.iter().find_map(record).transpose().map_err(Error::Record)
    }

    fn name(&self) -> String {
        self.index.folder().display().to_string()
    }
}
