//! Values as JSON, which Python reads back.

use pyo3::prelude::*;
use serde::Serialize;

use crate::errors::bad_value;

/// A value as JSON.
pub(crate) fn of(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| bad_value(error.to_string()))
}
