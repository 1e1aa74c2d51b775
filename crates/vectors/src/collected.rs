//! All vectors of a conversion on disk, for formats whose first byte depends on the last vector.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use spork_core::{SparseVector, TermId};

use crate::error::{Error, Result};
use crate::integers::{pack, unpack};
use crate::scratch::{RowWriter, Rows, Scratch, StringReader, StringWriter};

/// Takes vectors in.
pub(crate) struct Collector {
    /// The output, which errors name.
    path: PathBuf,
    scratch: Scratch,
    ids: StringWriter,
    terms: HashMap<String, u32>,
    /// Bytes that the terms take, about.
    memory: u64,
    rows: RowWriter,
    weights: Weights,
    all_ids: AllIds,
}

/// What is known of all weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Weights {
    pub(crate) largest: f32,
    /// Whether one is no integer.
    pub(crate) fractions: bool,
}

/// What is known of all ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AllIds {
    /// Each is the number of its vector, from 0.
    pub(crate) are_numbers_in_order: bool,
    /// Each is the digits of an integer.
    pub(crate) are_integers: bool,
}

/// Bytes that a term takes beside its own: the string, its number, and room in the table.
const TERM: u64 = 64;
/// Buffers, and the rows at work.
const RESERVE: u64 = 1 << 20;

impl Collector {
    pub(crate) fn create(path: &Path, scratch: &Scratch) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            scratch: scratch.clone(),
            ids: StringWriter::create(scratch)?,
            terms: HashMap::new(),
            memory: 0,
            rows: RowWriter::create(scratch)?,
            weights: Weights::default(),
            all_ids: AllIds { are_numbers_in_order: true, are_integers: true },
        })
    }

    /// Adds a vector. Weights of zero are left out.
    pub(crate) fn push<'a>(
        &mut self,
        id: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<()> {
        if self.rows.rows() >= i32::MAX as u32 {
            return Err(Error::Unfit {
                format: "the format",
                what: "more than 2,147,483,647 vectors".to_owned(),
                remedy: "split the collection".to_owned(),
            });
        }
        let number = id.parse().ok().filter(|number: &u64| number.to_string() == id);
        self.all_ids.are_integers &= number.is_some();
        self.all_ids.are_numbers_in_order &= number == Some(u64::from(self.rows.rows()));
        self.ids.push(id)?;
        let weights = weights.into_iter().filter(|&(_, weight)| weight != 0.0);
        let entries: Result<Vec<_>> =
            weights.map(|(term, weight)| Ok((TermId(self.number(term)?), weight))).collect();
        let vector = SparseVector::new(entries?).map_err(|(_, error)| {
            Error::fault(&self.path, format!("vector {id:?}"), format!("a weight {error}"))
        })?;
        for (term, weight) in vector {
            self.rows.entry(term.0, pack(weight))?;
            self.weights.largest = self.weights.largest.max(weight);
            self.weights.fractions |= weight.fract() != 0.0;
        }
        self.rows.end_row()
    }

    fn number(&mut self, term: &str) -> Result<u32> {
        if let Some(&number) = self.terms.get(term) {
            return Ok(number);
        }
        self.memory += term.len() as u64 + TERM;
        self.scratch.left_beside(&self.path, self.memory, RESERVE)?;
        let number = self.terms.len() as u32;
        self.terms.insert(term.to_owned(), number);
        Ok(number)
    }

    pub(crate) fn finish(self) -> Result<Collected> {
        let mut terms: Vec<(String, u32)> = self.terms.into_iter().collect();
        terms.sort_unstable_by_key(|&(_, number)| number);
        Ok(Collected {
            path: self.path,
            ids: self.ids.finish()?,
            terms: terms.into_iter().map(|(term, _)| term).collect(),
            memory: self.memory + RESERVE,
            rows: self.rows.finish()?,
            weights: self.weights,
            all_ids: self.all_ids,
        })
    }
}

/// All vectors, on disk.
pub(crate) struct Collected {
    pub(crate) path: PathBuf,
    ids: StringReader,
    /// Terms in the order of their first occurrence.
    pub(crate) terms: Vec<String>,
    /// Bytes that the terms take.
    pub(crate) memory: u64,
    pub(crate) rows: Rows,
    pub(crate) weights: Weights,
    pub(crate) all_ids: AllIds,
}

impl Collected {
    /// The numbers of terms, ascending by the bytes of their strings.
    pub(crate) fn terms_in_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.terms.len() as u32).collect();
        order.sort_unstable_by_key(|&number| &self.terms[number as usize]);
        order
    }

    /// Calls `each` with every vector's number, id, and terms' numbers and weights.
    pub(crate) fn each(
        &mut self,
        mut each: impl FnMut(&[String], u32, &str, &[(u32, f32)]) -> Result<()>,
    ) -> Result<()> {
        let (mut row, mut entries) = (Vec::new(), Vec::new());
        self.ids.rewind(u64::from(self.rows.rows()))?;
        let mut rows = self.rows.read()?;
        let mut number = 0;
        while rows.row(&mut row)? {
            let id = self.ids.next()?.unwrap_or_default();
            entries.clear();
            entries.extend(row.iter().map(|&(term, value)| (term, unpack(value))));
            each(&self.terms, number, &id, &entries)?;
            number += 1;
        }
        Ok(())
    }
}
