//! What a search answers.

use std::collections::BTreeMap;

use serde::Serialize;
use spork_search::{Columns, DocId, Explanation, PreparedQuery, SearchOptions, with_passage};
use utoipa::ToSchema;

use crate::live_index::Generation;
use crate::search_request::SearchRequest;

/// The answer to a search.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SearchResponse {
    /// Of a batch, the query's id
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// The index, by its own name
    pub(crate) index: String,
    /// The generation that was searched
    pub(crate) generation: u64,
    /// The hits, the best first
    pub(crate) hits: Vec<HitBody>,
    /// Whether these are certified to be the best documents for the whole query
    pub(crate) exact: bool,
    /// What a document that was not scored has at most, where that may be enough to be among the
    /// hits
    pub(crate) unseen_at_most: Option<f64>,
    /// The number of documents that the filter keeps
    pub(crate) matched: Option<u64>,
    /// The query as it was searched for, if it is to be explained
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) query: Option<QueryBody>,
    /// What it took
    pub(crate) took: Took,
}

/// A query as it was searched for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct QueryBody {
    /// The fields that counted, with their weights in the mix
    fields: BTreeMap<String, f32>,
    /// Terms and weights for the field of vectors, as they were given or as the model made them
    vector: BTreeMap<String, f32>,
    /// Those of the model's terms that stand in the text; all others of `vector` are expansion
    lexical: Vec<String>,
}

/// A hit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct HitBody {
    /// The document
    pub(crate) id: String,
    /// Its score: the number that a run file has
    pub(crate) score: f64,
    /// Its rank, from 1
    pub(crate) rank: usize,
    /// Its values in the columns that were asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    columns: Option<Columns>,
    /// Its stored text
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The passage that answers best, cut where matched words begin and end
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Vec<SnippetPart>>,
    /// How it gets its score (docs/explain.md)
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    explain: Option<Explanation>,
}

/// A part of a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SnippetPart {
    text: String,
    /// Whether the query has it
    matched: bool,
}

/// Times in microseconds, and work.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Took {
    /// Until the query was ready: analyzed, encoded where a model has to, looked up
    pub(crate) prepare_us: u64,
    /// Until a thread was free
    pub(crate) queue_us: u64,
    /// Of the search, and of reading what is shown of the hits
    pub(crate) search_us: u64,
    /// All together
    pub(crate) total_us: u64,
    /// Postings that were scored
    pub(crate) postings: u64,
}

/// What is shown of hits.
pub(crate) struct Shown<'r> {
    pub(crate) generation: &'r Generation,
    pub(crate) request: &'r SearchRequest,
    pub(crate) prepared: &'r PreparedQuery,
    pub(crate) options: &'r SearchOptions,
}

impl Shown<'_> {
    /// The hits of an answer.
    ///
    /// # Errors
    /// The index is damaged.
    pub(crate) fn hits(&self, answer: &spork_search::Answer) -> spork_search::Result<Vec<HitBody>> {
        let passages = self.generation.passages.as_ref().filter(|_| self.request.snippet.is_some());
        let snippets = passages.map(|passages| passages.for_query(self.prepared.query()));
        let mut hits = Vec::with_capacity(answer.len());
        for (place, (docid, score)) in answer.docids().zip(answer.scores()).enumerate() {
            let index = &self.generation.index;
            let id = index.docno(docid)?.to_owned();
            let snippet = match &snippets {
                Some(snippets) => self.snippet(docid, snippets)?,
                None => None,
            };
            let explain = match self.request.explain {
                true => Some(index.explain_prepared(self.prepared, &id, None, self.options)?),
                false => None,
            };
            hits.push(HitBody {
                columns: self.columns(docid)?,
                text: if self.request.text { index.text(docid)? } else { None },
                snippet,
                explain,
                rank: place + 1,
                score,
                id,
            });
        }
        Ok(hits)
    }

    fn columns(&self, docid: DocId) -> spork_search::Result<Option<Columns>> {
        let Some(wanted) = &self.request.columns else { return Ok(None) };
        let mut columns = self.generation.index.columns(docid)?;
        columns.retain(|name| wanted.iter().any(|wanted| wanted == name));
        Ok(Some(columns))
    }

    fn snippet(
        &self,
        docid: DocId,
        snippets: &spork_search::Snippets<'_>,
    ) -> spork_search::Result<Option<Vec<SnippetPart>>> {
        let index = self.generation.index.inner();
        let characters = self.request.snippet.unwrap_or_default();
        with_passage(index, docid, snippets, characters, parts)
    }

    /// The query, if it is to be shown.
    ///
    /// # Errors
    /// A text that can't be tokenized.
    pub(crate) fn query(&self) -> spork_search::Result<Option<QueryBody>> {
        if !self.request.explain {
            return Ok(None);
        }
        let text = self.prepared.text().unwrap_or_default();
        Ok(Some(QueryBody {
            fields: self.prepared.fields().iter().cloned().collect(),
            vector: self.prepared.vector().iter().cloned().collect(),
            lexical: self.generation.index.lexical_terms(text)?,
        }))
    }
}

/// A passage, cut where its matches begin and end.
fn parts(snippet: &spork_search::Snippet<'_>) -> Vec<SnippetPart> {
    let (mut parts, mut end) = (Vec::new(), 0);
    let mut push = |text: Option<&str>, matched| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            parts.push(SnippetPart { text: text.to_owned(), matched });
        }
    };
    for matched in &snippet.matches {
        push(snippet.text.get(end..matched.start), false);
        push(snippet.text.get(matched.clone()), true);
        end = matched.end;
    }
    push(snippet.text.get(end..), false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_cut_at_its_matches() {
        let snippet =
            spork_search::Snippet { text: "an old fork", start: 0, matches: vec![3..6, 7..11] };
        let parts = parts(&snippet);
        let texts: Vec<_> = parts.iter().map(|part| (part.text.as_str(), part.matched)).collect();
        assert_eq!(texts, [("an ", false), ("old", true), (" ", false), ("fork", true)]);
    }
}
