//! The two operations of Anserini's REST server, so that its clients work.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::documents;
use crate::api_error::ErrorResponses;
use crate::app::App;
use crate::body::{Answered, Json, Parameters, PathParts};
use crate::search_request::SearchRequest;

/// The version that answers name.
const API: &str = "v1";

/// Parameters of a search.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// The query
    query: String,
    /// Number of hits
    #[serde(default = "ten")]
    #[param(minimum = 1, maximum = 10_000, default = 10)]
    hits: usize,
    /// Whether a document is an object; otherwise it is its JSON as text
    #[serde(default = "yes")]
    #[param(default = true)]
    parse: bool,
}

fn ten() -> usize {
    10
}

fn yes() -> bool {
    true
}

/// The answer to a search.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Found {
    api: &'static str,
    index: String,
    query: FoundQuery,
    candidates: Vec<Candidate>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundQuery {
    text: String,
}

/// A hit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Candidate {
    docid: String,
    score: f64,
    rank: usize,
    /// The stored document, as an object or as its JSON
    #[schema(value_type = Value)]
    doc: serde_json::Value,
}

/// Search as Anserini's server does
#[utoipa::path(
    get, path = "/v1/{index}/search", tag = "anserini",
    params(("index" = String, Path, description = "Name or alias"), SearchParameters),
    responses((status = 200, body = Found), ErrorResponses)
)]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    PathParts(index): PathParts<String>,
    Parameters(SearchParameters { query, hits, parse }): Parameters<SearchParameters>,
) -> Answered<Found> {
    let (name, text) = (index.clone(), query.clone());
    let request = SearchRequest {
        index: Some(index),
        query: Some(query),
        k: hits,
        text: true,
        ..SearchRequest::default()
    };
    let response = app.engine.search(request, |response| response).await?;
    let candidates = response.hits.into_iter().map(|hit| Candidate {
        doc: stored(&hit.id, hit.text, parse),
        docid: hit.id,
        score: hit.score,
        rank: hit.rank,
    });
    let candidates = candidates.collect();
    Ok(Json(Found { api: API, index: name, query: FoundQuery { text }, candidates }))
}

/// Parameters of a document.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DocumentParameters {
    /// Whether the document is an object; otherwise it is its JSON as text
    #[serde(default = "yes")]
    #[param(default = true)]
    parse: bool,
}

/// A document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundDocument {
    api: &'static str,
    index: String,
    docid: String,
    /// The stored document, as an object or as its JSON
    #[schema(value_type = Value)]
    doc: serde_json::Value,
}

/// Read a document as Anserini's server does
#[utoipa::path(
    get, path = "/v1/{index}/doc/{docid}", tag = "anserini",
    params(
        ("index" = String, Path, description = "Name or alias"),
        ("docid" = String, Path),
        DocumentParameters
    ),
    responses((status = 200, body = FoundDocument), ErrorResponses)
)]
pub(super) async fn document(
    State(app): State<Arc<App>>,
    PathParts((index, docid)): PathParts<(String, String)>,
    Parameters(DocumentParameters { parse }): Parameters<DocumentParameters>,
) -> Answered<FoundDocument> {
    let found = documents::document(&app.engine, Some(&index), docid.clone()).await?;
    let doc = stored(&docid, found.document.text, parse);
    Ok(Json(FoundDocument { api: API, index, docid, doc }))
}

/// What is stored of a document, in the form of Anserini's JSON collections.
fn stored(id: &str, text: Option<String>, parse: bool) -> serde_json::Value {
    let Some(text) = text else { return serde_json::Value::Null };
    let document = serde_json::json!({ "id": id, "contents": text });
    if parse { document } else { document.to_string().into() }
}
