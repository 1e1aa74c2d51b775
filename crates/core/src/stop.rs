//! Work that may be asked to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to stop, shared by who may ask and who works: clones are one request. Long work looks
/// at it every few milliseconds, ends with [`Stopped`] and leaves behind what was there before.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// Work ended before it was done, because it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped before it was done, as asked")]
pub struct Stopped;

impl Stop {
    /// Asks all who look at this request to stop. There is no way back.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once stopping was asked for.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn check(&self) -> Result<(), Stopped> {
        if self.0.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_one_request() {
        let (asks, works) = (Stop::default(), Stop::default());
        let shared = asks.clone();
        asks.request();
        assert_eq!((shared.check(), works.check()), (Err(Stopped), Ok(())));
    }
}
