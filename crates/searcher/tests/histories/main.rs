//! Random histories of a living index: documents added, replaced, deleted, purged, segments merged.
//! After some changes every strategy has to answer as brute force does over the documents that
//! live, and as an index of these documents alone does, which has the same values fixed.
//!
//! A few dozen of them; `SPORK_HISTORIES=10000` makes it a long run, `SPORK_HISTORY=17` runs one
//! again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod documents;
mod expected;
mod filters;
mod living;
mod setting;

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use spork_core::Random;

use living::Living;
use setting::LARGE;

/// Changes in a history.
const CHANGES: usize = 100;
/// Histories of a usual run.
const HISTORIES: u64 = 24;
/// A window's documents.
const WINDOW: usize = 65_536;

#[test]
fn every_history_answers_as_its_living_documents_do() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let histories = match number("SPORK_HISTORY") {
        Some(one) => one..one + 1,
        None => 0..number("SPORK_HISTORIES").unwrap_or(HISTORIES),
    };
    let checks = on_threads(histories.clone(), history);
    println!(
        "{} histories of {CHANGES} changes: {checks} answers compared, 0 differ",
        histories.end
    );
}

/// One of the large histories, in every kind.
#[test]
fn more_than_a_window() {
    on_threads(0..4, |kind| large(LARGE * (kind + 1) - 1, 12));
}

/// Sums up `work` of all numbers, on threads of their own: one of a pool would take up another
/// number whenever indexing waits for its own pool, one on top of the other.
fn on_threads(numbers: Range<u64>, work: impl Fn(u64) -> usize + Sync) -> usize {
    let next = AtomicU64::new(numbers.start);
    let take = || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        (number < numbers.end).then_some(number)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let sum = || std::iter::from_fn(take).map(&work).sum::<usize>();
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(sum)).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// Runs a history; returns the number of answers that were compared.
fn history(seed: u64) -> usize {
    if seed % LARGE == LARGE - 1 {
        return large(seed, CHANGES);
    }
    let mut random = Random::new(seed);
    let mut living = Living::new(seed, &mut random, 0);
    let mut checks = 0;
    for change in 0..CHANGES {
        living.change(&mut random);
        if change % 10 == 9 || random.below(8) == 0 {
            checks += living.check(&mut random, 2);
        }
    }
    checks
}

/// A history that begins with more documents than a window.
fn large(seed: u64, changes: usize) -> usize {
    let mut random = Random::new(seed);
    let documents = WINDOW - 20 + random.below(3000);
    let mut living = Living::new(seed, &mut random, documents);
    let mut checks = 0;
    for change in 0..changes {
        living.change(&mut random);
        if change % (changes / 4) == 0 {
            checks += living.check(&mut random, 1);
        }
    }
    checks
}
