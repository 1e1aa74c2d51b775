//! Commands that need a network, through `spork-torch`, which has all commands of `spork`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

mod default_model;
mod encode;
mod encode_beir;
mod handshake;
// Kill points are compiled into debug builds only.
#[cfg(debug_assertions)]
mod kill_points;
mod program;
mod resume;
mod text;
mod train;

use program::{Bench, SPORK, copy_folder, project, stderr};
