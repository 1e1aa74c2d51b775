//! JSON objects in any layout: one a line, over several lines, or in an array; in one file after
//! the other.

use std::collections::VecDeque;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use spork_files::{Error as FileError, Line, LineError, Source};

use crate::error::{Error, Result};

/// No object is longer.
const LONGEST: usize = 256 << 20;

/// Reads objects as their bytes.
pub(crate) struct ObjectReader {
    /// The file that is read, and those that follow.
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    later: VecDeque<PathBuf>,
    /// The line of the next byte.
    line: u64,
    /// Whether the file is an array, and has not ended.
    in_array: bool,
    /// Whether a value has to follow: after the bracket or a comma; or must not, without a comma.
    separated: bool,
}

impl ObjectReader {
    /// Reads a source, and then the files `later`.
    pub(crate) fn new(source: Source, later: VecDeque<PathBuf>) -> Self {
        let (path, reader) = source.into_parts();
        Self { path, reader, later, line: 1, in_array: false, separated: true }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills `buffer` with the next object; its line is that of its first byte.
    pub(crate) fn next<'a>(&mut self, buffer: &'a mut Vec<u8>) -> Result<Option<Line<'a>>> {
        buffer.clear();
        loop {
            let Some(byte) = self.next_token()? else {
                if self.in_array {
                    return Err(self.fault("an array that does not end; the file was cut short"));
                }
                match self.later.pop_front() {
                    Some(next) => self.begin(&next)?,
                    None => return Ok(None),
                }
                continue;
            };
            match byte {
                b'{' if self.separated || !self.in_array => break,
                b'[' if !self.in_array && self.separated => {
                    (self.in_array, self.separated) = (true, true);
                }
                b',' if self.in_array && !self.separated => self.separated = true,
                b']' if self.in_array => (self.in_array, self.separated) = (false, true),
                other => {
                    return Err(self.fault(&format!(
                        "{:?} where an object {{\"id\", \"vector\"}} should begin",
                        char::from(other)
                    )));
                }
            }
        }
        self.separated = false;
        let number = self.line;
        self.object(buffer)?;
        if !self.in_array {
            self.separated = true;
        }
        Ok(Some(Line { number, bytes: buffer }))
    }

    fn begin(&mut self, path: &Path) -> Result<()> {
        let mut source = Source::open(path)?;
        // A byte order mark and blank lines are no part of the objects.
        source.peek()?;
        let later = std::mem::take(&mut self.later);
        *self = Self::new(source, later);
        Ok(())
    }

    /// Takes the next byte that is no white space; an opening brace is left where it is.
    fn next_token(&mut self) -> Result<Option<u8>> {
        loop {
            let buffer = self.reader.fill_buf().map_err(|error| Error::io(&self.path, error))?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let found = buffer.iter().position(|byte| !is_blank(*byte));
            let blanks = found.unwrap_or(buffer.len());
            self.line += buffer[..blanks].iter().filter(|&&byte| byte == b'\n').count() as u64;
            let byte = found.map(|place| buffer[place]);
            let taken = blanks + usize::from(byte.is_some_and(|byte| byte != b'{'));
            self.reader.consume(taken);
            if byte.is_some() {
                return Ok(byte);
            }
        }
    }

    /// Appends an object up to its last brace.
    fn object(&mut self, buffer: &mut Vec<u8>) -> Result<()> {
        let mut scan = Scan::default();
        loop {
            let bytes = self.reader.fill_buf().map_err(|error| Error::io(&self.path, error))?;
            if bytes.is_empty() {
                return Err(self.fault("an object that does not end; the file was cut short"));
            }
            let end = scan.end(bytes);
            let taken = end.unwrap_or(bytes.len());
            self.line += bytes[..taken].iter().filter(|&&byte| byte == b'\n').count() as u64;
            buffer.extend_from_slice(&bytes[..taken]);
            self.reader.consume(taken);
            if end.is_some() {
                return Ok(());
            }
            if buffer.len() > LONGEST {
                return Err(self.fault("an object of more than 256 MB; expected one a vector"));
            }
        }
    }

    fn fault(&self, what: &str) -> Error {
        FileError::line(&self.path, self.line, LineError::Json(what.to_owned())).into()
    }
}

/// JSON's white space, and the bytes of a byte order mark.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf)
}

/// Where in an object a look at its bytes is.
#[derive(Default)]
struct Scan {
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// How many bytes of `bytes` belong to the object, if it ends in them.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (place, &byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' => self.depth += 1,
                b'}' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(place + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(bytes: &[u8]) -> std::result::Result<Vec<(u64, String)>, String> {
        let source = Source::from_reader(Path::new("x.json"), Cursor::new(bytes.to_vec())).unwrap();
        let mut objects = ObjectReader::new(source, VecDeque::new());
        let (mut all, mut buffer) = (Vec::new(), Vec::new());
        while let Some(line) = objects.next(&mut buffer).map_err(|error| error.to_string())? {
            all.push((line.number, line.text().unwrap().to_owned()));
        }
        Ok(all)
    }

    #[test]
    fn objects_come_out_of_any_layout() {
        let expected = |lines: [u64; 2]| {
            let texts = ["{\"a\": \"}\\\"]\"}", "{\"b\": {\n\"c\": []}}"];
            Ok(lines.into_iter().zip(texts.map(str::to_owned)).collect::<Vec<_>>())
        };
        for (layout, lines) in [
            ("{\"a\": \"}\\\"]\"}\n{\"b\": {\n\"c\": []}}\n", [1, 2]),
            ("\u{feff}\n[{\"a\": \"}\\\"]\"},\n\n{\"b\": {\n\"c\": []}}\n]\n", [2, 4]),
            ("[\n{\"a\": \"}\\\"]\"}]\n[{\"b\": {\n\"c\": []}}]", [2, 3]),
        ] {
            assert_eq!(read(layout.as_bytes()), expected(lines), "{layout:?}");
        }
        for empty in ["", " \n", "[]", "[ ]\n"] {
            assert_eq!(read(empty.as_bytes()), Ok(Vec::new()));
        }
    }

    #[test]
    fn every_fault_is_named() {
        for (text, says) in [
            ("{\"a\": 1", "x.json:1: an object that does not end"),
            ("[{}", "an array that does not end"),
            ("[{} {}]", "x.json:1: '{' where an object"),
            ("[{},,{}]", "',' where an object"),
            ("[1]", "'1' where an object"),
            ("{}\n]", "x.json:2: ']' where an object"),
            ("[[{}]]", "'[' where an object"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
