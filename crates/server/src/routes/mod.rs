//! The API: which path leads where, who may go there, and its description.

mod anserini;
mod documents;
mod encode;
mod explain;
mod indexes;
mod search;
mod status;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Right;
use crate::api_error::ApiError;
use crate::app::App;
use crate::body::Json;
use crate::{guard, page};

/// The description's head.
#[derive(OpenApi)]
#[openapi(info(
    title = "Spork",
    description = "Learned sparse retrieval, BM25 and both together, exactly. See docs/server.md."
))]
struct Description;

/// All of the API.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let limits = &app.engine.limits;
    let read = OpenApiRouter::default()
        .routes(routes!(search::search))
        .routes(routes!(search::search_batch))
        .routes(routes!(explain::explain))
        .routes(routes!(explain::diff))
        .routes(routes!(encode::encode))
        .routes(routes!(encode::embed_sparse))
        .routes(routes!(indexes::indexes))
        .routes(routes!(indexes::index))
        .routes(routes!(indexes::aliases, indexes::set_aliases))
        .routes(routes!(documents::get, documents::delete_one))
        .routes(routes!(anserini::search))
        .routes(routes!(anserini::document))
        .routes(routes!(status::metrics))
        .route_layer(from_fn_with_state(app.clone(), may_use))
        .layer(DefaultBodyLimit::max(limits.body));
    let write = OpenApiRouter::default()
        .routes(routes!(documents::add))
        .routes(routes!(documents::delete))
        .routes(routes!(indexes::merge))
        .routes(routes!(indexes::reload))
        .route_layer(from_fn_with_state(app.clone(), may_use))
        .layer(DefaultBodyLimit::max(limits.documents_body));
    let open = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(status::livez))
        .routes(routes!(status::readyz))
        .routes(routes!(status::openapi));
    let (router, mut description) = open.merge(read).merge(write).split_for_parts();
    describe_keys(&mut description, app);
    let description: Arc<str> = description.to_json().unwrap_or_default().into();
    let router = router
        .route("/", get(page::page))
        .route("/page/{file}", get(page::file))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(axum::Extension(status::Described(description)))
        .with_state(app.clone());
    guard::guarded(router, app)
}

/// Whether a request changes something.
fn right(request: &Request) -> Right {
    let path = request.extensions().get::<axum::extract::MatchedPath>();
    let path = path.map_or("", axum::extract::MatchedPath::as_str);
    let changes = ["/documents", "/documents/delete", "/merge", "/reload", "/aliases"];
    match request.method().as_str() {
        "DELETE" | "PUT" => Right::Write,
        "POST" if changes.iter().any(|end| path.ends_with(end)) => Right::Write,
        _ => Right::Read,
    }
}

async fn may_use(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if app.is_ending() {
        return ApiError::ending().into_response();
    }
    match app.access.check_key(request.headers(), right(&request)) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Says which operations need which key, if there are keys.
fn describe_keys(description: &mut utoipa::openapi::OpenApi, app: &App) {
    let access = &app.access;
    let components = description.components.get_or_insert_default();
    let bearer = || SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let schemes = [
        ("read_key", access.read_key.is_some()),
        ("admin_key", access.admin_key.is_some() && !access.read_write),
    ];
    for (name, _) in schemes.iter().filter(|(_, there)| *there) {
        components.add_security_scheme(*name, bearer());
    }
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let tag = operation.tags.iter().flatten().next().map_or("", String::as_str);
            let needed = match tag {
                "status" => false,
                "changes" => schemes[1].1,
                _ => schemes[0].1,
            };
            let scheme = if tag == "changes" { "admin_key" } else { "read_key" };
            operation.security =
                needed.then(|| vec![SecurityRequirement::new::<_, _, String>(scheme, [])]);
        }
    }
}

async fn no_such_path() -> ApiError {
    ApiError::not_found("there is no such path").remedy("GET /openapi.json lists all of them")
}

async fn no_such_method() -> ApiError {
    let message = "this path takes other methods";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method", message)
        .remedy("the header Allow names them")
}

/// An answer, or the error as JSON.
type Answered<T> = Result<Json<T>, ApiError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_needs_the_admin_key() {
        let of = |method: &str, path: &str| {
            let app = Router::new().route(
                path,
                axum::routing::any(
                    |request: Request| async move { format!("{:?}", right(&request)) },
                ),
            );
            let request = axum::http::Request::builder().method(method).uri(path);
            let request = request.body(axum::body::Body::empty()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let response = tower::ServiceExt::oneshot(app, request).await.unwrap();
                axum::body::to_bytes(response.into_body(), 100).await.unwrap()
            })
        };
        for (method, path) in [
            ("POST", "/v1/indexes/x/documents"),
            ("DELETE", "/v1/indexes/x/documents/y"),
            ("POST", "/v1/indexes/x/documents/delete"),
            ("POST", "/v1/indexes/x/merge"),
            ("POST", "/v1/indexes/x/reload"),
            ("POST", "/v1/aliases"),
        ] {
            assert_eq!(of(method, path), "Write", "{method} {path}");
        }
        for (method, path) in [("POST", "/v1/search"), ("GET", "/v1/aliases"), ("GET", "/metrics")]
        {
            assert_eq!(of(method, path), "Read", "{method} {path}");
        }
    }
}
