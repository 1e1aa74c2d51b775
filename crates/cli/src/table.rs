//! Tables of named columns, tab-separated, as `spork bench` and `spork plot` have them.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use spork_files::{Error, Source};

/// A table.
pub(crate) struct Table {
    path: String,
    /// The names that the first line gives them.
    pub(crate) columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a table that has at least one row, each of as many cells as there are columns.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut source = Source::open(path)?;
        let mut buffer = Vec::new();
        let mut lines = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let text = line.text().map_err(|error| Error::line(source.path(), line.number, error))?;
            let cells: Vec<String> = text.split('\t').map(|cell| cell.trim().to_owned()).collect();
            lines.push((line.number, cells));
        }
        let path = path.display().to_string();
        let Some(((_, columns), rows)) = lines.split_first() else { bail!("{path}: no line in it") };
        for (number, cells) in rows {
            if cells.len() != columns.len() {
                bail!(
                    "{path}:{number}: {} cells; the first line names {} columns",
                    cells.len(),
                    columns.len()
                );
            }
        }
        if rows.is_empty() {
            bail!("{path}: no row below the names of the columns");
        }
        let rows = rows.iter().map(|(_, cells)| cells.clone()).collect();
        Ok(Self { columns: columns.clone(), path, rows })
    }

    fn position(&self, name: &str) -> Result<usize> {
        let found = self.columns.iter().position(|column| column == name);
        found.ok_or_else(|| {
            anyhow!("{}: no column {name:?}; there are {}", self.path, self.columns.join(", "))
        })
    }

    /// The texts of a column, or empty ones where none is asked for.
    pub(crate) fn column(&self, name: Option<&str>) -> Result<Vec<&str>> {
        let Some(name) = name else { return Ok(vec![""; self.rows.len()]) };
        let position = self.position(name)?;
        Ok(self.rows.iter().map(|row| row[position].as_str()).collect())
    }

    /// A column of finite numbers.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let number = |text: &str| {
            text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
                anyhow!("{}: column {name:?}: {text:?} where a number was expected", self.path)
            })
        };
        self.column(Some(name))?.into_iter().map(number).collect()
    }
}
