//! A workload: the same queries over and over, in a closed loop or arriving at a fixed rate.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use spork_index::Index;
use spork_searcher::{Limits, Query, Scratch, SearchStatistics, Searcher, Strategy};

use crate::error::{Error, Result};

/// When queries arrive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrivals {
    /// Closed loop: the next query as soon as a thread is free; a time is that of the search.
    Closed,
    /// Open loop: so many queries a second, whether or not a thread is free; a time counts from a
    /// query's arrival, waiting included.
    Rate(f64),
}

/// What is measured.
pub(super) struct Workload<'a> {
    pub(super) index: &'a Index,
    pub(super) queries: &'a [Query],
    pub(super) k: usize,
    pub(super) strategy: Strategy,
    pub(super) limits: Limits,
    pub(super) threads: usize,
    pub(super) arrivals: Arrivals,
}

/// One pass over all queries.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// One a query, in the order of the queries.
    pub(super) answers: Vec<Answer>,
    /// From the first query's arrival to the last answer.
    pub(super) wall: Duration,
    /// Summed over all queries.
    pub(super) work: SearchStatistics,
    /// Answers that are certified exact.
    pub(super) exact: usize,
}

/// Time and work of a query's answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    /// The query's place among all.
    number: usize,
    pub(super) time: Duration,
    /// Postings scored.
    pub(super) postings: u64,
}

impl Workload<'_> {
    /// Answers each query once.
    pub(super) fn run(&self) -> Result<Pass> {
        let next = AtomicUsize::new(0);
        let start = Instant::now();
        let parts = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..self.threads).map(|_| scope.spawn(|| self.answer(start, &next))).collect();
            let joined =
                threads.into_iter().map(|thread| thread.join().map_err(|_| Error::Panicked)?);
            joined.collect::<Result<Vec<Pass>>>()
        })?;
        let mut all = Pass { wall: start.elapsed(), ..Pass::default() };
        for part in parts {
            all.answers.extend(part.answers);
            all.work += part.work;
            all.exact += part.exact;
        }
        all.answers.sort_unstable_by_key(|answer| answer.number);
        Ok(all)
    }

    /// The strategy that runs where the fastest is asked for; `auto` itself, where earlier queries
    /// decide.
    pub(super) fn resolved_strategy(&self) -> Strategy {
        Searcher::new(self.index).with_limits(self.limits).resolve(self.strategy, self.k)
    }

    /// One thread's part: it takes the next query until there is none.
    fn answer(&self, start: Instant, next: &AtomicUsize) -> Result<Pass> {
        let searcher = Searcher::new(self.index).with_limits(self.limits);
        let mut scratch = Scratch::default();
        let mut part = Pass::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(query) = self.queries.get(number) else { return Ok(part) };
            let arrival = match self.arrivals {
                Arrivals::Closed => None,
                Arrivals::Rate(rate) => Some(start + Duration::from_secs_f64(number as f64 / rate)),
            };
            arrival.inspect(|&arrival| wait_until(arrival));
            let ranking = searcher.search(query, self.k, self.strategy, &mut scratch)?;
            part.answers.push(Answer {
                number,
                time: arrival.map_or(ranking.time, |arrival| arrival.elapsed()),
                postings: ranking.statistics.postings,
            });
            part.work += ranking.statistics;
            part.exact += usize::from(ranking.is_exact(query));
        }
    }
}

/// Sleeps while there is time, and spins for the last of it: sleeping overshoots by some tens of
/// microseconds.
fn wait_until(moment: Instant) {
    const SPIN: Duration = Duration::from_micros(200);
    while let Some(left) = moment.checked_duration_since(Instant::now()) {
        match left.checked_sub(SPIN) {
            Some(sleep) if !sleep.is_zero() => thread::sleep(sleep),
            _ => std::hint::spin_loop(),
        }
        if left.is_zero() {
            return;
        }
    }
}
