//! Work that Ctrl-C ends.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use pyo3::prelude::*;
use spork_search::{Result, Stop};

use crate::errors::{bad_value, exception};

/// How often signals are looked for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// How long work may take to stop before it is left to end by itself.
const PATIENCE: Duration = Duration::from_millis(60);

/// Interrupted work that is about to end, and the process that it is of.
static ENDING: Mutex<(u32, Vec<JoinHandle<()>>)> = Mutex::new((0, Vec::new()));

/// As [`interruptible`], for work that writes an index: it first waits for interrupted work to end,
/// which may hold the index's lock for a moment.
pub(crate) fn interruptible_writing<T: Send + 'static>(
    py: Python<'_>,
    stop: &Stop,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<T> {
    while any_is_ending() {
        py.check_signals()?;
        py.detach(|| thread::sleep(BETWEEN_LOOKS));
    }
    interruptible(py, stop, work)
}

/// Whether interrupted work of this process goes on.
fn any_is_ending() -> bool {
    let mut ending = ENDING.lock().unwrap_or_else(PoisonError::into_inner);
    let (process, threads) = &mut *ending;
    if *process != std::process::id() {
        // Threads of the process that this one was forked from.
        std::mem::forget(std::mem::take(threads));
    }
    threads.retain(|thread| !thread.is_finished());
    !threads.is_empty()
}

fn leave_to_end(thread: JoinHandle<()>) {
    any_is_ending();
    let mut ending = ENDING.lock().unwrap_or_else(PoisonError::into_inner);
    ending.0 = std::process::id();
    ending.1.push(thread);
}

/// Does `work` on another thread, without Python's lock. When a signal's handler raises, such as
/// that of Ctrl-C, work is asked to stop, and the exception goes on.
pub(crate) fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    stop: &Stop,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let (sender, mut receiver) = channel();
    let spawned = thread::Builder::new().name("spork".to_owned()).spawn(move || {
        // Nobody may be waiting any more.
        let _ = sender.send(work());
    });
    let thread =
        spawned.map_err(|error| bad_value(format!("a thread can't be started: {error}")))?;
    loop {
        let waiting = &mut receiver;
        match py.detach(move || waiting.recv_timeout(BETWEEN_LOOKS)) {
            Ok(done) => return done.map_err(|error| exception(&error)),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(raised) = py.check_signals() {
                    stop.request();
                    // What it did is lost either way.
                    let waiting = &mut receiver;
                    let _ = py.detach(move || waiting.recv_timeout(PATIENCE));
                    leave_to_end(thread);
                    return Err(raised);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(bad_value(
                    "the engine panicked; please report this with the text above",
                ));
            }
        }
    }
}
