//! spork
fn main() {}
