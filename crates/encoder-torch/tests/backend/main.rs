//! The libtorch backend under the tests that every backend has to pass, and tests of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod beside_rust;
mod network;
#[path = "../../../encoder/tests/backend/mod.rs"]
mod shared;
mod under_test;
