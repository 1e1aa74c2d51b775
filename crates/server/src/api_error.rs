//! Errors of requests, as JSON.

use std::path::Path;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use spork_search::{BuildError, Error, SearchError};
use utoipa::{IntoResponses, ToSchema};

/// What is told of a request that failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

/// The error.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorDetail {
    /// A word for programs, such as `bad_request` or `overloaded`.
    #[schema(example = "bad_request")]
    code: &'static str,
    /// What is wrong: expected, and got.
    message: String,
    /// Where in the request it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// A request that failed.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: ErrorDetail,
    /// Seconds.
    retry_after: Option<u64>,
}

/// The errors that every operation may have, for the OpenAPI description.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the derived description is all that is used")]
pub(crate) enum ErrorResponses {
    /// The request can't be understood, or does not go with the index
    #[response(status = 400)]
    BadRequest(#[to_schema] ErrorBody),
    /// A key is needed
    #[response(status = 401)]
    Unauthorized(#[to_schema] ErrorBody),
    /// The server, the host name or the web page's origin does not allow it
    #[response(status = 403)]
    Forbidden(#[to_schema] ErrorBody),
    /// There is no such index, model or document
    #[response(status = 404)]
    NotFound(#[to_schema] ErrorBody),
    /// The body took too long
    #[response(status = 408)]
    Timeout(#[to_schema] ErrorBody),
    /// Somebody else is changing the index
    #[response(status = 409)]
    Conflict(#[to_schema] ErrorBody),
    /// The body is larger than the server takes
    #[response(status = 413)]
    TooLarge(#[to_schema] ErrorBody),
    /// The body is no JSON by its content-type
    #[response(status = 415)]
    MediaType(#[to_schema] ErrorBody),
    /// The server has enough to do; Retry-After says when to come again
    #[response(status = 429)]
    Overloaded(#[to_schema] ErrorBody),
    /// The server is ending, or the index is damaged
    #[response(status = 503)]
    Unavailable(#[to_schema] ErrorBody),
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let detail = ErrorDetail { code, message: message.into(), place: None, remedy: None };
        Self { status, detail, retry_after: None }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.detail.place = Some(place.into());
        self
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.detail.remedy = Some(remedy.into());
        self
    }

    /// More than `most` of something.
    pub(crate) fn too_much(what: &str, got: usize, most: usize) -> Self {
        Self::bad(format!("{what}: expected at most {most}, got {got}"))
    }

    pub(crate) fn overloaded(reason: &str, retry_after: u64) -> Self {
        let message = format!("the server is busy: {reason}");
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "overloaded", message);
        let error = error.remedy(format!("come again in {retry_after} s"));
        Self { retry_after: Some(retry_after), ..error }
    }

    /// Something would wait for longer than it may.
    pub(crate) fn waiting(what: &str, wait: Duration, most: Duration) -> Self {
        let seconds = wait.saturating_sub(most).as_secs_f64().ceil().max(1.0) as u64;
        let (wait, most) = (wait.as_millis(), most.as_millis());
        Self::overloaded(
            &format!("{what} would wait for {wait} ms, and may for {most} ms"),
            seconds,
        )
    }

    pub(crate) fn ending() -> Self {
        let message = "the server is ending";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ending", message).remedy("ask another one")
    }

    /// A panic, which no input should cause.
    pub(crate) fn internal() -> Self {
        let message = "the request met a fault of the server, which its log tells";
        let remedy = "please report it with the request";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message).remedy(remedy)
    }

    pub(crate) fn unauthorized(which: &str) -> Self {
        let message = format!("this needs the {which} key");
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
            .remedy("send the header Authorization: Bearer KEY")
    }

    pub(crate) fn read_only() -> Self {
        let message = "this server changes no index";
        Self::new(StatusCode::FORBIDDEN, "read_only", message)
            .remedy("start it with --admin-key-file, or on a loopback address with --read-write")
    }

    pub(crate) fn host(host: &str) -> Self {
        let message = format!("the host {host:?} is not this server's");
        Self::new(StatusCode::FORBIDDEN, "host", message)
            .at("header Host")
            .remedy("start the server with --allow-host for this name")
    }

    pub(crate) fn origin(origin: &str) -> Self {
        let message = format!("scripts of {origin:?} may not use this server");
        Self::new(StatusCode::FORBIDDEN, "origin", message)
            .at("header Origin")
            .remedy("start the server with --allow-origin for this origin")
    }

    /// An error of the library, about the index that requests call `name`.
    pub(crate) fn of(error: &Error, folder: &Path, name: &str) -> Self {
        let message = without_paths(error.to_string(), folder, name);
        let (status, code) = match error {
            Error::NoDocument { .. } => (StatusCode::NOT_FOUND, "not_found"),
            Error::Build(BuildError::DocnoExists { docno, .. }) => {
                let message = format!("{name} has a document {docno:?} already");
                return Self::new(StatusCode::CONFLICT, "exists", message)
                    .remedy("set update to true to replace it");
            }
            Error::Filter(filter) => {
                let place = format!("filter, character {}", filter.character);
                return Self::bad(message).at(place);
            }
            Error::Index(error) => of_index(error),
            Error::Search(SearchError::Index(error)) => of_index(error),
            Error::Build(BuildError::Index(error)) => of_index(error),
            Error::Search(SearchError::Stopped(_)) => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
            Error::Temporary { .. } => (StatusCode::SERVICE_UNAVAILABLE, "storage"),
            _ => (StatusCode::BAD_REQUEST, "bad_request"),
        };
        if status.is_server_error() {
            tracing::error!("{name}: {error}");
        }
        Self::new(status, code, message)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The whole in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let ErrorDetail { message, place, remedy, .. } = &self.detail;
        let mut sentence = String::new();
        if let Some(place) = place {
            sentence = format!("{place}: ");
        }
        sentence.push_str(message);
        if let Some(remedy) = remedy {
            sentence.push_str("; ");
            sentence.push_str(remedy);
        }
        sentence
    }
}

/// A message that calls an index by its name, and nothing by its path: where things are on this
/// machine is nobody's business.
fn without_paths(message: String, folder: &Path, name: &str) -> String {
    let message = message.replace(&folder.display().to_string(), name);
    let Some(parent) = folder.parent().map(|parent| parent.display().to_string()) else {
        return message;
    };
    // Documents on their way are in temporary files beside the index.
    let words = message.split(' ').filter(|word| parent.is_empty() || !word.starts_with(&parent));
    words.collect::<Vec<_>>().join(" ")
}

/// What the error of an index means to a client.
fn of_index(error: &spork_search::IndexError) -> (StatusCode, &'static str) {
    use spork_search::IndexError as E;
    match error {
        E::Locked { .. } => (StatusCode::CONFLICT, "locked"),
        E::Corrupt { .. } | E::Version { .. } | E::NotAnIndex { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "index_damaged")
        }
        E::Io { .. } => (StatusCode::SERVICE_UNAVAILABLE, "storage"),
        _ => (StatusCode::BAD_REQUEST, "bad_request"),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&ErrorBody { error: self.detail }).unwrap_or_default();
        let json = HeaderValue::from_static("application/json");
        let mut response = (self.status, [(header::CONTENT_TYPE, json)], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
