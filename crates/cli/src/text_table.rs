//! Columns of text that are aligned for a person.

use std::io::Write;

/// How the cells of a column are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table with a line of names above it.
pub(crate) struct TextTable {
    aligned: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table of these columns.
    pub(crate) fn new(head: &[(&str, Align)]) -> Self {
        let names = head.iter().map(|&(name, _)| name.to_owned()).collect();
        Self { aligned: head.iter().map(|&(_, align)| align).collect(), rows: vec![names] }
    }

    /// A table of columns without names, aligned to the left.
    pub(crate) fn nameless(columns: usize) -> Self {
        Self { aligned: vec![Align::Left; columns], rows: Vec::new() }
    }

    /// Adds a row; cells that are missing at its end are empty.
    pub(crate) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    pub(crate) fn write(&self, output: &mut impl Write) -> std::io::Result<()> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.aligned.len()).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.aligned);
            let cells = cells.map(|((cell, &width), align)| match align {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            });
            writeln!(output, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A docno or a term, which may be any string, also one that would move the cursor.
pub(crate) fn plain(text: &str) -> String {
    let plain = !text.contains(char::is_control);
    if plain { text.to_owned() } else { text.escape_debug().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = TextTable::new(&[("n", Align::Right), ("term", Align::Left)]);
        table.push(vec!["10".to_owned(), "häuser".to_owned()]);
        table.push(vec!["9".to_owned()]);
        let mut written = Vec::new();
        table.write(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), " n  term\n10  häuser\n 9\n");
        assert_eq!(plain("a\rb"), "a\\rb");
    }
}
