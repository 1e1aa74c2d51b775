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

/// The process, and its interrupted work that is about to end.
static ENDING: Mutex<(u32, Vec<JoinHandle<()>>)> = Mutex::new((0, Vec::new()));

/// As [`interruptible`], for work that writes an index: it first waits for interrupted work to end,
/// which may hold the index's lock for a moment.
pub(crate) fn interruptible_writing<T: Send + 'static>(
    py: Python<'_>,
    stop: &Stop,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<T> {
    while ending(|threads| !threads.is_empty()) {
        py.check_signals()?;
        py.detach(|| thread::sleep(BETWEEN_LOOKS));
    }
    interruptible(py, stop, work)
}

/// Does something with the interrupted work of this process that goes on.
fn ending<T>(act: impl FnOnce(&mut Vec<JoinHandle<()>>) -> T) -> T {
    let mut ending = ENDING.lock().unwrap_or_else(PoisonError::into_inner);
    let (process, threads) = &mut *ending;
    if *process != std::process::id() {
        // Threads of the process that this one was forked from.
        std::mem::forget(std::mem::take(threads));
        *process = std::process::id();
    }
    threads.retain(|thread| !thread.is_finished());
    act(threads)
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
                    // Nobody gets its result; a change that was nearly done may still be made.
                    let waiting = &mut receiver;
                    let _ = py.detach(move || waiting.recv_timeout(PATIENCE));
                    ending(|threads| threads.push(thread));
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
