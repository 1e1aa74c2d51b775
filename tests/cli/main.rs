//! The binary as a user meets it: standard output, standard error, exit codes, files left behind.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

mod advise;
mod average;
mod bad_input;
mod beir;
mod bench;
mod collections;
mod damage;
mod default_model;
mod delegate;
mod deletion;
mod encode;
mod encode_beir;
mod eval;
mod explain;
mod filter;
mod formats;
mod frozen;
mod fuse;
mod get;
mod hybrid;
// Kill points are compiled into debug builds only.
#[cfg(debug_assertions)]
mod kill;
#[cfg(debug_assertions)]
mod kill_change;
#[cfg(debug_assertions)]
mod kill_points;
mod living;
mod mine;
mod mixture;
mod no_network;
mod one_query;
mod places;
#[cfg(feature = "plot")]
mod plot;
mod program;
mod prune;
mod query_fit;
#[cfg(feature = "plot")]
mod report;
mod resume;
mod road;
mod same_id;
mod shards;
mod simd;
mod statistics;
mod streams;
mod text;

use program::{
    BACKEND, Bench, SPORK, SegmentFiles, VECTORS, copy_folder, copy_program, files_of, project,
    segment_files, stderr,
};
