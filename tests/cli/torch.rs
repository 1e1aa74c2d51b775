//! What needs a network, through `spork-torch`, which is all of `spork` and more.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

mod default_model;
mod encode;
mod handshake;
// Kill points stand in debug builds alone.
#[cfg(debug_assertions)]
mod kill_points;
mod program;
mod text;
mod train;

use program::{Bench, SPORK, project, stderr};
