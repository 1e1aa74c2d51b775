//! The threads that search, and how much work may wait for them.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::api_error::ApiError;
use crate::start_error::StartError;

/// A bounded pool of threads. What waits for it is bounded in time, by the predicted cost of the
/// searches that were admitted and have not ended.
pub(crate) struct SearchPool {
    threads: rayon::ThreadPool,
    /// Predicted nanoseconds of what was admitted and has not ended.
    admitted: Arc<AtomicU64>,
    /// The longest that a search may wait, by prediction.
    longest: Duration,
}

/// The right to run, which holds the predicted cost until it is dropped.
pub(crate) struct Permit {
    cost: u64,
    admitted: Arc<AtomicU64>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.admitted.fetch_sub(self.cost, Ordering::Relaxed);
    }
}

impl SearchPool {
    /// So many threads, by default one a core.
    ///
    /// # Errors
    /// The system gives no threads.
    pub(crate) fn new(
        threads: Option<NonZeroUsize>,
        longest: Duration,
    ) -> Result<Self, StartError> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.map_or(0, NonZeroUsize::get))
            .thread_name(|number| format!("search-{number}"))
            .build()
            .map_err(|error| StartError::System {
                what: "starting search threads",
                reason: error.to_string(),
            })?;
        Ok(Self { threads, admitted: Arc::default(), longest })
    }

    /// How long a search that is admitted now would wait, by prediction.
    pub(crate) fn wait(&self) -> Duration {
        let threads = self.threads.current_num_threads().max(1) as u64;
        Duration::from_nanos(self.admitted.load(Ordering::Relaxed) / threads)
    }

    /// Whether a search may come: it would not wait for longer than any may, nor than half of the
    /// time that is `left` until its deadline; the other half is to search in.
    ///
    /// # Errors
    /// It would wait longer; the error says for how long.
    pub(crate) fn check(&self, left: Option<Duration>) -> Result<(), ApiError> {
        let (wait, most) =
            (self.wait(), left.map_or(self.longest, |left| self.longest.min(left / 2)));
        if wait > most {
            return Err(ApiError::waiting("a search", wait, most));
        }
        Ok(())
    }

    /// Admits a search of a predicted cost, if it may come.
    ///
    /// # Errors
    /// As [`SearchPool::check`].
    pub(crate) fn admit(&self, cost: Duration, left: Option<Duration>) -> Result<Permit, ApiError> {
        self.check(left)?;
        // What a deadline ends takes no longer than that.
        let cost = left.map_or(cost, |left| cost.min(left));
        let cost = u64::try_from(cost.as_nanos()).unwrap_or(u64::MAX / 1024);
        self.admitted.fetch_add(cost, Ordering::Relaxed);
        Ok(Permit { cost, admitted: self.admitted.clone() })
    }

    /// Runs `work` on a thread of the pool, in the order of admission, and hands it how long it has
    /// waited. If nobody waits for the answer any more when its turn comes, it is left out.
    ///
    /// # Errors
    /// It panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        permit: Permit,
        work: impl FnOnce(Duration) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let (sender, receiver) = oneshot::channel();
        let (since, span) = (Instant::now(), tracing::Span::current());
        self.threads.spawn_fifo(move || {
            if sender.is_closed() {
                return;
            }
            let work = || span.in_scope(|| work(since.elapsed()));
            let outcome = catch_unwind(AssertUnwindSafe(work));
            // The cost is given back before the client can ask again.
            drop(permit);
            let _ = sender.send(outcome.ok());
        });
        receiver.await.ok().flatten().ok_or_else(ApiError::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admission_is_by_time() {
        let pool = SearchPool::new(NonZeroUsize::new(2), Duration::from_millis(100)).unwrap();
        let admit = |cost, left| pool.admit(Duration::from_millis(cost), left).ok();
        let first = admit(150, None).unwrap();
        let second = admit(100, None).unwrap();
        // 250 ms on two threads.
        assert!(admit(1, None).is_none());
        drop(second);
        assert!(admit(1, Some(Duration::from_millis(50))).is_none(), "75 ms for half of 50 ms");
        drop(first);
        assert_eq!(pool.wait(), Duration::ZERO);
        let hurried = admit(1000, Some(Duration::from_millis(50))).unwrap();
        assert_eq!(pool.wait(), Duration::from_millis(25));
        drop(hurried);
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let pool = SearchPool::new(NonZeroUsize::new(1), Duration::from_secs(1)).unwrap();
        let permit = pool.admit(Duration::from_millis(1), None).unwrap();
        let outcome = pool.run(permit, |_| -> u8 { panic!("on purpose") }).await;
        assert_eq!(outcome.unwrap_err().status().as_u16(), 500);
        assert_eq!(pool.wait(), Duration::ZERO);
    }
}
