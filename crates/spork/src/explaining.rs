//! Why documents of an open index are found, and where two indexes differ.

use crate::Result;
use crate::difference::{Difference, RANK_DEPTH, Side};
use crate::explain::{Explainer, Explanation};
use crate::fields::FieldPlan;
use crate::index::Index;
use crate::prepared_query::PreparedQuery;
use crate::query::Query;
use crate::search_options::SearchOptions;

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
        let prepared = self.prepare_one(query, &self.options)?;
        self.explain_prepared(&prepared, docno, None, &self.options)
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
        let prepared = self.prepare_one(query, &self.options)?;
        self.explain_prepared(&prepared, docno, Some(text), &self.options)
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
}
