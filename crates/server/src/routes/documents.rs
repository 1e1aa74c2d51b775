//! Documents: one read, some added, replaced and deleted.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api_error::{ApiError, ErrorResponses};
use crate::app::App;
use crate::body::{Answered, Body, Json, PathParts, objects};
use crate::documents::NewDocument;
use crate::search_request::{FilterForm, read_filter};
use crate::writer::{WriteRequest, WriteResponse};

/// A document as an index has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentResponse {
    /// The index, by its own name
    index: String,
    /// The generation
    generation: u64,
    /// Its `docno`, `text` and `columns` where they are stored, and `vector` by field and term
    #[schema(value_type = Object)]
    pub(crate) document: spork_search::Document,
}

/// Read a document: text, columns, and its terms and weights
#[utoipa::path(
    get, path = "/v1/indexes/{index}/documents/{id}", tag = "documents",
    params(("index" = String, Path, description = "Name or alias"), ("id" = String, Path)),
    responses((status = 200, body = DocumentResponse), ErrorResponses)
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    PathParts((index, id)): PathParts<(String, String)>,
) -> Answered<DocumentResponse> {
    document(&app.engine, Some(&index), id).await.map(Json)
}

/// A document, read on a search thread.
pub(crate) async fn document(
    engine: &crate::app::Engine,
    index: Option<&str>,
    id: String,
) -> Result<DocumentResponse, ApiError> {
    let entry = engine.catalog.find(index)?;
    let (live, generation) = (entry.live.clone(), entry.live.current());
    let permit = engine.admit(live.costs.predict(0, 1), crate::search_request::Deadline::none())?;
    let run = move |_| {
        let index = &generation.index;
        let document = index.document(&id).map_err(|error| live.error(&error))?;
        let (name, generation) = (live.name.clone(), index.generation());
        Ok(DocumentResponse { index: name, generation, document })
    };
    engine.pool.run(permit, run).await?
}

/// Documents to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddRequest {
    /// The documents
    #[serde(deserialize_with = "objects")]
    #[schema(min_items = 1)]
    documents: Vec<NewDocument>,
    /// Whether documents whose ids are there are replaced; otherwise they are refused
    #[serde(default)]
    update: bool,
}

/// Add documents, or replace some; answered when they are synced and every search sees them
#[utoipa::path(
    post, path = "/v1/indexes/{index}/documents", tag = "changes", request_body = AddRequest,
    params(("index" = String, Path, description = "Name or alias")),
    responses((status = 200, body = WriteResponse), ErrorResponses)
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    PathParts(index): PathParts<String>,
    Body(AddRequest { documents, update }): Body<AddRequest>,
) -> Answered<WriteResponse> {
    if documents.is_empty() {
        return Err(ApiError::bad("expected a document or more, got none").at("documents"));
    }
    let mut ids = std::collections::HashSet::new();
    for (place, document) in documents.iter().enumerate() {
        document.check(place)?;
        if !ids.insert(document.id.as_str()) {
            let message = format!("{:?} comes twice", document.id);
            return Err(ApiError::bad(message).at(format!("documents[{place}].id")));
        }
    }
    write(&app, &index, WriteRequest::Add { documents, update }).await
}

/// Documents to be deleted: give `ids` or a `filter`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteRequest {
    /// Their ids
    ids: Option<Vec<String>>,
    /// All that this filter on columns keeps
    #[schema(value_type = Option<FilterForm>)]
    filter: Option<Box<RawValue>>,
    /// Whether ids that are not there are left out; otherwise they are refused
    #[serde(default)]
    ignore_missing: bool,
    /// Whether no file of the index may hold them any more: takes as long as writing their segments
    /// anew
    #[serde(default)]
    purge: bool,
}

/// Delete documents, by their ids or by a filter
#[utoipa::path(
    post, path = "/v1/indexes/{index}/documents/delete", tag = "changes",
    request_body = DeleteRequest,
    params(("index" = String, Path, description = "Name or alias")),
    responses((status = 200, body = WriteResponse), ErrorResponses)
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    PathParts(index): PathParts<String>,
    Body(request): Body<DeleteRequest>,
) -> Answered<WriteResponse> {
    let DeleteRequest { ids, filter, ignore_missing, purge } = request;
    let change = match (ids, filter) {
        (Some(ids), None) => WriteRequest::Delete { ids, ignore_missing, purge },
        (None, Some(filter)) => {
            // Read here for its faults; the writer reads it again.
            read_filter(&filter, &app.engine.limits)?;
            let text = serde_json::from_str::<String>(filter.get());
            let filter = text.unwrap_or_else(|_| filter.get().to_owned());
            WriteRequest::DeleteWhere { filter, purge }
        }
        _ => return Err(ApiError::bad("give ids or a filter").at("body")),
    };
    write(&app, &index, change).await
}

/// Delete a document
#[utoipa::path(
    delete, path = "/v1/indexes/{index}/documents/{id}", tag = "changes",
    params(("index" = String, Path, description = "Name or alias"), ("id" = String, Path)),
    responses((status = 200, body = WriteResponse), ErrorResponses)
)]
pub(super) async fn delete_one(
    State(app): State<Arc<App>>,
    PathParts((index, id)): PathParts<(String, String)>,
) -> Answered<WriteResponse> {
    let live = &app.engine.catalog.find(Some(&index))?.live;
    let there = live.current().index.contains(&id);
    if !there.map_err(|error| live.error(&error))? {
        let message = format!("{}: no document {id:?}, or it is deleted", live.name);
        return Err(ApiError::not_found(message));
    }
    write(&app, &index, WriteRequest::Delete { ids: vec![id], ignore_missing: true, purge: false })
        .await
}

/// Makes a change.
pub(super) async fn write(
    app: &App,
    index: &str,
    request: WriteRequest,
) -> Answered<WriteResponse> {
    let entry = app.engine.catalog.find(Some(index))?;
    entry.writer.write(request).await.map(Json)
}
