//! The three numbers at the start of a file.

use std::io::{self, Read};

/// The shape of a matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) rows: u64,
    pub(super) columns: u64,
    pub(super) entries: u64,
}

impl Shape {
    /// Reads a shape; the inner error is what is wrong with it.
    pub(super) fn read(reader: &mut impl Read) -> io::Result<Result<Self, String>> {
        let mut numbers = [0; 3];
        for number in &mut numbers {
            let mut bytes = [0; 8];
            reader.read_exact(&mut bytes)?;
            *number = i64::from_le_bytes(bytes);
        }
        let [rows, columns, entries] = numbers;
        let within = |number: i64, most: i64| (0..=most).contains(&number);
        // More vectors or terms than 32 bits have no numbers here.
        let most = i64::from(u32::MAX) - 1;
        if !within(rows, most) || !within(columns, most) || !within(entries, i64::MAX / 8) {
            return Ok(Err(format!(
                "{rows} rows, {columns} columns and {entries} entries, expected 0 to {most} rows \
                 and columns; this is no .csr file, or it is damaged"
            )));
        }
        Ok(Ok(Self { rows: rows as u64, columns: columns as u64, entries: entries as u64 }))
    }
}

/// Whether a file that begins so is a matrix: a shape that can be, and a first row from 0.
pub(crate) fn is_csr(head: &[u8]) -> bool {
    let start = head.get(24..32);
    matches!(Shape::read(&mut &head[..]), Ok(Ok(_))) && start == Some(&[0; 8])
}
