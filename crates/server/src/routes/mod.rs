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
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Right;
use crate::api_error::{ApiError, ErrorBody, ErrorDetail};
use crate::app::App;
use crate::{guard, page};

pub(crate) use documents::document;
pub(crate) use indexes::list;

/// The description's head.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Spork",
        description = "Learned sparse retrieval, BM25 and both of them, exactly: docs/server.md."
    ),
    components(schemas(ErrorBody, ErrorDetail))
)]
struct Description;

/// All of the API, behind what every request passes.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let (router, mut description) = operations(app).split_for_parts();
    describe_keys(&mut description, app);
    let description: Arc<str> = description.to_json().unwrap_or_default().into();
    let router = router
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(axum::Extension(status::Described(description)))
        .with_state(app.clone());
    guard::guarded(router, app)
}

/// The operations, with their description.
fn operations(app: &Arc<App>) -> OpenApiRouter<Arc<App>> {
    let limits = &app.engine.limits;
    let open = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(status::livez))
        .routes(routes!(status::readyz))
        .routes(routes!(status::openapi))
        .routes(routes!(page::page))
        .routes(routes!(page::file));
    let small = OpenApiRouter::default()
        .routes(routes!(search::search))
        .routes(routes!(search::search_batch))
        .routes(routes!(explain::explain))
        .routes(routes!(explain::diff))
        .routes(routes!(encode::encode))
        .routes(routes!(encode::embed_sparse))
        .routes(routes!(indexes::indexes))
        .routes(routes!(indexes::index))
        .routes(routes!(indexes::aliases, indexes::set_aliases))
        .routes(routes!(indexes::merge))
        .routes(routes!(indexes::reload))
        .routes(routes!(documents::get, documents::delete_one))
        .routes(routes!(anserini::search))
        .routes(routes!(anserini::document))
        .routes(routes!(status::metrics))
        .route_layer(from_fn_with_state(app.clone(), may_use))
        .layer(DefaultBodyLimit::max(limits.body));
    let large = OpenApiRouter::default()
        .routes(routes!(documents::add))
        .routes(routes!(documents::delete))
        .route_layer(from_fn_with_state(app.clone(), may_use))
        .layer(DefaultBodyLimit::max(limits.documents_body));
    open.merge(small).merge(large)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Served;

    #[test]
    fn every_path_is_described() {
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join("index");
        spork_search::build(&index).text([("d1", "a fork")]).unwrap();
        let served = Served {
            indexes: vec![index.display().to_string().parse().unwrap()],
            ..Served::default()
        };
        let listen = "127.0.0.1:7070".parse().unwrap();
        let engine = crate::app::Engine::start(&served).unwrap();
        let app = Arc::new(App::new(engine, crate::Access::default(), listen, false));
        let (router, description) = operations(&app).split_for_parts();
        // The router tells its paths in no other way; its fallback has one, too.
        let shown = format!("{router:?}");
        let is_path = |part: &&str| part.starts_with('/') && !part.contains("__private__");
        let paths: std::collections::BTreeSet<&str> = shown.split('"').filter(is_path).collect();
        let described: std::collections::BTreeSet<&str> =
            description.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(paths, described);
        assert!(paths.len() > 20 && paths.contains("/v1/search"), "{paths:?}");
    }

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
