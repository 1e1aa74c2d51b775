//! Strings numbered in the order of their first occurrence.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rayon::slice::ParallelSliceMut;
use rustc_hash::FxBuildHasher;
use spork_index::StringArena;

/// A set of strings, each stored once, with dense numbers.
#[derive(Default)]
pub(crate) struct Interner {
    strings: StringArena,
    numbers: HashTable<u32>,
}

/// The outcome of [`Interner::insert`].
pub(crate) enum Inserted {
    New(u32),
    Known(u32),
    /// All 2³² − 1 numbers are taken.
    Full,
}

fn hash(string: &str) -> u64 {
    FxBuildHasher.hash_one(string)
}

impl Interner {
    pub(crate) fn insert(&mut self, string: &str) -> Inserted {
        let strings = &self.strings;
        let hashed = hash(string);
        if let Some(&number) =
            self.numbers.find(hashed, |&number| strings.get(number as usize) == string)
        {
            return Inserted::Known(number);
        }
        let Some(number) = u32::try_from(strings.len()).ok().filter(|&number| number < u32::MAX)
        else {
            return Inserted::Full;
        };
        self.numbers.insert_unique(hashed, number, |&number| hash(strings.get(number as usize)));
        self.strings.push(string);
        Inserted::New(number)
    }

    /// The number of a string, a new one if it is not known yet; `None` if all are taken.
    pub(crate) fn number(&mut self, string: &str) -> Option<u32> {
        match self.insert(string) {
            Inserted::New(number) | Inserted::Known(number) => Some(number),
            Inserted::Full => None,
        }
    }

    /// Appends a string that is known to be new; the table is left out.
    pub(crate) fn append(&mut self, string: &str) {
        self.strings.push(string);
    }

    pub(crate) fn get(&self, string: &str) -> Option<u32> {
        self.numbers
            .find(hash(string), |&number| self.strings.get(number as usize) == string)
            .copied()
    }

    pub(crate) fn strings(&self) -> &StringArena {
        &self.strings
    }

    pub(crate) fn len(&self) -> usize {
        self.strings.len()
    }

    /// Bytes of memory reserved.
    pub(crate) fn memory(&self) -> usize {
        self.strings.memory() + self.numbers.allocation_size()
    }

    /// Gives the look-up table's memory back; no further insertions are meant.
    pub(crate) fn forget_table(&mut self) {
        self.numbers = HashTable::new();
    }

    /// Renumbers: number i is what `order[i]` was. Only after [`Self::forget_table`].
    pub(crate) fn rearrange(&mut self, order: &[u32]) {
        let mut strings = StringArena::default();
        for &number in order {
            strings.push(self.strings.get(number as usize));
        }
        self.strings = strings;
    }

    /// The numbers in ascending order of their strings' bytes.
    pub(crate) fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.strings.len() as u32).collect();
        order.par_sort_unstable_by_key(|&number| self.strings.get(number as usize));
        order
    }
}
