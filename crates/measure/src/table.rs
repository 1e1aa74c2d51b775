//! Tables of named columns, tab-separated, as `spork bench` writes and `spork plot` reads them.

use std::path::{Path, PathBuf};

use spork_files::Source;

use crate::error::{Result, TableError};

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a table that has at least one row, each of as many cells as there are columns.
    ///
    /// # Errors
    /// The file can't be read, is not UTF-8, or is no such table.
    pub fn read(path: &Path) -> Result<Self> {
        let mut source = Source::open(path)?;
        let mut buffer = Vec::new();
        let mut lines = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let text = line
                .text()
                .map_err(|error| spork_files::Error::line(source.path(), line.number, error))?;
            let cells: Vec<String> = text.split('\t').map(|cell| cell.trim().to_owned()).collect();
            lines.push((line.number, cells));
        }
        Ok(Self::new(path.to_owned(), lines)?)
    }

    /// The names that the first line gives the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The texts of a column.
    ///
    /// # Errors
    /// There is no such column.
    pub fn texts(&self, name: &str) -> Result<Vec<&str>> {
        let Some(position) = self.columns.iter().position(|column| column == name) else {
            let (name, columns) = (name.to_owned(), self.columns.join(", "));
            return Err(TableError::NoColumn { path: self.path.clone(), name, columns }.into());
        };
        Ok(self.rows.iter().map(|row| row[position].as_str()).collect())
    }

    /// A column of finite numbers.
    ///
    /// # Errors
    /// There is no such column, or a cell of it is no finite number.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let number = |text: &str| {
            text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
                let (name, got) = (name.to_owned(), text.to_owned());
                TableError::NotANumber { path: self.path.clone(), name, got }.into()
            })
        };
        self.texts(name)?.into_iter().map(number).collect()
    }

    /// The number of rows, at least one.
    pub(crate) fn height(&self) -> usize {
        self.rows.len()
    }

    /// A table of numbered lines of cells.
    fn new(path: PathBuf, lines: Vec<(u64, Vec<String>)>) -> Result<Self, TableError> {
        let mut lines = lines.into_iter();
        let Some((_, columns)) = lines.next() else { return Err(TableError::Empty { path }) };
        let mut rows = Vec::new();
        for (line, cells) in lines {
            let (got, expected) = (cells.len(), columns.len());
            if got != expected {
                return Err(TableError::Cells { path, line, got, expected });
            }
            rows.push(cells);
        }
        if rows.is_empty() {
            return Err(TableError::NoRow { path });
        }
        Ok(Self { path, columns, rows })
    }
}
