//! What is said on standard error. A log that can't be written, because the disk is full or nobody
//! reads it, must not end the work.

use std::fmt;
use std::io::{self, Write};

/// Standard error, whose failures are no failures.
pub(crate) struct StandardError;

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Where it can't be told that nothing can be told, nothing is left to do.
        let _ = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = io::stderr().flush();
        Ok(())
    }
}

/// Says a line.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(StandardError, "{line}");
}
