//! What every backend has to pass, written once. A backend's crate includes this folder in a test
//! of its own, whose module `under_test` says which backend runs and what it promises:
//!
//! - `backend()`: the backend;
//! - `FIXED`: the precisions in which a text's vector is the same in any batch;
//! - `same`: whether two weights count as the same there.

mod batches;
mod dense;
mod edges;
pub(crate) mod golden;
mod parity;
mod settings;
#[path = "../common/mod.rs"]
pub(crate) mod small_model;
pub(crate) mod tally;
