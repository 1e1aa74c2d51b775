//! The page for people, inside the program. Its style and scripts are files of their own, so that
//! its policy needs no exceptions.

use axum::extract::Path;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

use crate::api_error::{ApiError, ErrorResponses};

/// The page loads its own style and scripts, asks this server, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' \
                      data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the page: its name, kind and content.
type PageFile = (&'static str, &'static str, &'static str);

const FILES: [PageFile; 7] = [
    ("page.css", STYLE, include_str!("page/page.css")),
    ("page.js", SCRIPT, include_str!("page/page.js")),
    ("api.js", SCRIPT, include_str!("page/api.js")),
    ("bag.js", SCRIPT, include_str!("page/bag.js")),
    ("elements.js", SCRIPT, include_str!("page/elements.js")),
    ("hits.js", SCRIPT, include_str!("page/hits.js")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];

fn answer(kind: &'static str, content: &'static str) -> impl IntoResponse + use<> {
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Another version of the program brings another page.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content)
}

/// The page for people
#[utoipa::path(
    get, path = "/", tag = "status",
    responses((status = 200, body = String, content_type = "text/html"), ErrorResponses)
)]
pub(crate) async fn page() -> impl IntoResponse {
    answer("text/html; charset=utf-8", include_str!("page/page.html"))
}

/// What the page loads: its style, its scripts, its icon
#[utoipa::path(
    get, path = "/page/{file}", tag = "status",
    params(("file" = String, Path, description = "The name, such as page.css")),
    responses((status = 200, body = String, content_type = "text/css"), ErrorResponses)
)]
pub(crate) async fn file(Path(name): Path<String>) -> Result<impl IntoResponse, ApiError> {
    let found = FILES.iter().find(|(known, _, _)| *known == name);
    let no_file = || ApiError::not_found("the page has no such file");
    found.map(|&(_, kind, content)| answer(kind, content)).ok_or_else(no_file)
}
