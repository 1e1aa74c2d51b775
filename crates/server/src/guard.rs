//! What every request passes: its origin is checked, it gets an id, it is counted and logged, and
//! its answer gets the headers that browsers go by.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tracing::Instrument;

use crate::api_error::ApiError;
use crate::app::App;

/// Requests that take longer are logged.
const SLOW: Duration = Duration::from_secs(1);
/// The longest id that a client may give a request.
const LONGEST_ID: usize = 64;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A policy that lets nothing be loaded, for answers that are no page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The router behind all that.
pub(crate) fn guarded(router: Router, app: &Arc<App>) -> Router {
    let router = router.layer(CatchPanicLayer::custom(panicked));
    let router = match cors(&app.access.origins) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.layer(from_fn_with_state(app.clone(), guard))
}

/// What scripts of other origins may do, where some are allowed.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
            .max_age(Duration::from_secs(600))
    })
}

async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = request_id(request.headers());
    let method = method(request.method());
    let route = route(&request);
    let checked = app.access.check_origin(app.listen, request.method(), request.headers());
    let mut response = match checked {
        Ok(()) => {
            // Whatever is logged on the way has the id.
            let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
            next.run(request).instrument(span).await
        }
        Err(error) => error.into_response(),
    };
    let (status, took) = (response.status(), start.elapsed());
    app.engine.metrics.request(method, route.clone(), status.as_u16(), took);
    let (id_text, status, micros) =
        (id.to_str().unwrap_or_default(), status.as_u16(), took.as_micros());
    if app.log_requests {
        tracing::info!(id = id_text, method, route = %route, status, micros, "request");
    } else if status >= 500 || took > SLOW {
        tracing::warn!(id = id_text, method, route = %route, status, micros, "request");
    }
    add_headers(response.headers_mut(), id);
    response
}

/// The route by which a request is counted: one of the router's, whatever the client asked for.
fn route(request: &Request) -> Cow<'static, str> {
    match request.extensions().get::<MatchedPath>() {
        Some(path) => Cow::Owned(path.as_str().to_owned()),
        None => Cow::Borrowed("unknown"),
    }
}

fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The client's id of a request, if it is one that a log can hold, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        let good = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        (1..=LONGEST_ID).contains(&bytes.len()) && bytes.iter().all(good)
    };
    if let Some(given) = headers.get(&REQUEST_ID).filter(plain) {
        return given.clone();
    }
    static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:08x}-{number}", *START as u32);
    HeaderValue::try_from(id).unwrap_or_else(|_| number.into())
}

fn add_headers(headers: &mut HeaderMap, id: HeaderValue) {
    headers.insert(REQUEST_ID.clone(), id);
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(header::CONTENT_SECURITY_POLICY, NOTHING);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::X_FRAME_OPTIONS, "DENY");
    add(header::REFERRER_POLICY, "no-referrer");
    add(header::CACHE_CONTROL, "no-store");
    add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
}

/// A panic is a fault of the server, not the end of it. The message is in the log already.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    ApiError::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_clients_if_logs_can_hold_them() {
        let id = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID.clone(), given.parse().unwrap());
            request_id(&headers)
        };
        assert_eq!(id("trace-1:2"), "trace-1:2");
        assert_ne!(id("a b"), "a b");
        assert_ne!(id(&"x".repeat(65)), "x".repeat(65));
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }
}
