//! `spork serve` and `spork mcp`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use spork_server::NamedIndex;

use super::PrecisionArg;
use crate::inputs::{parse_milliseconds, parse_size};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogArg {
    /// Lines for people
    #[default]
    Lines,
    /// A JSON object a line
    Json,
}

/// What is served.
#[derive(Debug, clap::Args)]
pub struct ServedArgs {
    /// The index folders and the names that requests call them by [default name: the folder's]
    #[arg(long = "index", value_name = "NAME=DIR", required = true, num_args = 1..)]
    pub indexes: Vec<NamedIndex>,
    /// Other names for indexes, such as live=wiki-2; POST /v1/aliases moves them
    #[arg(long = "alias", value_name = "ALIAS=NAME", num_args = 1.., value_parser = parse_alias)]
    pub aliases: Vec<(String, String)>,
    /// Models that encode queries and documents, as folders or Hub ids; each index takes the one
    /// that encoded its documents [default: the one that an index records, if it is here]
    #[arg(long = "model", value_name = "MODEL", num_args = 1..)]
    pub model: Vec<String>,
    /// Numeric precision of the network
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionArg,
    /// Threads that search [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// The most hits of a search
    #[arg(long, value_name = "K", default_value = "10000")]
    pub max_k: NonZeroUsize,
    /// The longest that a search or a text may wait for a thread, in milliseconds, by prediction;
    /// what would wait longer is answered with 429 at once
    #[arg(long, value_name = "MS", default_value = "200", value_parser = parse_milliseconds)]
    pub max_wait: f64,
    /// Write the texts of queries to the log
    #[arg(long)]
    pub log_queries: bool,
}

#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub served: ServedArgs,
    /// The address to listen on; port 0 takes a free one. Any but a loopback address wants keys
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7070")]
    pub listen: SocketAddr,
    /// A file with the key that searching needs [default: the variable SPORK_READ_KEY, else none is
    /// needed]
    #[arg(long, value_name = "FILE")]
    pub read_key_file: Option<PathBuf>,
    /// A file with the key that changing an index needs [default: the variable SPORK_ADMIN_KEY,
    /// else nothing can be changed]
    #[arg(long, value_name = "FILE")]
    pub admin_key_file: Option<PathBuf>,
    /// Let everybody on this machine change indexes without a key
    #[arg(long)]
    pub read_write: bool,
    /// Let everybody search, on a public address too
    #[arg(long)]
    pub no_keys: bool,
    /// Names by which clients reach the server, as their Host header has them, beside localhost
    #[arg(long = "allow-host", value_name = "HOST", num_args = 1..)]
    pub hosts: Vec<String>,
    /// Web origins whose scripts may use the server, such as `https://example.org` [default: none]
    #[arg(long = "allow-origin", value_name = "ORIGIN", num_args = 1..)]
    pub origins: Vec<String>,
    /// The largest body with documents
    #[arg(long, value_name = "SIZE", default_value = "32M", value_parser = parse_size)]
    pub max_body: u64,
    /// Connections at a time; more wait
    #[arg(long, value_name = "N", default_value = "1024")]
    pub max_connections: NonZeroUsize,
    /// Log each request, and not only failures and slow ones
    #[arg(long)]
    pub log_requests: bool,
    /// The form of the log
    #[arg(long = "log", value_enum, default_value_t)]
    pub log: LogArg,
}

#[derive(Debug, clap::Args)]
pub struct McpArgs {
    #[command(flatten)]
    pub served: ServedArgs,
}

fn parse_alias(text: &str) -> Result<(String, String), String> {
    let (alias, name) = text.split_once('=').ok_or("expected ALIAS=NAME")?;
    Ok((alias.to_owned(), name.to_owned()))
}
