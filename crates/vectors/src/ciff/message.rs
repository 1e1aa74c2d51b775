//! Protocol buffers, as far as CIFF needs them: varints, fields, and messages behind their lengths.

use std::io::{self, BufRead, Read};
use std::path::Path;

use crate::error::Error;

/// What keeps a message from being read.
#[derive(Debug)]
pub(super) enum Unreadable {
    Io(io::Error),
    Content(String),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Content("the file ends here; it was cut short, copy it again".to_owned());
        }
        Self::Io(error)
    }
}

impl Unreadable {
    /// The error at `place` of `path`.
    pub(super) fn at(self, path: &Path, place: impl Into<String>) -> Error {
        match self {
            Self::Io(error) => Error::io(path, error),
            Self::Content(what) => Error::fault(path, place, what),
        }
    }
}

type Result<T> = std::result::Result<T, Unreadable>;

fn content<T>(fault: impl Into<String>) -> Result<T> {
    Err(Unreadable::Content(fault.into()))
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Varint(u64),
    Fixed64(u64),
    Fixed32,
    /// So many bytes follow: text, or a message.
    Bytes(u64),
}

/// Bytes with their position.
pub(super) struct Stream<R> {
    reader: R,
    position: u64,
}

impl<R: BufRead> Stream<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, position: 0 }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Whether no byte follows.
    pub(super) fn is_at_end(&mut self) -> Result<bool> {
        Ok(self.reader.fill_buf()?.is_empty())
    }

    pub(super) fn varint(&mut self) -> Result<u64> {
        let buffer = self.reader.fill_buf()?;
        let mut number = 0u64;
        // Ten bytes hold 64 bits.
        for (place, &byte) in buffer.iter().enumerate().take(9) {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.reader.consume(place + 1);
                self.position += place as u64 + 1;
                return Ok(number);
            }
        }
        self.long_varint()
    }

    #[cold]
    fn long_varint(&mut self) -> Result<u64> {
        let mut number = 0u64;
        for place in 0..10 {
            let mut byte = [0];
            self.reader.read_exact(&mut byte)?;
            self.position += 1;
            number |= u64::from(byte[0] & 0x7f).checked_shl(7 * place).unwrap_or(0);
            if byte[0] & 0x80 == 0 {
                return Ok(number);
            }
        }
        content("a number of more than ten bytes; this is no CIFF file, or it is damaged")
    }

    /// The length before a message, as the position of the message's end.
    pub(super) fn message(&mut self) -> Result<u64> {
        let length = self.varint()?;
        self.end_of(length, u64::MAX)
    }

    /// Where `length` bytes from here end, within a message that ends at `end`.
    pub(super) fn end_of(&self, length: u64, end: u64) -> Result<u64> {
        match self.position.checked_add(length).filter(|&inner| inner <= end) {
            Some(inner) => Ok(inner),
            None => content(format!(
                "a length of {length} bytes, which is more than its message has; the file is \
                 damaged"
            )),
        }
    }

    /// The next field of a message that ends at `end`, its number and value; none at the end.
    pub(super) fn field(&mut self, end: u64) -> Result<Option<(u64, Value)>> {
        if self.position >= end {
            return if self.position == end {
                Ok(None)
            } else {
                content("a message is longer than its length says; the file is damaged")
            };
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => {
                let mut bytes = [0; 8];
                self.reader.read_exact(&mut bytes)?;
                self.position += 8;
                Value::Fixed64(u64::from_le_bytes(bytes))
            }
            2 => {
                let length = self.varint()?;
                self.end_of(length, end)?;
                Value::Bytes(length)
            }
            5 => {
                self.skip(4)?;
                Value::Fixed32
            }
            other => return content(format!("a field of wire type {other}; the file is damaged")),
        };
        Ok(Some((tag >> 3, value)))
    }

    /// Passes over a field that none of those numbered from 1 to `last` is.
    pub(super) fn ignore(&mut self, last: u64, field: u64, value: Value) -> Result<()> {
        if field <= last {
            return content(format!(
                "field {field} is of another type ({value:?}); this is no CIFF file, or it is \
                 damaged"
            ));
        }
        if let Value::Bytes(length) = value { self.skip(length) } else { Ok(()) }
    }

    fn skip(&mut self, length: u64) -> Result<()> {
        let skipped = io::copy(&mut (&mut self.reader).take(length), &mut io::sink())?;
        self.position += skipped;
        if skipped < length { Err(io::Error::from(io::ErrorKind::UnexpectedEof))? } else { Ok(()) }
    }

    /// Text of `length` bytes, which are `most` at most.
    pub(super) fn text(&mut self, length: u64, most: u64) -> Result<String> {
        if length > most {
            return content(format!(
                "text of {length} bytes, expected {most} at most; the file is damaged"
            ));
        }
        let mut bytes = Vec::new();
        (&mut self.reader).take(length).read_to_end(&mut bytes)?;
        self.position += bytes.len() as u64;
        if (bytes.len() as u64) < length {
            Err(io::Error::from(io::ErrorKind::UnexpectedEof))?;
        }
        String::from_utf8(bytes).or_else(|error| {
            let got = error.as_bytes().escape_ascii().to_string();
            let got: String = got.chars().take(60).collect();
            content(format!("text that is not UTF-8: {got:?}"))
        })
    }
}

/// A message that is being written.
#[derive(Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// A number; zero is written as an absent field.
    pub(super) fn number(&mut self, field: u64, number: u64) -> &mut Self {
        if number > 0 {
            varint(&mut self.bytes, field << 3);
            varint(&mut self.bytes, number);
        }
        self
    }

    pub(super) fn double(&mut self, field: u64, number: f64) -> &mut Self {
        if number.to_bits() != 0 {
            varint(&mut self.bytes, field << 3 | 1);
            self.bytes.extend(number.to_le_bytes());
        }
        self
    }

    pub(super) fn text(&mut self, field: u64, text: &str) -> &mut Self {
        if text.is_empty() { self } else { self.field(field, text.as_bytes()) }
    }

    /// A message within this one, which may be empty.
    pub(super) fn message(&mut self, field: u64, message: &Self) -> &mut Self {
        self.field(field, &message.bytes)
    }

    fn field(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        varint(&mut self.bytes, field << 3 | 2);
        varint(&mut self.bytes, bytes.len() as u64);
        self.bytes.extend(bytes);
        self
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Writes the message behind its length.
    pub(super) fn write(&self, writer: impl io::Write) -> io::Result<()> {
        self.write_with(&Self::default(), writer)
    }

    /// Writes the message and the fields of another as one message.
    pub(super) fn write_with(&self, rest: &Self, mut writer: impl io::Write) -> io::Result<()> {
        let mut length = Vec::new();
        varint(&mut length, (self.bytes.len() + rest.bytes.len()) as u64);
        writer.write_all(&length)?;
        writer.write_all(&self.bytes)?;
        writer.write_all(&rest.bytes)
    }
}

fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
