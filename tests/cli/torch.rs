//! What only `spork-torch` does, and encoding by libtorch. It has all commands of `spork`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::Stdio;

mod backends;
mod encode;
mod handshake;
// Kill points are compiled into debug builds only.
#[cfg(debug_assertions)]
mod kill_points;
mod program;
mod resume;
mod train;

use program::{BACKEND, Bench, copy_folder, project, stderr};
