//! Batches to workers and back: a worker a core, each with texts and memory of its own.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;

use spork_encoder::{Batch, EncodeError};

/// Tokens that go through a network together: what the caches of a core still hold.
pub(crate) const GROUP_TOKENS: usize = 2_048;

/// Memory a worker.
pub(crate) struct Workers<M>(Vec<Mutex<M>>);

/// Texts of a batch for one worker.
struct Job {
    batch: usize,
    texts: Range<usize>,
}

/// What has come of a batch so far.
struct Pending<T> {
    jobs: usize,
    outcomes: Vec<T>,
}

impl<M: Default + Send> Workers<M> {
    /// So many workers; by default one a core that this process may use.
    pub(crate) fn new(count: Option<NonZeroUsize>) -> Self {
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let count = count.unwrap_or_else(cores).get();
        Self((0..count).map(|_| Mutex::default()).collect())
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Computes something alone, on this thread.
    pub(crate) fn alone<T>(&self, compute: impl FnOnce(&mut M) -> T) -> T {
        compute(&mut self.0[0].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Computes `batches` by `compute`, and hands the outcome of each to `take` on this thread, in
    /// the order of completion. Few batches are divided among the workers.
    ///
    /// # Errors
    /// The first of `take`; what was begun is ended first.
    pub(crate) fn encode<T: Clone + Default + Send>(
        &self,
        batches: &[Batch<'_>],
        compute: impl Fn(&[&[u32]], &mut M) -> Vec<T> + Sync,
        take: &mut dyn FnMut(usize, Vec<T>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let jobs = jobs(batches, self.0.len());
        if jobs.len() <= 1 || self.0.len() == 1 {
            // A query does not wait for a thread to start.
            return batches.iter().enumerate().try_for_each(|(number, batch)| {
                take(number, self.alone(|memory| compute(batch, memory)))
            });
        }
        let mut pending = pending(batches, &jobs);
        let next = AtomicUsize::new(0);
        let (sender, done) = channel();
        thread::scope(|scope| {
            for memory in &self.0 {
                let (sender, next, jobs, compute) = (sender.clone(), &next, &jobs, &compute);
                scope.spawn(move || {
                    let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let texts = &batches[job.batch][job.texts.clone()];
                        // Nobody receives after an error.
                        if sender.send((job, compute(texts, &mut memory))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            done.into_iter().try_for_each(|(job, outcomes): (&Job, Vec<T>)| {
                let batch = &mut pending[job.batch];
                for (place, outcome) in batch.outcomes[job.texts.clone()].iter_mut().zip(outcomes) {
                    *place = outcome;
                }
                batch.jobs -= 1;
                if batch.jobs > 0 {
                    return Ok(());
                }
                take(job.batch, std::mem::take(&mut batch.outcomes))
            })
        })
    }
}

/// Each batch as a job, or as several where there are fewer batches than workers.
fn jobs(batches: &[Batch<'_>], workers: usize) -> Vec<Job> {
    let parts = workers.div_ceil(batches.len().max(1));
    let of = |(batch, texts): (usize, &Batch<'_>)| {
        let size = texts.len().div_ceil(parts).max(1);
        let starts = (0..texts.len()).step_by(size);
        let ranges: Vec<_> = starts.map(|start| start..texts.len().min(start + size)).collect();
        ranges.into_iter().map(move |texts| Job { batch, texts })
    };
    batches.iter().enumerate().flat_map(of).collect()
}

fn pending<T: Clone + Default>(batches: &[Batch<'_>], jobs: &[Job]) -> Vec<Pending<T>> {
    let mut pending: Vec<_> = batches
        .iter()
        .map(|batch| Pending { jobs: 0, outcomes: vec![T::default(); batch.len()] })
        .collect();
    for job in jobs {
        pending[job.batch].jobs += 1;
    }
    pending
}

/// The texts of a batch in groups of few enough tokens, so that a large batch takes no more memory.
pub(crate) fn groups<'b, 't>(texts: &'b [&'t [u32]]) -> impl Iterator<Item = &'b [&'t [u32]]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut tokens = 0;
        let fits = |ids: &&&[u32]| {
            tokens += ids.len();
            tokens <= GROUP_TOKENS
        };
        let count = rest.iter().take_while(fits).count().max(1).min(rest.len());
        let (group, later) = rest.split_at(count);
        rest = later;
        (!group.is_empty()).then_some(group)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts as the numbers that [`first_ids`] finds in them.
    fn texts(counts: &[usize]) -> Vec<Vec<Vec<u32>>> {
        let mut next = 0;
        let mut text = |_| {
            next += 1;
            vec![next; 1 + next as usize % 3]
        };
        counts.iter().map(|&count| (0..count).map(&mut text).collect()).collect()
    }

    fn first_ids(texts: &[&[u32]], _: &mut ()) -> Vec<u32> {
        texts.iter().map(|ids| ids[0]).collect()
    }

    fn workers(count: usize) -> Workers<()> {
        Workers::new(NonZeroUsize::new(count))
    }

    proptest! {
        #[test]
        fn every_batch_comes_back_whole_and_once(
            counts in prop::collection::vec(1usize..9, 0..7),
            count in 1usize..6,
        ) {
            let texts = texts(&counts);
            let batches: Vec<Batch<'_>> =
                texts.iter().map(|batch| batch.iter().map(Vec::as_slice).collect()).collect();
            let mut got = vec![None; batches.len()];
            workers(count).encode(&batches, first_ids, &mut |number, ids| {
                assert!(got[number].replace(ids).is_none());
                Ok(())
            }).unwrap();
            for (got, batch) in got.into_iter().zip(&batches) {
                prop_assert_eq!(got.unwrap(), first_ids(batch, &mut ()));
            }
        }

        #[test]
        fn groups_are_the_texts_in_order_and_small(
            lengths in prop::collection::vec(1usize..3_000, 0..20),
        ) {
            let texts: Vec<Vec<u32>> = lengths.iter().map(|&length| vec![7; length]).collect();
            let rows: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
            let mut seen = Vec::new();
            for group in groups(&rows) {
                let tokens: usize = group.iter().map(|ids| ids.len()).sum();
                prop_assert!(group.len() == 1 || tokens <= GROUP_TOKENS);
                seen.extend(group.iter().map(|ids| ids.len()));
            }
            prop_assert_eq!(seen, lengths);
        }
    }

    #[test]
    fn an_error_of_the_taker_ends_it() {
        let texts = texts(&[2; 50]);
        let batches: Vec<Batch<'_>> =
            texts.iter().map(|batch| batch.iter().map(Vec::as_slice).collect()).collect();
        for count in [1, 3] {
            let mut taken = 0;
            let outcome = workers(count).encode(&batches, first_ids, &mut |_, _| {
                taken += 1;
                Err(EncodeError::Backend("full".into()))
            });
            assert_eq!((outcome.unwrap_err().to_string().as_str(), taken), ("full", 1));
        }
    }
}
