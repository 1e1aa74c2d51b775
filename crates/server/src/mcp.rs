//! The tools of the Model Context Protocol, over standard input and output.

use std::sync::Arc;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, Implementation, ServerCapabilities, ServerConfig};
use rmcp::schemars::{self, JsonSchema};
use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::Engine;
use crate::explaining::ExplainRequest;
use crate::routes;
use crate::search_request::SearchRequest;
use crate::settings::Served;
use crate::start_error::StartError;

/// Hits of a search at most: they end up in a model's context.
const MOST_HITS: usize = 50;
/// Characters of a passage.
const SNIPPET: usize = 300;
/// Characters of a document's text at most.
const LONGEST_TEXT: usize = 20_000;
/// Terms of each of a document's vectors.
const TERMS: usize = 30;

const INSTRUCTIONS: &str = "Search of document collections by learned sparse retrieval and BM25. Call list first to see \
     the indexes, search to find documents, get to read one, explain to see why it was found.";

/// Serves tools until standard input ends.
///
/// # Errors
/// An index or a model that can't be opened, or no thread.
pub fn serve_mcp(served: &Served) -> Result<(), StartError> {
    let system = |what, reason: String| StartError::System { what, reason };
    let engine = Arc::new(Engine::start(served)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| system("starting MCP", error.to_string()))?;
    let ended = runtime.block_on(async {
        let running = Tools { engine }.serve(rmcp::transport::stdio()).await;
        let running = running.map_err(|error| system("MCP's handshake", error.to_string()))?;
        running.waiting().await.map_err(|error| system("MCP", error.to_string()))?;
        Ok(())
    });
    // A read of standard input can't be called off.
    runtime.shutdown_background();
    ended
}

#[derive(Clone)]
struct Tools {
    engine: Arc<Engine>,
}

/// What to find.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SearchTool {
    /// What to search for, in words
    query: String,
    /// The index; may be left out where there is one only
    index: Option<String>,
    /// Number of documents, from 1 to 50; 10 by default
    #[schemars(range(min = 1, max = 50))]
    k: Option<usize>,
    /// Find none but documents that this filter on columns keeps, such as: year >= 2020
    filter: Option<String>,
    /// How much each field of a hybrid index counts, such as: splade=1,bm25=0.5
    mix: Option<String>,
}

/// Which document.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GetTool {
    /// The document's id, as search gives it
    id: String,
    /// The index; may be left out where there is one only
    index: Option<String>,
}

/// Which document, for which query.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExplainTool {
    /// The query, in words
    query: String,
    /// The document's id, as search gives it
    id: String,
    /// The index; may be left out where there is one only
    index: Option<String>,
    /// How much each field of a hybrid index counts
    mix: Option<String>,
}

#[tool_router]
impl Tools {
    /// Finds the best documents for a query: ids, scores and passages that answer it
    #[tool(name = "search", annotations(read_only_hint = true, open_world_hint = false))]
    async fn search(&self, Parameters(given): Parameters<SearchTool>) -> CallToolResult {
        let k = given.k.unwrap_or(10);
        if k > MOST_HITS {
            return answer::<()>(Err(ApiError::too_much("hits", k, MOST_HITS).at("k")));
        }
        // JSON in its textual form is what a request has.
        let filter = given.filter.map(|filter| serde_json::value::to_raw_value(&filter));
        let request = SearchRequest {
            index: given.index,
            query: Some(given.query),
            k,
            filter: filter.and_then(Result::ok),
            mix: given.mix,
            snippet: Some(SNIPPET),
            ..SearchRequest::default()
        };
        answer(self.engine.search(request, |response| response).await)
    }

    /// Reads a document: its text and columns as far as they are stored, and its heaviest terms
    #[tool(name = "get", annotations(read_only_hint = true, open_world_hint = false))]
    async fn get(&self, Parameters(given): Parameters<GetTool>) -> CallToolResult {
        let read = routes::document(&self.engine, given.index.as_deref(), given.id).await;
        answer(read.map(|mut response| {
            let document = &mut response.document;
            document.vectors.iter_mut().for_each(|vector| vector.weights.truncate(TERMS));
            if let Some(text) = &mut document.text
                && let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT)
            {
                text.truncate(end);
                text.push_str(" […]");
            }
            response
        }))
    }

    /// Explains a document's score for a query, term by term
    #[tool(name = "explain", annotations(read_only_hint = true, open_world_hint = false))]
    async fn explain(&self, Parameters(given): Parameters<ExplainTool>) -> CallToolResult {
        let request = ExplainRequest {
            index: given.index,
            id: given.id,
            query: Some(given.query),
            mix: given.mix,
            ..ExplainRequest::default()
        };
        answer(self.engine.explain(request).await)
    }

    /// Lists the indexes, with their sizes, fields and the columns that filters can test
    #[tool(name = "list", annotations(read_only_hint = true, open_world_hint = false))]
    async fn list(&self) -> CallToolResult {
        answer(Ok(routes::list(&self.engine)))
    }
}

#[tool_handler(router = Self::tool_router())]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("spork", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }
}

/// The answer of a tool: JSON, or an error that a model can act upon.
fn answer<T: Serialize>(outcome: Result<T, ApiError>) -> CallToolResult {
    let written = outcome.and_then(|value| {
        serde_json::to_value(value).map_err(|error| ApiError::bad(error.to_string()))
    });
    match written {
        Ok(value) => CallToolResult::structured(value),
        Err(error) => {
            CallToolResult::structured_error(serde_json::json!({ "error": error.sentence() }))
        }
    }
}
