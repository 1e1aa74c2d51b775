//! The library's log, as records of Python's `logging`.

use std::fmt::{Debug, Write};
use std::sync::Once;

use pyo3::prelude::*;
use pyo3::types::PyModule;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Sends what the library logs from now on to the logger `spork_search`. The command line has a log
/// of its own, and does not come here.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    // If somebody else listens already, that is theirs.
    STARTED.call_once(|| drop(tracing::subscriber::set_global_default(Logging)));
}

struct Logging;

impl Subscriber for Logging {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        let call = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            _ => "info",
        };
        Python::attach(|py| {
            let log = || {
                let logger = PyModule::import(py, "logging")?
                    .call_method1("getLogger", ("spork_search",))?;
                logger.call_method1(call, ("%s", message.0.as_str()))
            };
            // A handler that fails must not end the work.
            drop(log());
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The text of an event.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            // Writing to a string never fails.
            let _ = write!(self.0, "{value:?}");
        }
    }
}
