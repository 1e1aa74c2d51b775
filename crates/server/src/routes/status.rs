//! Whether the server lives, is ready, and what it counts.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api_error::{ApiError, ErrorResponses};
use crate::app::App;
use crate::body::{Answered, Json};
use crate::metrics::CONTENT_TYPE;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`
    status: &'static str,
    /// The version of Spork
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Whether the server runs
#[utoipa::path(
    get, path = "/livez", tag = "status", responses((status = 200, body = Health), ErrorResponses)
)]
pub(super) async fn livez() -> Json<Health> {
    Json(OK)
}

/// Whether the server takes requests: 503 once it is ending
#[utoipa::path(
    get, path = "/readyz", tag = "status", responses((status = 200, body = Health), ErrorResponses)
)]
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Answered<Health> {
    if app.is_ending() { Err(ApiError::ending()) } else { Ok(Json(OK)) }
}

/// Counts and times, for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "indexes",
    responses((status = 200, body = String, content_type = "text/plain"), ErrorResponses)
)]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], app.engine.metrics.render()).into_response()
}

/// The description of the API, as JSON.
#[derive(Clone)]
pub(super) struct Described(pub(super) Arc<str>);

/// This description
#[utoipa::path(
    get, path = "/openapi.json", tag = "status",
    responses((status = 200, body = Object), ErrorResponses)
)]
pub(super) async fn openapi(Extension(Described(json)): Extension<Described>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json.to_string()).into_response()
}
