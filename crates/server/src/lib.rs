//! Spork's search server: HTTP with an OpenAPI description and metrics, and tools for the Model
//! Context Protocol over stdio. What it answers is what the library `spork-search` answers.
//!
//! Searches run on a bounded pool of threads, behind a queue that is bounded in time by predicted
//! cost; `docs/server.md` describes the API, the load and the safety.

#![forbid(unsafe_code)]

mod access;
mod api_error;
mod app;
mod body;
mod catalog;
mod costs;
mod documents;
mod explaining;
mod guard;
mod listener;
mod live_index;
mod mcp;
mod metrics;
mod page;
mod patient_stream;
mod routes;
mod search_pool;
mod search_request;
mod search_response;
mod searching;
mod serve;
mod settings;
mod start_error;
mod text_encoder;
mod weights;
mod writer;

pub use access::{Access, Key};
pub use mcp::serve_mcp;
pub use serve::{RunningServer, serve};
pub use settings::{NamedIndex, RequestLimits, Served, Settings};
pub use start_error::StartError;
