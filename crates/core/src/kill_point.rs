//! Named points at which a test can end the process as a crash would: at once, with nothing cleaned
//! up. What a run leaves on disk there can then be examined. Release builds hold none of this.

/// Aborts the process if the environment variable `SPORK_KILL_POINT` names this point: `NAME`, or
/// `NAME=3` for the third time that the process passes it. Does nothing without debug assertions.
#[inline]
pub fn kill_point(name: &str) {
    #[cfg(debug_assertions)]
    armed::pass(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// The point that kills, and which passing of it.
    static TARGET: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let value = std::env::var("SPORK_KILL_POINT").ok()?;
        Some(match value.split_once('=') {
            Some((name, passing)) => (name.to_owned(), passing.parse().ok()?),
            None => (value, 1),
        })
    });
    static PASSED: AtomicU64 = AtomicU64::new(0);

    pub(super) fn pass(name: &str) {
        let Some((target, passing)) = &*TARGET else { return };
        if name == target && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *passing {
            std::process::abort();
        }
    }
}
