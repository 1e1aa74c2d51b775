//! Points at which runs are killed that need a network, and how a run is killed.

#![allow(dead_code, reason = "each test binary uses its own part")]

use super::program::{Bench, stderr};

/// Points that only `spork encode` passes: `encode.rs` kills there.
pub(crate) const ENCODE: &[&str] =
    &["svec.tail-cut", "join.begun", "join.written", "join.renamed", "join.part-removed"];

/// Points that only `spork train` passes: `train.rs` kills there.
pub(crate) const TRAIN: &[&str] =
    &["train.folder-synced", "train.old-folder-aside", "train.folder-renamed"];

/// Runs `spork` and expects that it is killed at `point`.
#[track_caller]
pub(crate) fn killed(bench: &Bench, line: &str, point: &str) {
    let output = bench.command(line).env("SPORK_KILL_POINT", point).output().unwrap();
    // No code of its own: the system ended it.
    let ended = output.status.code().is_none_or(|code| !(0..=2).contains(&code));
    assert!(ended, "spork {line} never came by {point}: {}", stderr(&output));
}
