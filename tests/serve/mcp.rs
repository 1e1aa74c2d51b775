//! `spork mcp`, by the client of the official SDK.

use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::RunningService;
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Value, json};

use crate::program::{Bench, SPORK};

type Client = RunningService<RoleClient, ()>;

async fn call(client: &Client, name: &'static str, arguments: Value) -> CallToolResult {
    let arguments = arguments.as_object().unwrap().clone();
    let request = CallToolRequestParams::new(name).with_arguments(arguments);
    client.call_tool(request).await.unwrap()
}

async fn ok(client: &Client, name: &'static str, arguments: Value) -> Value {
    let result = call(client, name, arguments).await;
    assert_ne!(result.is_error, Some(true), "{result:?}");
    result.structured_content.unwrap()
}

#[test]
fn tools_answer_a_client() {
    let bench = Bench::new();
    bench.write("corpus.tsv", "d1\tA fork and a bowl.\nd2\tAn index of forks, and a fork.\n");
    bench.ok("index --bm25 corpus.tsv --store text --output docs");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut command = tokio::process::Command::new(SPORK);
        command.args(["--quiet", "mcp", "--index", "kitchen=docs"]);
        command.current_dir(bench.path("."));
        let client = ().serve(TokioChildProcess::new(command).unwrap()).await.unwrap();
        let tools = client.list_all_tools().await.unwrap();
        let mut names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        names.sort_unstable();
        assert_eq!(names, ["explain", "get", "list", "search"]);

        let list = ok(&client, "list", json!({})).await;
        assert_eq!(list["indexes"][0]["name"], "kitchen");
        let found = ok(&client, "search", json!({"query": "forks", "k": 1})).await;
        assert_eq!(found["hits"][0]["id"], "d2");
        assert!(found["hits"][0]["snippet"][0]["text"].is_string());
        let got = ok(&client, "get", json!({"id": "d1", "index": "kitchen"})).await;
        assert_eq!(got["document"]["text"], "A fork and a bowl.");
        let explained = ok(&client, "explain", json!({"query": "forks", "id": "d2"})).await;
        assert_eq!(explained["explanation"]["terms"][0]["term"], "fork");

        let refused = call(&client, "search", json!({"query": "forks", "k": 51})).await;
        assert_eq!(refused.is_error, Some(true));
        let missing = call(&client, "get", json!({"id": "d9"})).await;
        assert!(format!("{missing:?}").contains("d9"));
        client.cancel().await.unwrap();
    });
}
