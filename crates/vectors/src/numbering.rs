//! The numbers that terms get in formats that have no strings.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use spork_files::Output;

use crate::collected::Collected;
use crate::error::{Error, Result};
use crate::tokens::{TokenTable, tokens_file};

/// The number of each term of a collection.
pub(crate) struct Numbering {
    /// By the collection's own number; none for a term that the given table lacks.
    numbers: Vec<Option<u32>>,
    /// One above the largest number.
    end: u32,
    /// Whether a table has to say which term a number is: they are not all digits.
    pub(crate) is_own: bool,
}

impl Numbering {
    /// Numbers as the table `given` has them. Without one, terms that are all digits of integers
    /// are these; others are numbered in the order of their bytes, as Seismic does.
    pub(crate) fn new(collected: &Collected, given: Option<&Path>) -> Result<Self> {
        if let Some(path) = given {
            let table = TokenTable::read(path)?;
            let of_table = table.numbers();
            return Ok(Self::of(&collected.terms, &of_table, false));
        }
        let digits = |term: &String| term.parse().ok().filter(|n: &u32| n.to_string() == *term);
        let most = i32::MAX as u32;
        let integers: Option<Vec<u32>> = collected.terms.iter().map(digits).collect();
        if let Some(integers) = integers.filter(|all| all.iter().all(|&number| number < most)) {
            let end = integers.iter().max().map_or(0, |&last| last + 1);
            let numbers = integers.into_iter().map(Some).collect();
            return Ok(Self { numbers, end, is_own: false });
        }
        let order = collected.terms_in_order();
        let ranked = order.iter().zip(0..);
        let ranks: HashMap<&str, u32> =
            ranked.map(|(&term, rank)| (collected.terms[term as usize].as_str(), rank)).collect();
        Ok(Self::of(&collected.terms, &ranks, true))
    }

    fn of(terms: &[String], table: &HashMap<&str, u32>, is_own: bool) -> Self {
        let numbers = terms.iter().map(|term| table.get(term.as_str()).copied()).collect();
        let end = table.values().max().map_or(0, |&last| last.saturating_add(1));
        Self { numbers, end, is_own }
    }

    /// One above the largest number.
    pub(crate) fn end(&self) -> u32 {
        self.end
    }

    /// Whether a term has a number.
    pub(crate) fn has(&self, term: u32) -> bool {
        self.numbers[term as usize].is_some()
    }

    /// Fills `numbered` with the terms that have numbers, ascending by these, and their weights.
    pub(crate) fn number(&self, weights: &[(u32, f32)], numbered: &mut Vec<(u32, f32)>) {
        numbered.clear();
        numbered.extend(weights.iter().filter_map(|&(term, weight)| {
            self.numbers[term as usize].map(|number| (number, weight))
        }));
        numbered.sort_unstable_by_key(|&(number, _)| number);
    }

    /// Writes the table beside the output.
    pub(crate) fn write(&self, collected: &Collected, output: &Path) -> Result<()> {
        let path = tokens_file(output);
        let mut file = Output::open(Some(&path))?;
        let written = collected.terms_in_order().iter().enumerate().try_for_each(|(i, &term)| {
            let start = if i == 0 { "{" } else { ",\n " };
            let name = serde_json::to_string(&collected.terms[term as usize])?;
            let number = self.numbers[term as usize].unwrap_or_default();
            write!(file, "{start}{name}: {number}")
        });
        let start = if collected.terms.is_empty() { "{" } else { "" };
        written
            .and_then(|()| writeln!(file, "{start}}}"))
            .map_err(|error| Error::io(&path, error))?;
        Ok(file.finish()?)
    }
}
