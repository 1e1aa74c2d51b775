//! The backend in Rust under the tests that every backend has to pass, and tests of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod levels;
#[path = "../../../encoder/tests/backend/mod.rs"]
mod shared;
mod threads;
mod two_stages;
mod under_test;
