//! The page for people, inside the program. Its style and script are files of their own, so that
//! its policy needs no exceptions.

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

use crate::api_error::ErrorResponses;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page loads its own style and script, asks this server, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' \
                      data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

fn file(kind: &'static str, content: &'static str) -> impl IntoResponse + use<> {
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, content)
}

/// The page for people
#[utoipa::path(
    get, path = "/", tag = "status",
    responses((status = 200, body = String, content_type = "text/html"), ErrorResponses)
)]
pub(crate) async fn page() -> impl IntoResponse {
    file("text/html; charset=utf-8", PAGE)
}

/// The page's style
#[utoipa::path(
    get, path = "/page.css", tag = "status",
    responses((status = 200, body = String, content_type = "text/css"), ErrorResponses)
)]
pub(crate) async fn style() -> impl IntoResponse {
    file("text/css; charset=utf-8", STYLE)
}

/// The page's script
#[utoipa::path(
    get, path = "/page.js", tag = "status",
    responses((status = 200, body = String, content_type = "text/javascript"), ErrorResponses)
)]
pub(crate) async fn script() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", SCRIPT)
}
