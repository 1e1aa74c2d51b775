//! The documents of a segment that a filter keeps.

use spork_index::{Columns, Result};

use crate::bind::{BoundFilter, Test};

impl BoundFilter {
    /// The documents of a segment that the filter keeps, as words of 64 bits: bit d mod 64 of word
    /// d / 64 is 1 if it keeps document d. Bits behind the last document are 0.
    ///
    /// # Errors
    /// The file of columns is damaged.
    ///
    /// # Panics
    /// The segment's columns are not those that the filter was bound to.
    pub fn select(&self, columns: &Columns) -> Result<Vec<u64>> {
        assert!(columns.schema().eq(&self.columns), "columns of the index that it was bound to");
        select(&self.root, columns)
    }
}

fn select(test: &Test, columns: &Columns) -> Result<Vec<u64>> {
    match test {
        Test::All(parts) => {
            let mut words = none(columns);
            for (place, part) in parts.iter().enumerate() {
                if place == 0 {
                    words = select(part, columns)?;
                } else if words.iter().any(|&word| word != 0) {
                    combine(&mut words, &select(part, columns)?, |word, other| word & other);
                }
            }
            Ok(words)
        }
        Test::Any(parts) => {
            let mut words = none(columns);
            for part in parts {
                combine(&mut words, &select(part, columns)?, |word, other| word | other);
            }
            Ok(words)
        }
        Test::Not(part) => {
            let mut words = every(columns);
            combine(&mut words, &select(part, columns)?, |word, other| word & !other);
            Ok(words)
        }
        Test::Present(column) => columns.present(*column),
        Test::Within { column, ranges, others } => {
            let within = columns.matches(*column, ranges)?;
            if !others {
                return Ok(within);
            }
            let mut words = columns.present(*column)?;
            combine(&mut words, &within, |word, other| word & !other);
            Ok(words)
        }
    }
}

fn combine(words: &mut [u64], others: &[u64], with: impl Fn(u64, u64) -> u64) {
    for (word, &other) in words.iter_mut().zip(others) {
        *word = with(*word, other);
    }
}

fn none(columns: &Columns) -> Vec<u64> {
    vec![0; columns.documents().div_ceil(u64::BITS) as usize]
}

/// All documents, and no bit behind the last.
fn every(columns: &Columns) -> Vec<u64> {
    let mut words: Vec<u64> = none(columns).iter().map(|_| u64::MAX).collect();
    let rest = columns.documents() % u64::BITS;
    if let Some(last) = words.last_mut().filter(|_| rest > 0) {
        *last = (1 << rest) - 1;
    }
    words
}
