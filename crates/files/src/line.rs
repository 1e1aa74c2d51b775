//! Lines and batches of lines, with their numbers.

use crate::error::LineError;

/// One line without its line end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> Line<'a> {
    /// The line as text.
    ///
    /// # Errors
    /// [`LineError::Utf8`] where it is not UTF-8.
    pub fn text(self) -> Result<&'a str, LineError> {
        std::str::from_utf8(self.bytes).map_err(|error| LineError::Utf8(error.valid_up_to()))
    }
}

/// Consecutive lines in one buffer, to be parsed in parallel. Blank lines are left out.
#[derive(Debug, Default)]
pub struct LineBatch {
    bytes: Vec<u8>,
    lines: Vec<Extent>,
}

/// A line's number and its place in the buffer.
#[derive(Debug)]
struct Extent {
    number: u64,
    start: usize,
    end: usize,
}

impl LineBatch {
    /// Number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether the batch has no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Line `i` of the batch, from 0.
    ///
    /// # Panics
    /// There are not that many lines.
    pub fn get(&self, i: usize) -> Line<'_> {
        let Extent { number, start, end } = self.lines[i];
        Line { number, bytes: &self.bytes[start..end] }
    }

    /// Adds the line that `read` appends to the buffer and returns the number of; a blank one is
    /// dropped. Hands on what else `read` returns.
    pub(crate) fn push<E, T>(
        &mut self,
        read: impl FnOnce(&mut Vec<u8>) -> Result<(u64, T), E>,
    ) -> Result<T, E> {
        let start = self.bytes.len();
        let (number, rest) = read(&mut self.bytes)?;
        if self.bytes[start..].trim_ascii().is_empty() {
            self.bytes.truncate(start);
        } else {
            self.lines.push(Extent { number, start, end: self.bytes.len() });
        }
        Ok(rest)
    }
}
