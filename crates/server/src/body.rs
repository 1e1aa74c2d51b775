//! What requests bring: JSON bodies and query strings, whose faults are told with their place.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;

/// How long a client may take to send a body. No thread waits for it meanwhile.
const SLOWEST: Duration = Duration::from_secs(30);

/// A body as JSON, of a type that refuses members that it does not know.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| is_json(kind.as_bytes())) {
            let message = "expected a body of the type application/json";
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", message)
                .at("header Content-Type")
                .remedy("send Content-Type: application/json"));
        }
        let reading = tokio::time::timeout(SLOWEST, Bytes::from_request(request, state));
        let bytes = match reading.await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                let message = "the body is larger than this server takes";
                return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
                    .remedy("send it in several requests"));
            }
            Ok(Err(rejection)) => return Err(ApiError::bad(rejection.to_string())),
            Err(_) => {
                let message = format!("the body took longer than {} s", SLOWEST.as_secs());
                return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", message));
            }
        };
        parse(&bytes).map(Self)
    }
}

/// Reads a value from a JSON object.
///
/// # Errors
/// What is wrong, with its place.
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { "body".to_owned() } else { path };
        ApiError::bad(format!("JSON: {}", error.inner())).at(place)
    })?;
    reader.end().map_err(|error| ApiError::bad(format!("JSON: {error}")).at("body"))?;
    Ok(value)
}

/// A value that is written as an object. Types that derive their reading take arrays, too, whose
/// members have no names to be told by.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// For a member that is to be an object.
pub(crate) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Object::deserialize(deserializer).map(|Object(value)| value)
}

/// For a member that is to be a list of objects.
pub(crate) fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(value)| value).collect())
}

fn is_json(kind: &[u8]) -> bool {
    let kind = kind.split(|&byte| byte == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// The query string, of a type that refuses parameters that it does not know.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| ApiError::bad(rejection.body_text()).at("query string"))
    }
}

/// The variable parts of the path.
pub(crate) struct PathParts<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParts<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(value)| Self(value))
            .map_err(|rejection| ApiError::bad(rejection.body_text()).at("path"))
    }
}

/// An answer as JSON.
pub(crate) struct Json<T>(pub(crate) T);

/// An answer, or the error as JSON.
pub(crate) type Answered<T> = Result<Json<T>, ApiError>;

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        Written::of(&self.0).into_response()
    }
}

/// An answer that is written as JSON already.
pub(crate) struct Written(Result<Vec<u8>, ApiError>);

impl Written {
    /// Writes it.
    pub(crate) fn of<T: Serialize>(value: &T) -> Self {
        Self(serde_json::to_vec(value).map_err(|error| {
            tracing::error!("an answer can't be written as JSON: {error}");
            ApiError::internal()
        }))
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        match self.0 {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => error.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct Wanted {
        k: usize,
        filters: Option<Vec<bool>>,
    }

    #[test]
    fn faults_have_places() {
        let fault = |json: &str| parse::<Wanted>(json.as_bytes()).unwrap_err().sentence();
        assert!(fault(r#"{"k": 1, "z": 2}"#).contains("unknown field `z`"));
        assert!(fault(r#"{"k": "1"}"#).starts_with("k: JSON: invalid type: string"));
        assert!(fault(r#"{"k": 1, "filters": [true, 1]}"#).starts_with("filters[1]: "));
        assert!(fault(r#"{"k": 1} x"#).contains("trailing"));
        assert!(fault("").starts_with("body: "));
        assert!(fault("[1, null]").contains("expected an object"));
        assert!(is_json(b"Application/JSON; charset=utf-8") && !is_json(b"text/plain"));
    }
}
