//! Work that Ctrl-C ends.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use spork_search::{Result, Stop};

use crate::errors::{bad_value, exception};

/// How often signals are looked for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// How long work may take to stop before it is left to end by itself.
const PATIENCE: Duration = Duration::from_millis(60);

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
