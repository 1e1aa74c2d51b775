//! The effectiveness of indexes, from a table of measures.

use std::path::Path;

use crate::error::{Result, TableError};
use crate::table::Table;

/// Measures, and their values for each index.
pub(super) struct Evaluations {
    indexes: Vec<String>,
    pub(super) measures: Vec<Measure>,
}

/// A measure: a value for each index.
pub(super) struct Measure {
    pub(super) name: String,
    values: Vec<f64>,
}

impl Evaluations {
    /// # Errors
    /// There is no table, no column `index`, no other one, or a value is no number.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let table = Table::read(path)?;
        let indexes = table.texts("index")?.into_iter().map(str::to_owned).collect();
        let names = table.columns().iter().filter(|name| *name != "index");
        let measure =
            |name: &String| Ok(Measure { name: name.clone(), values: table.numbers(name)? });
        let measures = names.map(measure).collect::<Result<Vec<Measure>>>()?;
        if measures.is_empty() {
            return Err(TableError::NoMeasure { path: path.to_owned() }.into());
        }
        Ok(Self { indexes, measures })
    }

    /// An index's value of a measure, if there is one.
    pub(super) fn value(&self, measure: &Measure, index: &str) -> Option<f64> {
        let place = self.indexes.iter().position(|name| name == index)?;
        Some(measure.values[place])
    }

    /// Indexes that `known` does not hold.
    pub(super) fn unknown<'a>(&'a self, known: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.indexes.iter().map(String::as_str).filter(|name| !known.contains(name))
    }
}
