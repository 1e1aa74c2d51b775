//! The binary as a user meets it: standard output, standard error, exit codes, files left behind.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

mod bad_input;
mod bench;
mod collections;
mod crash;
mod damage;
mod delegate;
mod frozen;
mod mine;
mod no_network;
mod plot;
mod program;
mod prune;
mod report;
mod road;

use program::{Bench, VECTORS, project, shared, stderr};

const SPORK: &str = env!("CARGO_BIN_EXE_spork");
