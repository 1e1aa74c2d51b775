//! A real server and a real client, over loopback.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod changes;
mod life;
mod load;
mod model;
mod safety;
mod test_server;
