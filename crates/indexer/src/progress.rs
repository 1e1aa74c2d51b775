//! How a run tells what it is doing.

/// Told of each step of a run. The binary draws a bar from it.
pub trait Progress: Sync {
    /// A new phase begins; `total` is the number of its steps where it is known.
    fn phase(&self, name: &'static str, total: Option<u64>);
    /// `steps` more steps of the phase are done.
    fn advance(&self, steps: u64);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: &'static str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
}
