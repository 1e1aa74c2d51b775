//! Integers of seven bits a byte, as rows on disk have them.

use std::io::{self, BufRead};

/// Appends `number`.
pub(super) fn write(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The next integer.
pub(super) fn read(reader: &mut impl BufRead) -> io::Result<u32> {
    let buffer = reader.fill_buf()?;
    // Mostly the bytes are there, and one look at the buffer is enough.
    let mut number = 0u32;
    for (place, &byte) in buffer.iter().enumerate().take(5) {
        number |= u32::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            reader.consume(place + 1);
            return Ok(number);
        }
    }
    read_slowly(reader)
}

/// The next integer, whose bytes may be of two fillings of the buffer.
#[cold]
fn read_slowly(reader: &mut impl BufRead) -> io::Result<u32> {
    let mut number = 0u32;
    for place in 0..5 {
        let mut byte = [0];
        reader.read_exact(&mut byte)?;
        number |= u32::from(byte[0] & 0x7f) << (7 * place);
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    Ok(number)
}
