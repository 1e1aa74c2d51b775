//! Many strings in one buffer, in memory while they are collected and on disk afterwards.
//!
//! ```text
//! 0          8·(n+1)   end-to-end offsets of the strings, u64
//! 8·(n+1)    …         their bytes, UTF-8
//! ```

use std::cmp::Ordering;
use std::ops::Range;

use crate::Result;
use crate::frame::{Frame, FrameWriter};

/// A growing list of strings in one allocation.
#[derive(Clone, Debug, Default)]
pub struct StringArena {
    bytes: String,
    ends: Vec<usize>,
}

impl StringArena {
    /// Appends a string; its index is the number of strings before it.
    pub fn push(&mut self, string: &str) {
        self.bytes.push_str(string);
        self.ends.push(self.bytes.len());
    }

    /// String `i`.
    ///
    /// # Panics
    /// If `i` is not below [`len`](Self::len).
    pub fn get(&self, i: usize) -> &str {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[i]]
    }

    /// Number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of memory reserved.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

/// Writes a table of strings.
pub(crate) fn write_strings<'s>(
    file: &mut FrameWriter,
    strings: impl Iterator<Item = &'s str> + Clone,
) -> Result<()> {
    let mut end = 0u64;
    file.write(&end.to_le_bytes())?;
    for string in strings.clone() {
        end += string.len() as u64;
        file.write(&end.to_le_bytes())?;
    }
    for string in strings {
        file.write(string.as_bytes())?;
    }
    Ok(())
}

/// Where a table of strings lies in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StringTable {
    offset: u64,
    count: u32,
}

impl StringTable {
    /// A table of `count` strings that starts at `offset` and ends with the payload.
    pub(crate) fn at(offset: u64, count: u32) -> Self {
        Self { offset, count }
    }

    /// As [`at`](Self::at), if `frame` has room for so many: memory is taken by counts that another
    /// file claims.
    ///
    /// # Errors
    /// The frame is shorter than the offsets of so many strings.
    pub(crate) fn open(frame: &Frame, offset: u64, count: u32) -> Result<Self> {
        frame.slice(offset, 8 * (u64::from(count) + 1))?;
        Ok(Self::at(offset, count))
    }

    pub(crate) fn get<'f>(&self, frame: &'f Frame, i: u32) -> Result<&'f str> {
        if i >= self.count {
            return Err(frame.corrupt(self.offset, format!("a number below {}", self.count), i));
        }
        let at = self.offset + 8 * u64::from(i);
        let ends = frame.slice(at, 16)?;
        let (start, end) = (read_u64(ends, 0), read_u64(ends, 8));
        let bytes = self.offset + 8 * (u64::from(self.count) + 1);
        let length =
            end.checked_sub(start).ok_or_else(|| frame.corrupt(at, "ascending offsets", end))?;
        let string = frame.slice(bytes.saturating_add(start), length)?;
        std::str::from_utf8(string).map_err(|error| frame.corrupt(bytes + start, "UTF-8", error))
    }
}

/// Binary search: `compare` says how the string at place `i` of `places` relates to the target.
pub(crate) fn search(
    places: Range<u32>,
    mut compare: impl FnMut(u32) -> Result<Ordering>,
) -> Result<Option<u32>> {
    let Range { start: mut low, end: mut high } = places;
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(middle)? {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Ok(Some(middle)),
        }
    }
    Ok(None)
}

/// The u64 at byte `at`.
pub(crate) fn read_u64(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// The u32 at byte `at`.
pub(crate) fn read_u32(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

/// The u16 at byte `at`.
pub(crate) fn read_u16(bytes: &[u8], at: usize) -> u16 {
    bytes[at..].first_chunk().map_or(0, |chunk| u16::from_le_bytes(*chunk))
}
