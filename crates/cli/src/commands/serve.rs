//! `spork serve` and `spork mcp`: the command line as settings of the server.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use spork_model::{LoadOptions, Sides};
use spork_server::{Access, Key, RequestLimits, Served, Settings};

use crate::args::{McpArgs, ServeArgs, ServedArgs};

/// Serves HTTP until it is told to end.
pub(crate) fn serve(args: &ServeArgs) -> Result<()> {
    let mut served = served(&args.served);
    served.limits.documents_body = usize::try_from(args.max_body).unwrap_or(usize::MAX);
    served.limits.connections = args.max_connections.get();
    let settings = Settings {
        served,
        listen: args.listen,
        access: Access {
            read_key: key("read", args.read_key_file.as_deref(), "SPORK_READ_KEY")?,
            admin_key: key("admin", args.admin_key_file.as_deref(), "SPORK_ADMIN_KEY")?,
            read_write: args.read_write,
            no_keys: args.no_keys,
            hosts: args.hosts.clone(),
            origins: args.origins.clone(),
        },
        log_requests: args.log_requests,
    };
    let started = |address| tracing::info!("http://{address} (docs: /openapi.json)");
    Ok(spork_server::serve(&settings, started)?)
}

/// Serves the Model Context Protocol on standard input and output.
pub(crate) fn mcp(args: &McpArgs) -> Result<()> {
    Ok(spork_server::serve_mcp(&served(&args.served))?)
}

fn served(args: &ServedArgs) -> Served {
    Served {
        indexes: args.indexes.clone(),
        aliases: args.aliases.clone(),
        models: args.model.clone(),
        load: LoadOptions {
            sides: Sides::Both,
            precision: args.precision.into(),
            screening: true,
            ..LoadOptions::default()
        },
        threads: args.threads,
        limits: RequestLimits {
            k: args.max_k.get(),
            queue: Duration::from_secs_f64(args.max_wait / 1000.0),
            ..RequestLimits::default()
        },
        log_queries: args.log_queries,
    }
}

/// The key in a file, else in a variable, if there is one.
fn key(which: &'static str, file: Option<&Path>, variable: &str) -> Result<Option<Key>> {
    let text = match file {
        Some(file) => {
            let read = std::fs::read_to_string(file);
            Some(read.with_context(|| format!("{}: the {which} key", file.display()))?)
        }
        None => std::env::var(variable).ok().filter(|text| !text.is_empty()),
    };
    Ok(text.map(|text| Key::new(which, &text)).transpose()?)
}
