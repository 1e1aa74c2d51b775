//! Opening and searching an index.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use spork_core::{DocId, Stopped};
use spork_encoder::Model;
use spork_index::Field;
use spork_model::{EncodeOptions, EncoderRecord, Kind, QueryEncoder, check_query_encoder};
use spork_searcher::{Limits, Mix, Ranking, Scratch, Searcher, SelectedDocuments, Strategy};

use crate::answer::Answer;
use crate::difference::{Difference, RANK_DEPTH, Side};
use crate::document::{Columns, Document};
use crate::explain::{Explainer, Explanation};
use crate::fields::{FieldAnalyzers, FieldPlan};
use crate::filter_cache::FilterCache;
use crate::prepared_query::{PreparedQuery, QueryInput};
use crate::query::Query;
use crate::results::{Hit, Results};
use crate::search_options::SearchOptions;
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
        options: SearchOptions::default(),
        filters: FilterCache::default(),
        scratch: Mutex::default(),
    })
}

/// An open index. Threads can search it at the same time.
pub struct Index {
    pub(crate) index: spork_index::Index,
    pub(crate) analyzers: FieldAnalyzers,
    /// The model that encodes queries, and whether it is to be that of the documents.
    pub(crate) model: Option<(Arc<Model>, QueryEncoder)>,
    /// Those of searches that bring none of their own.
    options: SearchOptions,
    filters: FilterCache,
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
    diff_with([(first, &first.options), (second, &second.options)], topics, k)
}

/// As [`diff`], with options of these searches.
///
/// # Errors
/// As [`diff`], or a mix or a filter that does not go with its index.
pub fn diff_with<I, Q>(
    searched: [(&Index, &SearchOptions); 2],
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
    let mut sides = Vec::with_capacity(2);
    for (index, options) in searched {
        let prepared = index.prepare(queries.clone(), options)?;
        let rankings = index.rank(&qids, &prepared, depth, options)?;
        let queries = prepared.into_iter().map(|prepared| prepared.query);
        sides.push((queries.collect::<Vec<_>>(), rankings));
    }
    let side = |index, place: usize| {
        let (queries, rankings): &(Vec<_>, Vec<_>) = &sides[place];
        Side { index, queries, rankings }
    };
    let [(first, _), (second, _)] = searched;
    let sides = [side(&first.index, 0), side(&second.index, 1)];
    Difference::new(&qids.iter().map(String::as_str).collect::<Vec<_>>(), sides, k)
}

impl Index {
    /// The same index, whose queries as text are encoded by `model`.
    ///
    /// # Errors
    /// The index is of text, whose queries its own analyzer takes; or another model encoded the
    /// documents.
    pub fn with_model(self, model: impl Into<Arc<Model>>) -> Result<Self> {
        self.with_encoder(model.into(), QueryEncoder::Same)
    }

    /// The same index, whose queries as text are encoded by a model of their own, over the
    /// vocabulary of the model that encoded the documents.
    ///
    /// # Errors
    /// The index is of text, or the vocabularies differ.
    pub fn with_query_model(self, model: impl Into<Arc<Model>>) -> Result<Self> {
        self.with_encoder(model.into(), QueryEncoder::Separate)
    }

    fn with_encoder(self, model: Arc<Model>, meant: QueryEncoder) -> Result<Self> {
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
    /// As [`newer`](Self::newer). What is open then stays.
    pub fn refresh(&mut self) -> Result<bool> {
        let newer = self.newer()?;
        let refreshed = newer.is_some();
        if let Some(newer) = newer {
            *self = newer;
        }
        Ok(refreshed)
    }

    /// The current generation, with the same model and options, if it is newer than what is open.
    ///
    /// # Errors
    /// The index is gone or damaged, or was built anew so that the model, the mix or the filter
    /// does not fit any more.
    pub fn newer(&self) -> Result<Option<Self>> {
        let index = spork_index::Index::open(self.index.folder())?;
        let same = index.generation() == self.index.generation();
        // An index that was removed and built again counts from 1, too.
        if same && index.manifest() == self.index.manifest() {
            return Ok(None);
        }
        let (filters, scratch) = (FilterCache::default(), Mutex::default());
        let newer = Self {
            analyzers: FieldAnalyzers::of(&index)?,
            index,
            model: self.model.clone(),
            options: self.options.clone(),
            filters,
            scratch,
        };
        if let Some((model, meant)) = &newer.model {
            check_model(&newer.index, model, *meant)?;
        }
        newer.check(&newer.options)?;
        Ok(Some(newer))
    }

    /// The same index, whose searches that bring no options of their own go by these.
    ///
    /// # Errors
    /// A mix or a filter that does not go with the index.
    pub fn with_options(self, options: SearchOptions) -> Result<Self> {
        self.check(&options)?;
        Ok(Self { options, ..self })
    }

    /// How searches go that bring no options of their own.
    pub fn options(&self) -> &SearchOptions {
        &self.options
    }

    /// Checks that options go with the index.
    ///
    /// # Errors
    /// A mix or a filter that does not.
    pub fn check(&self, options: &SearchOptions) -> Result<()> {
        if let Some(mix) = &options.mix {
            mix.shares(self.index.manifest())?;
        }
        self.selected(options).map(drop)
    }

    /// The same index, searched by another strategy. Answers are the same.
    pub fn with_strategy(mut self, strategy: Strategy) -> Self {
        self.options.strategy = strategy;
        self
    }

    /// The same index, whose searches may stop short of the exact answer.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// The same index, whose fields count as `mix` says, such as `splade=1,bm25=0.5`; by default
    /// all alike. Scores of a field are divided by its calibration first.
    ///
    /// # Errors
    /// The mix is no list of fields and weights, or names others than the index has.
    pub fn with_mix(self, mix: &str) -> Result<Self> {
        let mix: Mix = mix.parse()?;
        let options = SearchOptions { mix: Some(mix), ..self.options.clone() };
        self.with_options(options)
    }

    /// The same index, whose searches find none but the documents that a filter keeps, such as
    /// `year >= 2020 and lang = "en"`, in the language or as JSON (docs/filters.md). Scores and
    /// their order are those without it.
    ///
    /// # Errors
    /// A filter that can't be read or does not go with the columns, with the character.
    pub fn with_filter(self, filter: &str) -> Result<Self> {
        let options = SearchOptions { filter: Some(filter.parse()?), ..self.options.clone() };
        self.with_options(options)
    }

    /// The documents that options let a search find; none for all.
    fn selected(&self, options: &SearchOptions) -> Result<Option<Arc<SelectedDocuments>>> {
        let filter = options.filter.as_ref();
        filter.map(|filter| self.filters.select(&self.index, filter)).transpose()
    }

    /// Number of documents that searches may find: those that the filter keeps, or all.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn searchable(&self) -> Result<usize> {
        let selected = self.selected(&self.options)?;
        Ok(selected.map_or(self.len(), |selected| selected.documents() as usize))
    }

    /// The same index, whose answers to topics leave out the document whose docno is the topic's
    /// id: in ArguAna and Quora, topics are documents of the collection, and each finds itself
    /// first. `k` is filled up.
    pub fn without_same_ids(mut self) -> Self {
        self.options.exclude_same_id = true;
        self
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.index.documents() as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The folder of the index.
    pub fn folder(&self) -> &Path {
        self.index.folder()
    }

    /// What the folder holds: fields, segments, statistics.
    pub fn inner(&self) -> &spork_index::Index {
        &self.index
    }

    /// The model that encodes queries, if there is one.
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.model.as_ref().map(|(model, _)| model)
    }

    /// The best `k` documents for a query: text, or terms and weights.
    ///
    /// # Errors
    /// A query as text where there is neither an analyzer nor a model; a weight that is none; a
    /// damaged index.
    pub fn search(&self, query: impl Into<Query>, k: usize) -> Result<Vec<Hit>> {
        self.hits(&self.search_with(query, k, &self.options)?)
    }

    /// As [`search`](Self::search), with options of this search, and all that there is to know of
    /// the answer.
    ///
    /// # Errors
    /// As [`search`](Self::search), or a mix or a filter that does not go with the index.
    ///
    /// # Examples
    /// ```
    /// use spork_search::{SearchOptions, build, open, parse_schema, StoredSchema};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let (path, corpus) = (folder.path().join("index"), folder.path().join("corpus.jsonl"));
    /// # std::fs::write(&corpus, r#"{"_id": "d1", "text": "a fork", "year": 2020}
    /// # {"_id": "d2", "text": "a spoon and a fork", "year": 1990}"#)?;
    /// let stored = StoredSchema { columns: parse_schema("year:integer")?, ..Default::default() };
    /// build(&path).stored(stored).text_files(&[&corpus])?;
    /// let index = open(&path)?;
    /// let options = SearchOptions { filter: Some("year > 2000".parse()?), ..Default::default() };
    /// let answer = index.search_with("forks", 10, &options)?;
    /// assert_eq!((answer.len(), answer.matched(), answer.is_exact()), (1, Some(1), true));
    /// assert_eq!(index.hits(&answer)?[0].docno, "d1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search_with(
        &self,
        query: impl Into<Query>,
        k: usize,
        options: &SearchOptions,
    ) -> Result<Answer> {
        let mut prepared = self.prepare(vec![query.into()], options)?;
        match prepared.pop() {
            Some(prepared) => self.search_prepared(&prepared, k, options),
            // There was one.
            None => Err(Error::OtherGeneration { index: self.name() }),
        }
    }

    /// The best `k` documents for a query that [`prepare`](Self::prepare) made.
    ///
    /// # Errors
    /// The query belongs to another generation; a filter that does not go with the index; damage
    /// met in the index.
    pub fn search_prepared(
        &self,
        prepared: &PreparedQuery,
        k: usize,
        options: &SearchOptions,
    ) -> Result<Answer> {
        self.check_generation(prepared)?;
        let selected = self.selected(options)?;
        let searcher = self.searcher(options, selected.as_deref());
        let (k, query) = (k.min(self.len()), &prepared.query);
        let ranking =
            self.with_scratch(|scratch| searcher.search(query, k, options.strategy, scratch))?;
        Ok(Answer::new(ranking, query, selected.map(|selected| selected.documents())))
    }

    /// The best `k` documents for each query, on the threads of the current rayon pool.
    ///
    /// # Errors
    /// As [`search_with`](Self::search_with), or a request to stop.
    pub fn search_batch<Q: Into<Query>>(
        &self,
        queries: impl IntoIterator<Item = Q>,
        k: usize,
        options: &SearchOptions,
    ) -> Result<Vec<Answer>> {
        let queries = queries.into_iter().map(Into::into).collect();
        let prepared = self.prepare(queries, options)?;
        let options = &SearchOptions { exclude_same_id: false, ..options.clone() };
        let matched = self.selected(options)?.map(|selected| selected.documents());
        let rankings = self.rank(&[], &prepared, k, options)?;
        let answer = |(ranking, prepared): (_, &PreparedQuery)| {
            Answer::new(ranking, &prepared.query, matched)
        };
        Ok(rankings.into_iter().zip(&prepared).map(answer).collect())
    }

    /// Runs a search with memory that others have left.
    fn with_scratch<R>(&self, search: impl FnOnce(&mut Scratch) -> R) -> R {
        let pool = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = pool().pop().unwrap_or_default();
        let result = search(&mut scratch);
        pool().push(scratch);
        result
    }

    fn check_generation(&self, prepared: &PreparedQuery) -> Result<()> {
        match prepared.generation == self.generation() {
            true => Ok(()),
            false => Err(Error::OtherGeneration { index: self.name() }),
        }
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
        self.hits(&self.like_with(docno, k, &self.options)?)
    }

    /// As [`like`](Self::like), with options of this search.
    ///
    /// # Errors
    /// As [`like`](Self::like), or a mix or a filter that does not go with the index.
    pub fn like_with(&self, docno: &str, k: usize, options: &SearchOptions) -> Result<Answer> {
        let shares = self.shares(options)?;
        let docid = self.index.find(docno)?;
        let of_document =
            |docid| spork_searcher::Query::of_document(&self.index, docid, &shares).transpose();
        let query = docid
            .and_then(of_document)
            .ok_or_else(|| Error::NoDocument { index: self.name(), docno: docno.to_owned() })??;
        let most = k.saturating_add(1).min(self.len());
        let selected = self.selected(options)?;
        let searcher = self.searcher(options, selected.as_deref());
        let mut ranking =
            self.with_scratch(|scratch| searcher.search(&query, most, options.strategy, scratch))?;
        ranking.exclude(docid, k);
        Ok(Answer::new(ranking, &query, selected.map(|selected| selected.documents())))
    }

    /// How much each field counts, in the order of the manifest.
    fn shares(&self, options: &SearchOptions) -> Result<Vec<f32>> {
        let manifest = self.index.manifest();
        Ok(match &options.mix {
            Some(mix) => mix.shares(manifest)?,
            None => vec![1.0; manifest.fields.len()],
        })
    }

    /// The index folder, for messages.
    fn name(&self) -> String {
        self.index.folder().display().to_string()
    }

    fn searcher<'s>(
        &'s self,
        options: &'s SearchOptions,
        selected: Option<&'s SelectedDocuments>,
    ) -> Searcher<'s> {
        let searcher =
            Searcher::new(&self.index).with_limits(options.limits).with_stop(&options.stop);
        match selected {
            Some(selected) => searcher.with_selected(selected),
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
        let prepared = self.prepare(queries, &self.options)?;
        let rankings = self.rank(&qids, &prepared, k, &self.options)?;
        let mut results = Results::default();
        for ((qid, ranking), prepared) in qids.into_iter().zip(rankings).zip(&prepared) {
            let answer = Answer::new(ranking, &prepared.query, None);
            results.push(qid, self.hits(&answer)?, answer.scores);
        }
        Ok(results)
    }

    /// The ranking of each query. `qids` are used where documents of the same id are left out.
    fn rank(
        &self,
        qids: &[String],
        prepared: &[PreparedQuery],
        k: usize,
        options: &SearchOptions,
    ) -> Result<Vec<Ranking>> {
        let queries: Vec<&spork_searcher::Query> =
            prepared.iter().map(|prepared| &prepared.query).collect();
        let most = k.saturating_add(usize::from(options.exclude_same_id)).min(self.len());
        let selected = self.selected(options)?;
        let searcher = self.searcher(options, selected.as_deref());
        let mut rankings = searcher.search_batch(&queries, most, options.strategy)?;
        if options.exclude_same_id {
            for (qid, ranking) in qids.iter().zip(&mut rankings) {
                ranking.exclude(self.index.find(qid)?, k);
            }
        }
        Ok(rankings)
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
        let prepared = self.prepare(vec![query.into()], &self.options)?;
        self.explain_one(&prepared, docno, None, &self.options)
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
        let prepared = self.prepare(vec![query.into()], &self.options)?;
        self.explain_one(&prepared, docno, Some(text), &self.options)
    }

    fn explain_one(
        &self,
        prepared: &[PreparedQuery],
        docno: &str,
        text: Option<&str>,
        options: &SearchOptions,
    ) -> Result<Explanation> {
        match prepared {
            [prepared] => self.explain_prepared(prepared, docno, text, options),
            _ => Err(Error::NoDocument { index: self.name(), docno: docno.to_owned() }),
        }
    }

    /// [`explain`](Self::explain) of a query that [`prepare`](Self::prepare) made with the same
    /// options. The document's text need not be given if the index stores it.
    ///
    /// # Errors
    /// As [`explain`](Self::explain), or the query belongs to another generation.
    pub fn explain_prepared(
        &self,
        prepared: &PreparedQuery,
        docno: &str,
        text: Option<&str>,
        options: &SearchOptions,
    ) -> Result<Explanation> {
        self.check_generation(prepared)?;
        let parts = prepared.input.parts(self.model.is_some());
        let plan = FieldPlan::new(&self.index, &self.analyzers, options.mix.as_ref(), parts)?;
        let (given, query) = (prepared.input.given(&plan), &prepared.query);
        let tokenizer = self.model.as_ref().and_then(|(model, _)| model.tokenizer());
        let explainer = Explainer::new(&self.index, query, &given, prepared.text(), tokenizer)?;
        explainer.explain_docno(docno, text)
    }

    /// Queries as the index knows them, for [`search_prepared`](Self::search_prepared) and
    /// [`explain_prepared`](Self::explain_prepared). Texts go through the model together.
    ///
    /// # Errors
    /// A query as text where there is neither an analyzer nor a model; a weight that is none; a mix
    /// that does not go with the index; a request to stop.
    pub fn prepare(
        &self,
        queries: Vec<Query>,
        options: &SearchOptions,
    ) -> Result<Vec<PreparedQuery>> {
        let mut inputs: Vec<QueryInput> = queries.into_iter().map(QueryInput::from).collect();
        let model = self.model.is_some();
        let mut plans = Vec::with_capacity(inputs.len());
        let mut encoded = Vec::new();
        for (place, input) in inputs.iter().enumerate() {
            let parts = input.parts(model);
            let mix = options.mix.as_ref();
            let plan = FieldPlan::new(&self.index, &self.analyzers, mix, parts)?;
            if plan.needs_model(parts) {
                encoded.push(place);
            }
            plans.push(plan);
        }
        let texts: Vec<&str> =
            encoded.iter().filter_map(|&place| inputs[place].text.as_deref()).collect();
        let vectors = self.encode(&texts, options)?;
        for (&place, vector) in encoded.iter().zip(vectors) {
            inputs[place].vector = Some(vector);
        }
        let prepare = |(input, plan): (QueryInput, FieldPlan<'_>)| {
            Ok(PreparedQuery {
                query: input.look_up(&plan, &self.index, options.pruning)?,
                fields: plan.shares(&self.index),
                generation: self.generation(),
                input,
            })
        };
        let planned = inputs.into_iter().zip(plans);
        // One query is not worth another thread.
        if planned.len() == 1 {
            return planned.map(prepare).collect();
        }
        planned.collect::<Vec<_>>().into_par_iter().map(prepare).collect()
    }

    /// The vectors of texts by the model, with idf where it says so.
    fn encode(&self, texts: &[&str], options: &SearchOptions) -> Result<Vec<Vec<(String, f32)>>> {
        let (Some((model, _)), false) = (&self.model, texts.is_empty()) else {
            return Ok(Vec::new());
        };
        let going_on = &mut |_| -> std::result::Result<(), Stopped> { options.stop.check() };
        let encoding = EncodeOptions::default();
        let vectors = model.encode_with_progress(Kind::Query, texts, &encoding, going_on)?;
        vectors.iter().map(|vector| self.weighted(model, vector)).collect()
    }

    /// The documents and scores of an answer.
    ///
    /// # Errors
    /// The index is damaged, or the answer is another index's.
    pub fn hits(&self, answer: &Answer) -> Result<Vec<Hit>> {
        let hit = |(docid, score)| Ok(Hit { docno: self.docno(docid)?.to_owned(), score });
        answer.docids().zip(answer.scores()).map(hit).collect()
    }

    /// Writes an answer as the lines of a TREC run: the bytes that `spork search` writes.
    ///
    /// # Errors
    /// An id or a tag that a run file can't carry, the writer's own, or a damaged index.
    pub fn write_trec(
        &self,
        answer: &Answer,
        output: &mut impl Write,
        qid: &str,
        tag: &str,
    ) -> Result<()> {
        let hits = answer.ranking.hits.iter().map(|hit| Ok((self.docno(hit.docid)?, hit.score)));
        let hits = hits.collect::<Result<Vec<_>>>()?;
        Ok(answer.scores.write_trec(output, qid, hits, tag)?)
    }

    /// A document, as the index has it.
    ///
    /// # Errors
    /// There is no such document, it is deleted, or the index is damaged.
    pub fn document(&self, docno: &str) -> Result<Document> {
        Document::read(&self.index, docno)?
            .ok_or_else(|| Error::NoDocument { index: self.name(), docno: docno.to_owned() })
    }

    /// The values of a document in the columns that the index stores, where it has one.
    ///
    /// # Errors
    /// The index is damaged, or has no such document.
    pub fn columns(&self, docid: DocId) -> Result<Columns> {
        Columns::read(&self.index.place(docid)?)
    }

    /// Whether there is a living document of this docno.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn contains(&self, docno: &str) -> Result<bool> {
        Ok(self.index.find(docno)?.is_some())
    }

    /// The text of a document; none where the index stores none of it.
    ///
    /// # Errors
    /// The index is damaged, or has no such document.
    pub fn text(&self, docid: DocId) -> Result<Option<String>> {
        let place = self.index.place(docid)?;
        let texts = place.segment.texts();
        Ok(texts.map(|texts| texts.get(place.docid)).transpose()?.flatten())
    }

    /// Reads and checks all files.
    ///
    /// # Errors
    /// The first damage, with its place.
    pub fn verify(&self) -> Result<()> {
        Ok(spork_index::verify(&self.index)?)
    }

    /// The docno of a document.
    ///
    /// # Errors
    /// The index is damaged, or has no such document.
    pub fn docno(&self, docid: DocId) -> Result<&str> {
        Ok(self.index.docno(docid)?)
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
