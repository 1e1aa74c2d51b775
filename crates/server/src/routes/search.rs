//! Searching.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api_error::{ApiError, ErrorResponses};
use crate::app::App;
use crate::body::{Answered, Body, Json, Written, objects};
use crate::search_request::{BatchQuery, FilterForm, SearchRequest};
use crate::search_response::SearchResponse;

/// Find the best documents for a query
#[utoipa::path(
    post, path = "/v1/search", tag = "search", request_body = SearchRequest,
    responses((status = 200, body = SearchResponse), ErrorResponses)
)]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    Body(request): Body<SearchRequest>,
) -> Result<Written, ApiError> {
    app.engine.search(request, |response| Written::of(&response)).await
}

/// Several searches that differ in their queries alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchRequest {
    /// The name or alias of the index; may be left out where there is one only
    index: Option<String>,
    /// The queries
    #[serde(deserialize_with = "objects")]
    #[schema(max_items = 1000)]
    queries: Vec<BatchQuery>,
    /// Hits of each
    #[serde(default = "ten")]
    #[schema(minimum = 1, maximum = 10_000, default = 10)]
    k: usize,
    /// As of a search
    #[schema(value_type = Option<FilterForm>)]
    filter: Option<Box<RawValue>>,
    /// As of a search
    mix: Option<String>,
    /// As of a search
    columns: Option<Vec<String>>,
    /// As of a search
    #[schema(minimum = 0.0, maximum = 1.0, default = 1.0)]
    alpha: Option<f64>,
    /// As of a search, for all of them
    #[schema(minimum = 1, maximum = 60_000)]
    deadline_ms: Option<u64>,
}

fn ten() -> usize {
    10
}

/// The answers to a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchResponse {
    /// In the order of the queries
    results: Vec<SearchResponse>,
}

/// Find the best documents for each of several queries
#[utoipa::path(
    post, path = "/v1/search/batch", tag = "search", request_body = BatchRequest,
    responses((status = 200, body = BatchResponse), ErrorResponses)
)]
pub(super) async fn search_batch(
    State(app): State<Arc<App>>,
    Body(request): Body<BatchRequest>,
) -> Answered<BatchResponse> {
    let BatchRequest { index, queries, k, filter, mix, columns, alpha, deadline_ms } = request;
    let all = SearchRequest {
        index,
        k,
        filter,
        mix,
        columns,
        alpha,
        deadline_ms,
        ..SearchRequest::default()
    };
    let results = app.engine.search_batch(all, queries).await?;
    Ok(Json(BatchResponse { results }))
}
