//! Searching an open index.

use std::sync::PoisonError;

use spork_searcher::{Ranking, Scratch, Searcher, SelectedDocuments};

use crate::answer::Answer;
use crate::index::Index;
use crate::prepared_query::PreparedQuery;
use crate::query::Query;
use crate::results::{Hit, Results};
use crate::search_options::SearchOptions;
use crate::{Error, Result};

impl Index {
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
        self.search_prepared(&self.prepare_one(query, options)?, k, options)
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

    pub(crate) fn check_generation(&self, prepared: &PreparedQuery) -> Result<()> {
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
    pub(crate) fn rank(
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
}
