//! Indexes and their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::documents;
use crate::api_error::{ApiError, ErrorResponses};
use crate::app::{App, Engine};
use crate::body::{Answered, Body, Json, PathParts};
use crate::catalog::Entry;
use crate::search_request::Deadline;
use crate::writer::{WriteRequest, WriteResponse};

/// What there is to search.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IndexList {
    /// The indexes, by name
    indexes: Vec<IndexSummary>,
    /// Other names for them
    aliases: BTreeMap<String, String>,
    /// Models that are loaded
    models: Vec<String>,
}

/// An index in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IndexSummary {
    /// The name
    name: String,
    /// Living documents
    documents: usize,
    /// The generation that is served
    generation: u64,
    /// Its fields: impact sources of its documents
    fields: Vec<FieldSummary>,
    /// Columns that filters can test
    columns: Vec<ColumnSummary>,
    /// Whether texts are stored
    texts: bool,
    /// The model that encodes queries, if one is loaded
    model: Option<String>,
}

/// A field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldSummary {
    name: String,
    /// `vectors` or `bm25`
    source: &'static str,
}

/// A column.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ColumnSummary {
    name: String,
    /// `keyword`, `integer`, …
    kind: String,
}

impl IndexSummary {
    fn of(entry: &Entry) -> Self {
        let current = entry.live.current();
        let manifest = current.index.inner().manifest();
        let field = |field: &spork_search::Field| FieldSummary {
            name: field.name.clone(),
            source: field.source.name(),
        };
        let column = |column: &spork_search::ColumnSpec| ColumnSummary {
            name: column.name.clone(),
            kind: column.kind.to_string(),
        };
        Self {
            name: entry.live.name.clone(),
            documents: current.index.len(),
            generation: current.index.generation(),
            fields: manifest.fields.iter().map(field).collect(),
            columns: manifest.stored.columns.iter().map(column).collect(),
            texts: manifest.stored.texts,
            model: current.index.model().map(|model| model.name().to_owned()),
        }
    }
}

/// What there is to search.
pub(crate) fn list(engine: &Engine) -> IndexList {
    let catalog = &engine.catalog;
    let models = catalog.encoders().iter().map(|encoder| encoder.model().name().to_owned());
    IndexList {
        indexes: catalog.entries().map(IndexSummary::of).collect(),
        aliases: BTreeMap::clone(&catalog.aliases()),
        models: models.collect(),
    }
}

/// List indexes, aliases and models
#[utoipa::path(
    get, path = "/v1/indexes", tag = "indexes",
    responses((status = 200, body = IndexList), ErrorResponses)
)]
pub(super) async fn indexes(State(app): State<Arc<App>>) -> Json<IndexList> {
    Json(list(&app.engine))
}

/// An index with its statistics.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IndexResponse {
    /// In short
    index: IndexSummary,
    /// Counts, sizes and provenance, as `spork inspect --json` tells them
    #[schema(value_type = Object)]
    statistics: Arc<spork_measure::IndexStatistics>,
}

/// Describe an index: counts, sizes, provenance
#[utoipa::path(
    get, path = "/v1/indexes/{index}", tag = "indexes",
    params(("index" = String, Path, description = "Name or alias")),
    responses((status = 200, body = IndexResponse), ErrorResponses)
)]
pub(super) async fn index(
    State(app): State<Arc<App>>,
    PathParts(index): PathParts<String>,
) -> Answered<IndexResponse> {
    let entry = app.engine.catalog.find(Some(&index))?;
    let (generation, summary) = (entry.live.current(), IndexSummary::of(entry));
    let permit = app.engine.admit(entry.live.costs.predict(0, 1), Deadline::none())?;
    let read = app.engine.pool.run(permit, move |_| generation.statistics()).await?;
    let statistics = read.map_err(|message| {
        tracing::error!("{index}: {message}");
        let status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
        ApiError::new(status, "index_damaged", "the index is damaged, as the log tells")
    })?;
    Ok(Json(IndexResponse { index: summary, statistics }))
}

/// Aliases, each with the index that it means.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Aliases {
    aliases: BTreeMap<String, String>,
}

/// List aliases
#[utoipa::path(
    get, path = "/v1/aliases", tag = "indexes",
    responses((status = 200, body = Aliases), ErrorResponses)
)]
pub(super) async fn aliases(State(app): State<Arc<App>>) -> Json<Aliases> {
    Json(Aliases { aliases: BTreeMap::clone(&app.engine.catalog.aliases()) })
}

/// Aliases to be set, all at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetAliases {
    /// Each with the index that it is to mean, or null to remove it; others stay
    aliases: BTreeMap<String, Option<String>>,
}

/// Set and remove aliases: every request sees all of it or nothing
#[utoipa::path(
    post, path = "/v1/aliases", tag = "changes", request_body = SetAliases,
    responses((status = 200, body = Aliases), ErrorResponses)
)]
pub(super) async fn set_aliases(
    State(app): State<Arc<App>>,
    Body(request): Body<SetAliases>,
) -> Answered<Aliases> {
    if request.aliases.len() > app.engine.limits.batch {
        return Err(ApiError::bad("too many aliases").at("aliases"));
    }
    let aliases = app.engine.catalog.set_aliases(&request.aliases)?;
    Ok(Json(Aliases { aliases: BTreeMap::clone(&aliases) }))
}

/// Merge all segments of an index into one
#[utoipa::path(
    post, path = "/v1/indexes/{index}/merge", tag = "changes",
    params(("index" = String, Path, description = "Name or alias")),
    responses((status = 200, body = WriteResponse), ErrorResponses)
)]
pub(super) async fn merge(
    State(app): State<Arc<App>>,
    PathParts(index): PathParts<String>,
) -> Answered<WriteResponse> {
    documents::write(&app, &index, WriteRequest::Merge).await
}

/// How an index is reloaded.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReloadRequest {
    /// Whether all files of the new generation are read and checked before it is served
    #[serde(default)]
    verify: bool,
}

/// What is served after a reload.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReloadResponse {
    /// Whether there was a newer generation
    reloaded: bool,
    /// The generation that is served
    generation: u64,
}

/// Serve the newest generation, which another process has published
#[utoipa::path(
    post, path = "/v1/indexes/{index}/reload", tag = "changes", request_body = ReloadRequest,
    params(("index" = String, Path, description = "Name or alias")),
    responses((status = 200, body = ReloadResponse), ErrorResponses)
)]
pub(super) async fn reload(
    State(app): State<Arc<App>>,
    PathParts(index): PathParts<String>,
    Body(ReloadRequest { verify }): Body<ReloadRequest>,
) -> Answered<ReloadResponse> {
    let live = app.engine.catalog.find(Some(&index))?.live.clone();
    // Reading all files takes long, and is no search.
    let reloading = tokio::task::spawn_blocking(move || {
        let reloaded = live.refresh(verify).map_err(|error| live.error(&error))?;
        Ok(ReloadResponse { reloaded, generation: live.current().index.generation() })
    });
    reloading.await.map_err(|_| ApiError::internal())?.map(Json)
}
