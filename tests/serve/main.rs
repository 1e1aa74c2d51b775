//! `spork serve` and `spork mcp` as processes: their answers, signals, locks, exit codes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../cli/program.rs"]
mod program;

#[cfg(unix)]
mod http;
mod mcp;
