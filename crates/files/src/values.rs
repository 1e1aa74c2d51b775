//! JSON values that do not have a line each: the elements of an array, or objects that a
//! pretty-printer spread over lines. They are cut out of the stream one at a time, so that a file
//! of any size takes the memory of one of them.

use std::io::{self, BufRead};

/// Where in such a stream the reader is.
#[derive(Debug, Default)]
pub(crate) struct JsonValues {
    /// Between the brackets of an array of values.
    in_array: bool,
}

/// A value that was cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Line ends before the value.
    pub(crate) lines_before: u64,
    /// Line ends inside it.
    pub(crate) lines_within: u64,
    /// Bytes of the stream that were taken, more than none unless it has ended.
    pub(crate) taken: usize,
}

/// How a stream of values can end badly.
#[derive(Debug)]
pub(crate) enum CutError {
    Io(io::Error),
    /// The array has no end.
    Unclosed,
    /// A value is longer than allowed.
    TooLong,
}

impl From<io::Error> for CutError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl JsonValues {
    /// Appends the next value to `value`, its line ends as blanks; nothing at the end. What is cut
    /// out need not be JSON: whoever parses it finds that out.
    pub(crate) fn next(
        &mut self,
        reader: &mut dyn BufRead,
        value: &mut Vec<u8>,
        most: usize,
    ) -> Result<Cut, CutError> {
        let mut cut = Cut { lines_before: 0, lines_within: 0, taken: 0 };
        if !self.find_value(reader, &mut cut)? {
            return Ok(cut);
        }
        let start = value.len();
        let mut scan = Scan::default();
        loop {
            let buffer = reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(cut);
            }
            let mut length = 0;
            for &byte in buffer {
                if scan.ends_before(byte) {
                    break;
                }
                let line_end = byte == b'\n';
                cut.lines_within += u64::from(line_end);
                value.push(if line_end && !scan.in_string { b' ' } else { byte });
                length += 1;
            }
            let ended = length < buffer.len();
            cut.taken += length;
            reader.consume(length);
            if ended {
                return Ok(cut);
            }
            if value.len() - start > most {
                return Err(CutError::TooLong);
            }
        }
    }

    /// Passes over blanks, commas and the brackets of the array; whether a value follows.
    fn find_value(&mut self, reader: &mut dyn BufRead, cut: &mut Cut) -> Result<bool, CutError> {
        loop {
            let buffer = reader.fill_buf()?;
            let Some(&byte) = buffer.first() else {
                return if self.in_array { Err(CutError::Unclosed) } else { Ok(false) };
            };
            let outside = !self.in_array;
            match byte {
                b'[' if outside => self.in_array = true,
                b']' if self.in_array => self.in_array = false,
                b',' => {}
                byte if byte.is_ascii_whitespace() => {}
                _ => return Ok(true),
            }
            cut.lines_before += u64::from(byte == b'\n');
            cut.taken += 1;
            reader.consume(1);
        }
    }
}

/// Follows brackets and strings through a value.
#[derive(Debug, Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    begun: bool,
    ended: bool,
}

impl Scan {
    /// Takes the next byte; whether the value ended before it.
    fn ends_before(&mut self, byte: u8) -> bool {
        if self.ended {
            return true;
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            self.ended = !self.in_string && self.depth == 0;
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => {
                self.depth -= 1;
                self.ended = self.depth == 0;
            }
            b',' | b']' | b'}' if self.depth == 0 => return self.begun,
            _ if self.depth == 0 && byte.is_ascii_whitespace() => return true,
            _ => {}
        }
        self.begun = true;
        false
    }
}

/// Whether `line` begins a value that goes on in the next line: a bracket is open, no string is.
pub(crate) fn goes_on(line: &[u8]) -> bool {
    let mut scan = Scan::default();
    let complete = line.trim_ascii().iter().any(|&byte| scan.ends_before(byte));
    !complete && !scan.ended && !scan.in_string && scan.depth > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    /// The values of a stream that is read `chunk` bytes at a time, each with its line.
    fn values(text: &str, chunk: usize) -> Result<Vec<(u64, String)>, CutError> {
        let mut reader = BufReader::with_capacity(chunk, text.as_bytes());
        let (mut values, mut line) = (JsonValues::default(), 1);
        let mut all = Vec::new();
        loop {
            let mut value = Vec::new();
            let cut = values.next(&mut reader, &mut value, 1000)?;
            if value.is_empty() {
                return Ok(all);
            }
            line += cut.lines_before;
            all.push((line, String::from_utf8(value).unwrap()));
            line += cut.lines_within;
        }
    }

    #[test]
    fn arrays_and_pretty_objects_are_cut_apart() {
        let pretty = "{\n  \"a\": \"}\\\"]\"\n}\n{\"b\": [1,\n2]}";
        let expected = [(1, "{   \"a\": \"}\\\"]\" }"), (4, "{\"b\": [1, 2]}")]
            .map(|(n, s)| (n, s.to_owned()));
        assert_eq!(values(pretty, 3).unwrap(), expected);
        let array = "[\n{\"a\": 1},{\"b\": 2}\n, 3, \"x\"]\n";
        let expected = [(2, "{\"a\": 1}"), (2, "{\"b\": 2}"), (3, "3"), (3, "\"x\"")]
            .map(|(n, s)| (n, s.to_owned()));
        assert_eq!(values(array, 5).unwrap(), expected);
        assert_eq!(values("[]", 1).unwrap(), []);
    }

    #[test]
    fn bad_ends_are_told() {
        assert!(matches!(values("[{\"a\": 1},", 4), Err(CutError::Unclosed)));
        let long = format!("[\"{}", "x".repeat(2000));
        assert!(matches!(values(&long, 64), Err(CutError::TooLong)));
    }

    #[test]
    fn open_brackets_go_on_and_open_strings_do_not() {
        for (line, goes) in
            [("{", true), ("{\"a\": {\"b\": 1},", true), ("{\"a\": \"cut", false), ("{}", false)]
        {
            assert_eq!(goes_on(line.as_bytes()), goes, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_serde_wrote_is_found_again(
            texts in prop::collection::vec("[\\PC\n\"\\\\{}\\[\\],]{0,12}", 0..6),
            pretty in any::<bool>(),
            chunk in 1usize..20,
        ) {
            let array = serde_json::Value::from(texts.clone());
            let written = if pretty {
                serde_json::to_string_pretty(&array).unwrap()
            } else {
                array.to_string()
            };
            let read: Vec<String> = values(&written, chunk)
                .unwrap()
                .iter()
                .map(|(_, value)| serde_json::from_str(value).unwrap())
                .collect();
            prop_assert_eq!(read, texts);
        }

        #[test]
        fn no_bytes_hang_or_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut reader = bytes.as_slice();
            let mut cutter = JsonValues::default();
            for _ in 0..=bytes.len() {
                match cutter.next(&mut reader, &mut Vec::new(), 100) {
                    Ok(cut) if cut.taken > 0 => {}
                    _ => return Ok(()),
                }
            }
            prop_assert!(false, "more values than bytes");
        }
    }
}
