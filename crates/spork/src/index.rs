//! Opening and searching an index.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use spork_bm25::Analyzer;
use spork_encoder::Model;
use spork_model::{EncodeOptions, EncoderRecord, Kind, QueryEncoder, check_query_encoder};
use spork_searcher::{Limits, Ranking, Scratch, Searcher, Strategy, weight_by_idf};

use crate::results::{Hit, Results};
use crate::{Error, Result};

/// Opens the index in a folder. That takes a moment, whatever its size: it is mapped, not read.
///
/// # Errors
/// There is no index, it is of another version, or it is damaged.
pub fn open(folder: impl AsRef<Path>) -> Result<Index> {
    let index = spork_index::Index::open(folder.as_ref())?;
    let analyzer = Analyzer::of_properties(&index.manifest().properties)?;
    let (limits, strategy) = (Limits::default(), Strategy::default());
    Ok(Index { index, analyzer, model: None, limits, strategy, scratch: Mutex::default() })
}

/// An open index.
pub struct Index {
    index: spork_index::Index,
    /// That of a BM25 index.
    analyzer: Option<Analyzer>,
    model: Option<Model>,
    limits: Limits,
    strategy: Strategy,
    /// Memory of single searches, which also remembers which strategy pays.
    scratch: Mutex<Vec<Scratch>>,
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Text, for the index's analyzer or for the model.
    Text(String),
    /// Terms and weights.
    Vector(Vec<(String, f32)>),
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
        if self.analyzer.is_some() {
            return Err(Error::NotForText { index: self.name() });
        }
        let record = self.record()?;
        let documents =
            record.map(|record| record.identity()).transpose().map_err(Error::Record)?;
        let queries = model.identity(Kind::Query, &EncodeOptions::default())?;
        if let Some(documents) = documents {
            check_query_encoder(&self.name(), &documents, &queries, meant)?;
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

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.index.manifest().documents as usize
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
        let weights = self.weighted(vec![query.into()])?.pop().unwrap_or_default();
        let query = spork_searcher::Query::new(&self.index, &weights)?;
        let pool = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = pool().pop().unwrap_or_default();
        let ranking =
            self.searcher().search(&query, k.min(self.len()), self.strategy, &mut scratch);
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
        let queries = self.weighted(queries)?;
        let queries =
            queries.iter().map(|weights| spork_searcher::Query::new(&self.index, weights));
        let queries = queries.collect::<spork_searcher::Result<Vec<_>>>()?;
        let rankings = self.searcher().search_batch(&queries, k.min(self.len()), self.strategy)?;
        let hits =
            rankings.iter().zip(&queries).map(|(ranking, query)| self.hits(ranking, query.unit()));
        Ok(Results { topics: qids.into_iter().zip(hits.collect::<Result<Vec<_>>>()?).collect() })
    }

    /// Terms and weights of all queries; texts go through the model together.
    fn weighted(&self, queries: Vec<Query>) -> Result<Vec<Vec<(String, f32)>>> {
        let texts: Vec<&str> = queries
            .iter()
            .filter_map(|query| match query {
                Query::Text(text) => Some(text.as_str()),
                Query::Vector(_) => None,
            })
            .collect();
        let mut weighted = self.weigh_texts(&texts)?.into_iter();
        let vector = |query| match query {
            Query::Text(_) => weighted.next().unwrap_or_default(),
            Query::Vector(vector) => vector,
        };
        Ok(queries.into_iter().map(vector).collect())
    }

    fn weigh_texts(&self, texts: &[&str]) -> Result<Vec<Vec<(String, f32)>>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(analyzer) = &self.analyzer {
            return Ok(texts.iter().map(|text| analyzer.query(text)).collect());
        }
        let Some(model) = &self.model else {
            let record = self.record()?;
            let model = record.and_then(|record| record.name().map(str::to_owned));
            return Err(Error::NoModel { index: self.name(), model });
        };
        let vectors = model.encode(Kind::Query, texts, &EncodeOptions::default())?;
        let mut weighted = Vec::with_capacity(vectors.len());
        for vector in &vectors {
            let mut weights: Vec<(String, f32)> =
                model.named(vector).map(|(term, weight)| (term.to_owned(), weight)).collect();
            weight_by_idf(&self.index, &mut weights, model.query_idf())?;
            weighted.push(weights);
        }
        Ok(weighted)
    }

    fn hits(&self, ranking: &Ranking, unit: f64) -> Result<Vec<Hit>> {
        let hit = |hit: &spork_core::Hit| {
            let docno = self.index.docnos().get(hit.docid)?.to_owned();
            Ok(Hit { docno, score: f64::from(hit.score) * unit })
        };
        ranking.hits.iter().map(hit).collect()
    }

    /// What the index says of the encoder of its documents.
    fn record(&self) -> Result<Option<EncoderRecord>> {
        EncoderRecord::of_properties(&self.index.manifest().properties).map_err(Error::Record)
    }

    fn name(&self) -> String {
        self.index.folder().display().to_string()
    }
}
