//! Points at which runs are killed that need a network, and how a run is killed.

#![allow(dead_code, reason = "each test binary uses its own part")]

use super::program::{Bench, stderr};

/// The state of an index after a kill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answers {
    /// As before: the old index, or none.
    Old,
    /// As the run that was killed wanted it.
    New,
}

/// Points of `spork index`, in order, over an index and what an earlier killed run left.
pub(crate) const INDEX: &[&str] = &[
    "index.locked",
    "index.leftover-removed",
    "index.segment-made",
    "indexer.collected",
    "indexer.weighed",
    "indexer.pruned",
    "indexer.joined",
    "indexer.ordered",
    "indexer.records-stored",
    "indexer.vectors-stored",
    "index.window-written",
    "index.postings-written",
    "index.lexicon-written",
    "index.docnos-written",
    "index.segment-written",
    "index.generation-written",
    "index.generation-synced",
    "index.pointer-written",
    "index.pointer-renamed",
    "index.pointer-synced",
    "index.old-removed",
];

/// Points that only changes of an index pass.
pub(crate) const CHANGE: &[&str] =
    &["indexer.added", "indexer.deleting", "indexer.merged", "index.living-written"];

/// Points that only `spork encode` passes: `encode.rs` kills there.
pub(crate) const ENCODE: &[&str] =
    &["svec.tail-cut", "join.begun", "join.written", "join.renamed", "join.part-removed"];

/// Points where a folder gets its name, as `spork train` does it: `train.rs` kills there.
pub(crate) const TRAIN: &[&str] = &["folder.synced", "folder.old-aside", "folder.renamed"];

/// Runs `spork` and expects that it is killed at `point`.
#[track_caller]
pub(crate) fn killed(bench: &Bench, line: &str, point: &str) {
    let output = bench.command(line).env("SPORK_KILL_POINT", point).output().unwrap();
    // No code of its own: the system ended it.
    let ended = output.status.code().is_none_or(|code| !(0..=2).contains(&code));
    assert!(ended, "spork {line} never came by {point}: {}", stderr(&output));
}
