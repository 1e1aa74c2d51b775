//! The strings of a column of keywords: numbered as they come, then sorted.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::frame::{Frame, FrameWriter};
use crate::strings::{StringArena, StringTable, write_strings};
use crate::{Error, Result};

/// Strings numbered in the order of their first occurrence. They stay in memory until the column is
/// written, each with some 16 bytes besides.
#[derive(Default)]
pub(super) struct Numbering {
    strings: StringArena,
    numbers: HashTable<u32>,
}

impl Numbering {
    pub(super) fn number(&mut self, string: &str) -> Result<u32> {
        let hash = |string: &str| FxBuildHasher.hash_one(string);
        let strings = &self.strings;
        let same = |&number: &u32| strings.get(number as usize) == string;
        if let Some(&number) = self.numbers.find(hash(string), same) {
            return Ok(number);
        }
        let number = u32::try_from(strings.len()).ok().filter(|&number| number < u32::MAX);
        let number = number.ok_or_else(|| Error::TooLarge {
            what: "different keywords of a column".to_owned(),
            limit: u32::MAX.into(),
        })?;
        let rehash = |&number: &u32| hash(strings.get(number as usize));
        self.numbers.insert_unique(hash(string), number, rehash);
        self.strings.push(string);
        Ok(number)
    }

    pub(super) fn len(&self) -> usize {
        self.strings.len()
    }

    /// Ends the numbering.
    pub(super) fn sorted(mut self) -> Sorted {
        self.numbers = HashTable::new();
        let strings = self.strings;
        let mut order: Vec<u32> = (0..strings.len() as u32).collect();
        order.sort_unstable_by_key(|&number| strings.get(number as usize));
        let mut codes = vec![0; order.len()];
        for (code, &number) in order.iter().enumerate() {
            codes[number as usize] = code as u32;
        }
        Sorted { strings, order, codes }
    }
}

/// The strings in the order of their bytes.
pub(super) struct Sorted {
    strings: StringArena,
    /// Numbers, ascending by their strings.
    order: Vec<u32>,
    /// By number, the place in that order.
    codes: Vec<u32>,
}

impl Sorted {
    pub(super) fn code(&self, number: u32) -> u32 {
        self.codes[number as usize]
    }

    pub(super) fn write(&self, file: &mut FrameWriter) -> Result<()> {
        write_strings(file, self.order.iter().map(|&number| self.strings.get(number as usize)))
    }
}

/// The strings on disk, ascending.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dictionary<'f> {
    frame: &'f Frame,
    table: StringTable,
    count: u32,
}

impl<'f> Dictionary<'f> {
    pub(super) fn new(frame: &'f Frame, offset: u64, count: u32) -> Self {
        Self { frame, table: StringTable::at(offset, count), count }
    }

    pub(super) fn get(&self, code: u32) -> Result<&'f str> {
        self.table.get(self.frame, code)
    }

    /// How many strings are before `string`.
    pub(super) fn before(&self, string: &str) -> Result<u32> {
        self.count_while(|other| other.cmp(string) == Ordering::Less)
    }

    /// How many strings are not after `string`.
    pub(super) fn up_to(&self, string: &str) -> Result<u32> {
        self.count_while(|other| other.cmp(string) != Ordering::Greater)
    }

    fn count_while(&self, holds: impl Fn(&str) -> bool) -> Result<u32> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.get(middle)?) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}
