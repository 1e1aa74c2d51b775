//! Encoding texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use spork_search::Kind;
use utoipa::ToSchema;

use crate::api_error::{ApiError, ErrorResponses};
use crate::app::App;
use crate::body::{Answered, Body, Json};
use crate::text_encoder::TextEncoder;

/// A text or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Inputs {
    One(String),
    Several(Vec<String>),
}

/// What a text is.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TextKind {
    #[default]
    Document,
    Query,
}

impl From<TextKind> for Kind {
    fn from(kind: TextKind) -> Self {
        match kind {
            TextKind::Document => Self::Document,
            TextKind::Query => Self::Query,
        }
    }
}

/// Texts to be encoded, in the form of text-embeddings-inference.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmbedSparseRequest {
    /// A text or several
    inputs: Inputs,
    /// Whether they are documents or queries
    #[serde(default)]
    kind: TextKind,
    /// The name of the model; may be left out where there is one only
    model: Option<String>,
    /// Taken for compatibility: a text that is longer than the model takes is always cut, as
    /// `spork encode` cuts it
    #[serde(default)]
    #[expect(dead_code, reason = "texts are cut either way")]
    truncate: Option<bool>,
}

/// A term of a vector.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SparseValue {
    /// The term's id in the model's vocabulary
    index: u32,
    /// Its weight
    value: f32,
}

/// Encode texts, in the form of text-embeddings-inference
#[utoipa::path(
    post, path = "/embed_sparse", tag = "encode", request_body = EmbedSparseRequest,
    responses((status = 200, body = Vec<Vec<SparseValue>>), ErrorResponses)
)]
pub(super) async fn embed_sparse(
    State(app): State<Arc<App>>,
    Body(request): Body<EmbedSparseRequest>,
) -> Answered<Vec<Vec<SparseValue>>> {
    let texts = match request.inputs {
        Inputs::One(text) => vec![text],
        Inputs::Several(texts) => texts,
    };
    let encoder = app.engine.catalog.encoder(request.model.as_deref())?;
    let vectors = vectors(&app, encoder, request.kind, &texts).await?;
    let entry = |&(term, value): &(spork_search::TermId, f32)| SparseValue { index: term.0, value };
    Ok(Json(vectors.iter().map(|vector| vector.entries().iter().map(entry).collect()).collect()))
}

/// Texts to be encoded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EncodeRequest {
    /// The texts
    #[schema(min_items = 1, max_items = 1000)]
    texts: Vec<String>,
    /// Whether they are documents or queries
    #[serde(default)]
    kind: TextKind,
    /// The name of the model; may be left out where there is one only
    model: Option<String>,
}

/// Vectors of texts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EncodeResponse {
    /// The model's name
    model: String,
    /// Terms and weights of each text, in their order
    vectors: Vec<BTreeMap<String, f32>>,
}

/// Encode texts as terms and weights
#[utoipa::path(
    post, path = "/v1/encode", tag = "encode", request_body = EncodeRequest,
    responses((status = 200, body = EncodeResponse), ErrorResponses)
)]
pub(super) async fn encode(
    State(app): State<Arc<App>>,
    Body(request): Body<EncodeRequest>,
) -> Answered<EncodeResponse> {
    let encoder = app.engine.catalog.encoder(request.model.as_deref())?;
    let vectors = vectors(&app, encoder, request.kind, &request.texts).await?;
    let model = encoder.model();
    let named = |vector| model.named(vector).map(|(term, weight)| (term.to_owned(), weight));
    let vectors = vectors.iter().map(|vector| named(vector).collect()).collect();
    Ok(Json(EncodeResponse { model: model.name().to_owned(), vectors }))
}

async fn vectors(
    app: &App,
    encoder: &TextEncoder,
    kind: TextKind,
    texts: &[String],
) -> Result<Vec<spork_search::SparseVector>, ApiError> {
    let limits = &app.engine.limits;
    if texts.is_empty() || texts.len() > limits.batch {
        let message = format!("expected 1 to {} texts, got {}", limits.batch, texts.len());
        return Err(ApiError::bad(message).at("inputs"));
    }
    if let Some(long) = texts.iter().find(|text| text.len() > limits.text) {
        return Err(ApiError::too_much("bytes of a text", long.len(), limits.text).at("inputs"));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    encoder.encode(kind.into(), &texts, None).await
}
