//! The threads of a run.

/// Runs `work` on a pool of `threads` threads of its own, 0 for one a core. A system that gives no
/// threads leaves the current ones.
pub(crate) fn in_pool<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(error) => {
            tracing::warn!("no thread pool of its own: {error}");
            work()
        }
    }
}
