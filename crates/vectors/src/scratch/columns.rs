//! Columns of a matrix that is on disk by rows: as many at a time as fit in memory, each time with
//! one pass over all rows.

use std::path::Path;

use super::Rows;
use crate::error::Result;

/// Row and value.
type Entry = (u32, u32);

/// Bytes of an entry in memory.
const ENTRY: u64 = 8;
/// Bytes a column that is in memory.
const COLUMN: u64 = 8;

/// Columns in some order, each with its entries ascending by row.
pub(crate) struct Columns {
    rows: Rows,
    /// Columns in the order in which they are given out; ascending where there is none.
    order: Option<Order>,
    columns: u32,
    /// Bytes for entries and their places.
    budget: u64,
    /// The next column to give out, as a position in the order.
    next: u32,
    /// The first position in memory.
    first: u32,
    /// Where each position in memory starts in `entries`, and the end of the last.
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

struct Order {
    columns: Vec<u32>,
    /// Where a column is in the order.
    positions: Vec<u32>,
}

impl Columns {
    /// The first `columns` columns, ascending. `lasting` is what the caller keeps in memory, and
    /// `path` the file that errors name.
    pub(crate) fn ascending(rows: Rows, columns: u32, lasting: u64, path: &Path) -> Result<Self> {
        Self::new(rows, columns, None, lasting, path)
    }

    /// All columns, in the order of `columns`.
    pub(crate) fn in_order(
        rows: Rows,
        columns: Vec<u32>,
        lasting: u64,
        path: &Path,
    ) -> Result<Self> {
        let mut positions = vec![0; columns.len()];
        for (position, &column) in columns.iter().enumerate() {
            positions[column as usize] = position as u32;
        }
        let number = columns.len() as u32;
        Self::new(rows, number, Some(Order { columns, positions }), lasting, path)
    }

    fn new(
        rows: Rows,
        columns: u32,
        order: Option<Order>,
        lasting: u64,
        path: &Path,
    ) -> Result<Self> {
        let ordered = if order.is_some() { 8 * u64::from(columns) } else { 0 };
        let lasting = lasting + ordered + 4 * rows.counts().len() as u64;
        let longest = rows.counts().iter().max().map_or(0, |&most| u64::from(most));
        let budget = rows.scratch().left_beside(path, lasting, ENTRY * longest + 2 * COLUMN)?;
        Ok(Self {
            rows,
            order,
            columns,
            budget,
            next: 0,
            first: 0,
            starts: vec![0],
            entries: Vec::new(),
        })
    }

    /// The rows again.
    pub(crate) fn into_rows(self) -> Rows {
        self.rows
    }

    /// The next column and its entries, row and value; none after the last.
    pub(crate) fn next(&mut self) -> Result<Option<(u32, &[Entry])>> {
        if self.next == self.columns {
            return Ok(None);
        }
        if self.next as usize - self.first as usize == self.starts.len() - 1 {
            self.load()?;
        }
        let place = (self.next - self.first) as usize;
        let column = self.column(self.next);
        self.next += 1;
        Ok(Some((column, &self.entries[self.starts[place]..self.starts[place + 1]])))
    }

    fn column(&self, position: u32) -> u32 {
        self.order.as_ref().map_or(position, |order| order.columns[position as usize])
    }

    fn count(&self, position: u32) -> usize {
        let count = self.rows.counts().get(self.column(position) as usize);
        count.map_or(0, |&count| count as usize)
    }

    /// Brings the columns from the next on into memory, as many as the budget allows.
    fn load(&mut self) -> Result<()> {
        self.first = self.next;
        self.starts.clear();
        self.starts.push(0);
        let mut end = 0;
        for position in self.first..self.columns {
            let after = end + self.count(position);
            let bytes = ENTRY * after as u64 + COLUMN * (self.starts.len() as u64 + 1);
            if bytes > self.budget && self.starts.len() > 1 {
                break;
            }
            end = after;
            self.starts.push(end);
        }
        // The old ones go first: both together would be twice the budget.
        self.entries = Vec::new();
        self.entries = vec![(0, 0); end];
        self.fill()
    }

    fn fill(&mut self) -> Result<()> {
        let Self { rows, order, starts, entries, first, .. } = self;
        // Starts are moved on with each entry, and so become the ends.
        let last = starts.len() - 1;
        let mut reader = rows.read()?;
        for row in 0.. {
            if reader.is_at_end() {
                break;
            }
            while let Some((column, value)) = reader.entry()? {
                let position =
                    order.as_ref().map_or(column, |order| order.positions[column as usize]);
                let Some(place) = position.checked_sub(*first) else { continue };
                if (place as usize) < last {
                    let start = &mut starts[place as usize];
                    entries[*start] = (row, value);
                    *start += 1;
                }
            }
        }
        starts.rotate_right(1);
        starts[0] = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{RowWriter, Scratch};
    use super::*;

    type Entries = Vec<(u32, u32)>;

    fn columns(rows: &[Entries], order: Option<Vec<u32>>, memory: u64) -> Vec<(u32, Entries)> {
        let mut writer = RowWriter::create(&Scratch { memory, ..Scratch::default() }).unwrap();
        for row in rows {
            row.iter().for_each(|&(column, value)| writer.entry(column, value).unwrap());
            writer.end_row().unwrap();
        }
        let rows = writer.finish().unwrap();
        let path = Path::new("test");
        let mut columns = match order {
            Some(order) => Columns::in_order(rows, order, 0, path).unwrap(),
            None => Columns::ascending(rows, 9, 0, path).unwrap(),
        };
        let mut all = Vec::new();
        while let Some((column, entries)) = columns.next().unwrap() {
            all.push((column, entries.to_vec()));
        }
        all
    }

    proptest! {
        #[test]
        fn rows_become_columns_in_any_memory(
            rows in prop::collection::vec(
                prop::collection::btree_map(0u32..9, any::<u32>(), 0..9), 0..40),
            order in Just((0u32..9).collect::<Vec<_>>()).prop_shuffle(),
            memory in 1u64..2000,
        ) {
            let rows: Vec<Entries> =
                rows.into_iter().map(|row| row.into_iter().collect()).collect();
            let expected = |column: u32| {
                let entry = |(row, entries): (usize, &Entries)| {
                    let found = entries.iter().find(|entry| entry.0 == column)?;
                    Some((row as u32, found.1))
                };
                (column, rows.iter().enumerate().filter_map(entry).collect::<Entries>())
            };
            // The least that columns need: a longest one, and what is kept for all.
            let memory = memory + 8 * rows.len() as u64 + 16 + 12 * 9;
            let ascending: Vec<_> = (0..9).map(expected).collect();
            prop_assert_eq!(columns(&rows, None, memory), ascending);
            let ordered: Vec<_> = order.iter().map(|&column| expected(column)).collect();
            prop_assert_eq!(columns(&rows, Some(order), memory), ordered);
        }
    }

    #[test]
    fn too_little_memory_is_told() {
        let mut writer = RowWriter::create(&Scratch { memory: 100, ..Scratch::default() }).unwrap();
        for _ in 0..20 {
            writer.entry(0, 1).unwrap();
            writer.end_row().unwrap();
        }
        let rows = writer.finish().unwrap();
        let error = Columns::ascending(rows, 1, 0, Path::new("x.ciff")).err().unwrap().to_string();
        assert!(error.contains("x.ciff: --memory is 0M") && error.contains("raise it"), "{error}");
    }
}
