//! Opening and searching an index.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use spork_encoder::Model;
use spork_filter::Filter;
use spork_index::Field;
use spork_model::{EncodeOptions, EncoderRecord, Kind, QueryEncoder, check_query_encoder};
use spork_searcher::{
    Limits, Mix, QueryPruning, Ranking, Scratch, Searcher, SelectedDocuments, Strategy,
    weight_by_idf,
};

use crate::difference::{Difference, RANK_DEPTH, Side};
use crate::explain::{Explainer, Explanation};
use crate::fields::{FieldAnalyzers, FieldPlan, GivenTerm, QueryParts};
use crate::filtering::select_documents;
use crate::query::Query;
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
        filter: None,
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
    /// The model that encodes queries, and whether it is to be that of the documents.
    model: Option<(Model, QueryEncoder)>,
    mix: Option<Mix>,
    /// The filter of searches, and what it keeps of this generation.
    filter: Option<(Filter, SelectedDocuments)>,
    exclude_same_id: bool,
    limits: Limits,
    strategy: Strategy,
    /// Memory of single searches, which also remembers which strategy pays.
    scratch: Mutex<Vec<Scratch>>,
}

/// Where two indexes, or one that is searched in two ways, rank topics differently among the best
/// `k` documents, and by which terms. Each side has its own model and mix.
///
/// # Errors
/// As [`Index::search_topics`], and a qid that comes twice.
///
/// # Examples
/// ```
/// use spork_search::{build, diff, open};
///
/// # let folder = tempfile::tempdir()?;
/// # let paths = [folder.path().join("a"), folder.path().join("b")];
/// build(&paths[0]).text([("d1", "a fork"), ("d2", "a bowl")])?;
/// build(&paths[1]).text([("d1", "a fork"), ("d2", "a fork and a fork")])?;
/// let [first, second] = [open(&paths[0])?, open(&paths[1])?];
/// let difference = diff(&first, &second, [("q1", "forks")], 10)?;
/// let topic = &difference.topics[0];
/// assert_eq!(topic.agreement.overlap, 0.5);
/// assert_eq!(topic.agreement.moves[0].docno, "d2");
/// assert_eq!(topic.terms[0][0].term, "fork");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn diff<I, Q>(
    first: &Index,
    second: &Index,
    topics: impl IntoIterator<Item = (I, Q)>,
    k: usize,
) -> Result<Difference>
where
    I: Into<String>,
    Q: Into<Query>,
{
    let (qids, queries): (Vec<String>, Vec<Query>) =
        topics.into_iter().map(|(qid, query)| (qid.into(), query.into())).unzip();
    let depth = k.saturating_mul(RANK_DEPTH);
    let first_answers = first.answer(&qids, queries.clone(), depth)?;
    let second_answers = second.answer(&qids, queries, depth)?;
    let side = |index, (queries, rankings)| Side { index, queries, rankings };
    let sides = [
        side(&first.index, (&first_answers.0, &first_answers.1)),
        side(&second.index, (&second_answers.0, &second_answers.1)),
    ];
    Difference::new(&qids.iter().map(String::as_str).collect::<Vec<_>>(), sides, k)
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

/// A query with all that the fields of the index need.
struct Prepared<'a> {
    plan: FieldPlan<'a>,
    text: Option<String>,
    vector: Vec<(String, f32)>,
}

impl Prepared<'_> {
    fn query(&self, index: &spork_index::Index) -> Result<spork_searcher::Query> {
        let text = self.text.as_deref();
        Ok(self.plan.query(index, text, &self.vector, QueryPruning::default())?)
    }

    fn given(&self) -> Vec<GivenTerm> {
        self.plan.given(self.text.as_deref(), &self.vector)
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
        check_model(&self.index, &model, meant)?;
        Ok(Self { model: Some((model, meant)), ..self })
    }

    /// The number of the generation that is open: each change of an index makes a new one.
    pub fn generation(&self) -> u64 {
        self.index.generation()
    }

    /// Opens the current generation, if there is one that is newer than what is open, and says
    /// whether there was. Until then answers are those of the index as it was when it was opened.
    ///
    /// # Errors
    /// The index is gone or damaged, or was built anew so that the model, the mix or the filter
    /// does not fit any more. What is open then stays.
    pub fn refresh(&mut self) -> Result<bool> {
        let index = spork_index::Index::open(self.index.folder())?;
        let same = index.generation() == self.index.generation();
        // An index that was removed and built again counts from 1, too.
        if same && index.manifest() == self.index.manifest() {
            return Ok(false);
        }
        let analyzers = FieldAnalyzers::of(&index)?;
        if let Some((model, meant)) = &self.model {
            check_model(&index, model, *meant)?;
        }
        if let Some(mix) = &self.mix {
            mix.shares(index.manifest())?;
        }
        if let Some((filter, selected)) = &mut self.filter {
            *selected = select_documents(&index, filter)?;
        }
        (self.index, self.analyzers, self.scratch) = (index, analyzers, Mutex::default());
        Ok(true)
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

    /// The same index, whose searches find none but the documents that a filter keeps, such as
    /// `year >= 2020 and lang = "en"`, in the language or as JSON (docs/filters.md). Scores and
    /// their order are those without it.
    ///
    /// # Errors
    /// A filter that can't be read or does not go with the columns, with the character.
    pub fn with_filter(self, filter: &str) -> Result<Self> {
        let filter: Filter = filter.parse()?;
        let selected = select_documents(&self.index, &filter)?;
        Ok(Self { filter: Some((filter, selected)), ..self })
    }

    /// Number of documents that searches may find: those that the filter keeps, or all.
    pub fn searchable(&self) -> usize {
        self.filter.as_ref().map_or(self.len(), |(_, selected)| selected.documents() as usize)
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

    /// The best `k` documents that are like a document, without itself: those whose vectors have
    /// the largest product with its own. In a field of text idf is multiplied in.
    ///
    /// # Errors
    /// There is no such document, it is deleted, or the index is damaged.
    ///
    /// # Examples
    /// ```
    /// use spork_search::{build, open};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("index");
    /// build(&path).text([("d1", "an old fork"), ("d2", "a new fork"), ("d3", "a bowl")])?;
    /// let hits = open(&path)?.like("d1", 10)?;
    /// assert_eq!(hits.len(), 1);
    /// assert_eq!(hits[0].docno, "d2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn like(&self, docno: &str, k: usize) -> Result<Vec<Hit>> {
        let manifest = self.index.manifest();
        let shares = match &self.mix {
            Some(mix) => mix.shares(manifest)?,
            None => vec![1.0; manifest.fields.len()],
        };
        let docid = self.index.find(docno)?;
        let of_document =
            |docid| spork_searcher::Query::of_document(&self.index, docid, &shares).transpose();
        let query = docid
            .and_then(of_document)
            .ok_or_else(|| Error::NoDocument { index: self.name(), docno: docno.to_owned() })??;
        let most = k.saturating_add(1).min(self.len());
        let mut scratch = Scratch::default();
        let mut ranking = self.searcher().search(&query, most, self.strategy, &mut scratch)?;
        ranking.exclude(docid, k);
        self.hits(&ranking, query.unit())
    }

    /// The index folder, for messages.
    fn name(&self) -> String {
        self.index.folder().display().to_string()
    }

    fn searcher(&self) -> Searcher<'_> {
        let searcher = Searcher::new(&self.index).with_limits(self.limits);
        match &self.filter {
            Some((_, selected)) => searcher.with_selected(selected),
            None => searcher,
        }
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
        let (queries, rankings) = self.answer(&qids, queries, k)?;
        let hits =
            rankings.iter().zip(&queries).map(|(ranking, query)| self.hits(ranking, query.unit()));
        Ok(Results { topics: qids.into_iter().zip(hits.collect::<Result<Vec<_>>>()?).collect() })
    }

    /// The queries as the index knows them, and the ranking of each.
    fn answer(
        &self,
        qids: &[String],
        queries: Vec<Query>,
        k: usize,
    ) -> Result<(Vec<spork_searcher::Query>, Vec<Ranking>)> {
        let queries = self.parse(queries)?;
        let most = k.saturating_add(usize::from(self.exclude_same_id)).min(self.len());
        let mut rankings = self.searcher().search_batch(&queries, most, self.strategy)?;
        if self.exclude_same_id {
            for (qid, ranking) in qids.iter().zip(&mut rankings) {
                ranking.exclude(self.index.find(qid)?, k);
            }
        }
        Ok((queries, rankings))
    }

    /// Why a document has its score for a query: what each term gives it, and where the term
    /// stands. In a field of vectors that takes a model, and the document's text, which the index
    /// stores or [`explain_with_text`](Self::explain_with_text) is given.
    ///
    /// # Errors
    /// There is no such document, it is deleted, or as [`Index::search`].
    ///
    /// # Examples
    /// ```
    /// use spork_search::{build, open};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("index");
    /// build(&path).text([("d1", "Forks, bowls and an old fork."), ("d2", "A bowl.")])?;
    /// let index = open(&path)?;
    /// let explanation = index.explain("an old fork in a drawer", "d1")?;
    /// let terms: Vec<&str> = explanation.terms.iter().map(|term| term.term.as_str()).collect();
    /// assert_eq!(terms, ["fork", "old"]);
    /// assert_eq!(explanation.unknown[0].term, "drawer");
    /// assert_eq!(explanation.score, index.search("an old fork in a drawer", 1)?[0].score);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, query: impl Into<Query>, docno: &str) -> Result<Explanation> {
        self.explain_by(query.into(), docno, None)
    }

    /// [`explain`](Self::explain), with the text of the document, in which the terms are looked
    /// for.
    ///
    /// # Errors
    /// As [`explain`](Self::explain), or a text that can't be tokenized.
    pub fn explain_with_text(
        &self,
        query: impl Into<Query>,
        docno: &str,
        text: &str,
    ) -> Result<Explanation> {
        self.explain_by(query.into(), docno, Some(text))
    }

    fn explain_by(&self, query: Query, docno: &str, text: Option<&str>) -> Result<Explanation> {
        let no_document = || Error::NoDocument { index: self.name(), docno: docno.to_owned() };
        self.index.find(docno)?.ok_or_else(no_document)?;
        let prepared = self.prepare(vec![query])?.pop().ok_or_else(no_document)?;
        let (query, given) = (prepared.query(&self.index)?, prepared.given());
        let tokenizer = self.model.as_ref().and_then(|(model, _)| model.tokenizer());
        let explainer =
            Explainer::new(&self.index, &query, &given, prepared.text.as_deref(), tokenizer)?;
        explainer.explain_docno(docno, text)
    }

    /// All queries as the index knows them; texts go through the model together.
    fn parse(&self, queries: Vec<Query>) -> Result<Vec<spork_searcher::Query>> {
        self.prepare(queries)?.iter().map(|prepared| prepared.query(&self.index)).collect()
    }

    /// All queries with all their parts; texts go through the model together.
    fn prepare(&self, queries: Vec<Query>) -> Result<Vec<Prepared<'_>>> {
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
        let mut prepared = Vec::with_capacity(queries.len());
        for ((query, plan), encoded) in queries.into_iter().zip(plans).zip(encoded) {
            let vector = if encoded { vectors.next() } else { query.vector };
            prepared.push(Prepared { plan, text: query.text, vector: vector.unwrap_or_default() });
        }
        Ok(prepared)
    }

    /// The vectors of texts by the model, with idf where it says so.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<(String, f32)>>> {
        let (Some((model, _)), false) = (&self.model, texts.is_empty()) else {
            return Ok(Vec::new());
        };
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
}

/// That the index takes queries that `model` encodes.
fn check_model(index: &spork_index::Index, model: &Model, meant: QueryEncoder) -> Result<()> {
    let (fields, name) = (&index.manifest().fields, index.folder().display().to_string());
    if fields.iter().all(Field::is_text) {
        return Err(Error::NotForText { index: name });
    }
    let record = |field: &Field| EncoderRecord::of_properties(&field.properties).transpose();
    let record = fields.iter().find_map(record).transpose().map_err(Error::Record)?;
    let documents = record.map(|record| record.identity()).transpose().map_err(Error::Record)?;
    let queries = model.identity(Kind::Query, &EncodeOptions::default())?;
    if let Some(documents) = documents {
        check_query_encoder(&name, &documents, &queries, meant).map_err(Box::new)?;
    }
    Ok(())
}
