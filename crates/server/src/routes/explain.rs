//! Why documents are found, and where two searches differ.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api_error::ErrorResponses;
use crate::app::App;
use crate::body::{Answered, Body, Json};
use crate::explaining::{DiffRequest, ExplainRequest, ExplainResponse};

/// Explain a document's score: what each term of the query gives it
#[utoipa::path(
    post, path = "/v1/explain", tag = "search", request_body = ExplainRequest,
    responses((status = 200, body = ExplainResponse), ErrorResponses)
)]
pub(super) async fn explain(
    State(app): State<Arc<App>>,
    Body(request): Body<ExplainRequest>,
) -> Answered<ExplainResponse> {
    app.engine.explain(request).await.map(Json)
}

/// The answer of a comparison, as docs/explain.md describes it.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "the derived description is all that is used")]
pub(super) struct DiffResponse {
    sides: [String; 2],
    k: usize,
    topics: usize,
    overlap: f64,
    rbo: f64,
    #[schema(value_type = Vec<Object>)]
    per_topic: Vec<serde_json::Value>,
}

/// Show where two indexes, or two mixes of one, rank queries differently, and by which terms
#[utoipa::path(
    post, path = "/v1/diff", tag = "search", request_body = DiffRequest,
    responses((status = 200, body = DiffResponse), ErrorResponses)
)]
pub(super) async fn diff(
    State(app): State<Arc<App>>,
    Body(request): Body<DiffRequest>,
) -> Answered<spork_search::DifferenceReport> {
    app.engine.diff(request).await.map(Json)
}
