//! Files as lines: plain, gzip or zstd, told apart by their first bytes, or standard input as `-`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, LineError, Result};
use crate::foreign::{Foreign, HEAD};
use crate::gzip::GzipMembers;
use crate::line::{Line, LineBatch};
use crate::values::{CutError, JsonValues, goes_on};

/// No record is longer than this; a file without line ends is refused before it fills the memory.
const MAX_LINE: usize = 256 << 20;

/// The mark that some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const BUFFER: usize = 1 << 18;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// An open input.
pub struct Source {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    /// The number of the line read last, from 1.
    line: u64,
    /// Line ends read so far; beyond `line` where a record takes several lines.
    ends: u64,
    /// A line that was looked at and not yet handed out, and the bytes of input it took.
    peeked: Option<(Vec<u8>, usize)>,
    /// Set where each JSON value counts as a line.
    values: Option<JsonValues>,
}

impl Source {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// The file can't be opened, its first bytes can't be read, or they say that it holds no lines
    /// (an archive, a pointer, a web page, another encoding of text).
    pub fn open(path: &Path) -> Result<Self> {
        let fail = |error| Error::io(path, error);
        if path == Path::new("-") {
            return Self::from_reader(Path::new("<stdin>"), io::stdin());
        }
        let file = File::open(path).map_err(fail)?;
        if file.metadata().map_err(fail)?.is_dir() {
            return Err(fail(io::Error::new(
                io::ErrorKind::IsADirectory,
                "is a directory, expected a file; give the files in it",
            )));
        }
        Self::from_reader(path, file)
    }

    /// Counts the lines of a file that are not blank, for a progress bar's sake; `None` for
    /// standard input and pipes, which can be read only once.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn count_lines(path: &Path) -> Result<Option<u64>> {
        if !path.metadata().is_ok_and(|meta| meta.is_file()) {
            return Ok(None);
        }
        let mut source = Self::open(path)?;
        let (mut lines, mut buffer) = (0, Vec::new());
        while source.next_line(&mut buffer)?.is_some() {
            lines += 1;
        }
        Ok(Some(lines))
    }

    /// Reads from `reader`; `name` is its name in errors.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_reader(name: &Path, reader: impl Read + Send + 'static) -> Result<Self> {
        let fail = |error| Error::io(name, error);
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        // What the first read gives is enough: more of a pipe may come late, or never.
        let head = reader.fill_buf().map_err(fail)?;
        let reader: Box<dyn BufRead + Send> = if head.starts_with(&GZIP) {
            decompressed(name, GzipMembers::new(reader))?
        } else if head.starts_with(&ZSTD) {
            decompressed(name, zstd::Decoder::with_buffer(reader).map_err(fail)?)?
        } else {
            check_head(name, head)?;
            Box::new(reader)
        };
        Ok(Self { path: name.to_owned(), reader, line: 0, ends: 0, peeked: None, values: None })
    }

    /// The name of the source in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the bytes that follow begin with `magic`, of a few bytes at most; consumes nothing.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn starts_with(&mut self, magic: &[u8]) -> Result<bool> {
        let buffer = self.reader.fill_buf().map_err(|error| Error::io(&self.path, error))?;
        Ok(buffer.starts_with(magic))
    }

    /// The bytes that follow, `most` of them or up to the end; consumes nothing.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn head(&mut self, most: usize) -> Result<Vec<u8>> {
        let fail = |error| Error::io(&self.path, error);
        let buffer = self.reader.fill_buf().map_err(fail)?;
        if buffer.len() >= most {
            return Ok(buffer[..most].to_vec());
        }
        // A pipe gives what has arrived: the rest is waited for, and put before what follows.
        let mut head = Vec::new();
        (&mut self.reader).take(most as u64).read_to_end(&mut head).map_err(fail)?;
        let rest = std::mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = Box::new(io::Cursor::new(head.clone()).chain(rest));
        Ok(head)
    }

    /// Name and decompressed bytes, for readers of formats that have no lines.
    pub fn into_parts(self) -> (PathBuf, Box<dyn BufRead + Send>) {
        (self.path, self.reader)
    }

    /// The first byte that is no white space; consumes blank lines before it, and nothing of its
    /// own line but white space.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        if let Some((line, _)) = &self.peeked {
            return Ok(line.trim_ascii_start().first().copied());
        }
        loop {
            let buffer = self.reader.fill_buf().map_err(|error| Error::io(&self.path, error))?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let text = buffer.strip_prefix(BYTE_ORDER_MARK).unwrap_or(buffer).trim_ascii_start();
            let blank = buffer.len() - text.len();
            let lines = buffer[..blank].iter().rposition(|&byte| byte == b'\n');
            let found = text.first().copied();
            // Blanks that a line begins with are left, unless they fill the buffer.
            let passed = if found.is_some() { lines.map_or(0, |last| last + 1) } else { blank };
            let ends = buffer[..passed].iter().filter(|&&byte| byte == b'\n').count() as u64;
            self.reader.consume(passed);
            (self.line, self.ends) = (self.line + ends, self.ends + ends);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Whether JSON follows. If it does, each value is handed out as a line from now on: an object
    /// a line as in JSONL, objects that are spread over lines, or the elements of an array.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn is_json(&mut self) -> Result<bool> {
        match self.peek()? {
            None => Ok(true),
            Some(b'[') => self.is_array(),
            Some(b'{') => {
                if self.first_line()?.is_some_and(goes_on) {
                    self.unread_peeked();
                    self.values = Some(JsonValues::default());
                }
                Ok(true)
            }
            Some(_) => Ok(false),
        }
    }

    /// Whether the bracket that follows opens an array of records, not an id such as `[1]`.
    fn is_array(&mut self) -> Result<bool> {
        let buffer = self.reader.fill_buf().map_err(|error| Error::io(&self.path, error))?;
        let text = buffer.strip_prefix(BYTE_ORDER_MARK).unwrap_or(buffer);
        let inside = text.trim_ascii_start().get(1..).unwrap_or_default();
        if !matches!(inside.trim_ascii_start().first(), None | Some(b'{' | b'[' | b']')) {
            return Ok(false);
        }
        let mark = buffer.len() - text.len();
        self.reader.consume(mark);
        self.values = Some(JsonValues::default());
        Ok(true)
    }

    /// Looks at the next line that is not blank; consumes only blank lines.
    pub(crate) fn first_line(&mut self) -> Result<Option<&[u8]>> {
        if self.peeked.is_none() {
            let mut line = Vec::new();
            let mut taken = 0;
            while line.trim_ascii().is_empty() {
                line.clear();
                match self.append_line(&mut line)? {
                    0 => return Ok(None),
                    read => taken = read,
                }
            }
            self.peeked = Some((line, taken));
        }
        Ok(self.peeked.as_ref().map(|(line, _)| line.as_slice()))
    }

    /// [`Self::first_line`], but nothing where each JSON value is a line: it may be long.
    pub(crate) fn first_line_unless_values(&mut self) -> Result<Option<&[u8]>> {
        if self.values.is_some() { Ok(None) } else { self.first_line() }
    }

    /// Passes over the line that [`Self::first_line`] looked at.
    pub(crate) fn skip_first_line(&mut self) {
        self.peeked = None;
    }

    /// Puts the line that was looked at back before the rest of the input.
    fn unread_peeked(&mut self) {
        let Some((mut line, _)) = self.peeked.take() else { return };
        line.push(b'\n');
        let rest = std::mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = Box::new(io::Cursor::new(line).chain(rest));
        (self.line, self.ends) = (self.line - 1, self.ends - 1);
    }

    /// Fills `buffer` with the next line that is not blank, without its line end; `None` at the
    /// end.
    ///
    /// # Errors
    /// The file can't be read, or a line is longer than any record should be.
    pub fn next_line<'a>(&mut self, buffer: &'a mut Vec<u8>) -> Result<Option<Line<'a>>> {
        buffer.clear();
        loop {
            if self.append_line(buffer)? == 0 {
                return Ok(None);
            }
            if !buffer.trim_ascii().is_empty() {
                return Ok(Some(Line { number: self.line, bytes: buffer }));
            }
            buffer.clear();
        }
    }

    /// Reads lines until about `target` bytes are together; `None` at the end.
    ///
    /// # Errors
    /// The source can't be read or decompressed.
    pub fn next_batch(&mut self, target: usize) -> Result<Option<LineBatch>> {
        let mut batch = LineBatch::default();
        let mut taken = 0;
        // Blank lines count towards the target, so that no number of them holds a line back.
        while taken < target || batch.is_empty() {
            let read = batch.push(|buffer| {
                let read = self.append_line(buffer)?;
                Ok((self.line, read))
            })?;
            if read == 0 {
                break;
            }
            taken += read;
        }
        Ok((!batch.is_empty()).then_some(batch))
    }

    /// Appends the next line without its line end, and says how many bytes of input it took.
    fn append_line(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        if let Some((line, taken)) = self.peeked.take() {
            buffer.extend_from_slice(&line);
            return Ok(taken);
        }
        if self.values.is_some() {
            return self.append_value(buffer);
        }
        let start = buffer.len();
        let mut limited = (&mut self.reader).take(MAX_LINE as u64 + 1);
        let read =
            limited.read_until(b'\n', buffer).map_err(|error| Error::io(&self.path, error))?;
        if read == 0 {
            return Ok(0);
        }
        self.ends += 1;
        self.line = self.ends;
        if read > MAX_LINE {
            return Err(self.error(LineError::TooLong(MAX_LINE)));
        }
        if buffer.ends_with(b"\n") {
            buffer.pop();
            if buffer.len() > start && buffer.ends_with(b"\r") {
                buffer.pop();
            }
        }
        // Files that were joined have a mark where each of them began.
        if buffer[start..].starts_with(BYTE_ORDER_MARK) {
            buffer.drain(start..start + BYTE_ORDER_MARK.len());
        }
        Ok(read)
    }

    /// Appends the next JSON value, and says how many bytes of input it took.
    fn append_value(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        let Some(values) = &mut self.values else { return Ok(0) };
        match values.next(self.reader.as_mut(), buffer, MAX_LINE) {
            Ok(cut) => {
                self.line = self.ends + cut.lines_before + 1;
                self.ends += cut.lines_before + cut.lines_within;
                Ok(cut.taken)
            }
            Err(CutError::Io(error)) => Err(Error::io(&self.path, error)),
            Err(CutError::TooLong) => Err(self.error(LineError::TooLong(MAX_LINE))),
            Err(CutError::Unclosed) => {
                let what = "the JSON array has no end: the file was cut short; write it again";
                self.line = self.ends + 1;
                Err(self.error(LineError::Json(what.to_owned())))
            }
        }
    }

    /// An error in the line read last.
    pub fn error(&self, error: LineError) -> Error {
        Error::line(&self.path, self.line, error)
    }
}

/// What a decompressor gives, which must be no archive either.
fn decompressed(
    name: &Path,
    reader: impl Read + Send + 'static,
) -> Result<Box<dyn BufRead + Send>> {
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    check_head(name, reader.fill_buf().map_err(|error| Error::io(name, error))?)?;
    Ok(Box::new(reader))
}

fn check_head(name: &Path, head: &[u8]) -> Result<()> {
    match Foreign::of(&head[..head.len().min(HEAD)]) {
        Some(foreign) => Err(Error::Foreign { path: name.to_owned(), foreign }),
        None => Ok(()),
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn lines(bytes: &[u8]) -> Vec<(u64, String)> {
        let mut source =
            Source::from_reader(Path::new("test"), io::Cursor::new(bytes.to_vec())).unwrap();
        let mut buffer = Vec::new();
        let mut all = Vec::new();
        while let Some(line) = source.next_line(&mut buffer).unwrap() {
            all.push((line.number, line.text().unwrap().to_owned()));
        }
        all
    }

    const TEXT: &[u8] = b"\xef\xbb\xbfone\r\n\n  \ntwo\nthree";

    fn expected() -> Vec<(u64, String)> {
        [(1, "one"), (4, "two"), (5, "three")].map(|(n, s)| (n, s.to_owned())).to_vec()
    }

    #[test]
    fn lines_keep_their_numbers() {
        assert_eq!(lines(TEXT), expected());
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn compressed_files_are_known_by_their_first_bytes() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&TEXT[..9]).unwrap();
        let mut members = gzip.finish().unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&TEXT[9..]).unwrap();
        members.extend(gzip.finish().unwrap());
        assert_eq!(lines(&members), expected());
        assert_eq!(lines(&zstd::encode_all(TEXT, 1).unwrap()), expected());
    }

    #[test]
    fn batches_hold_the_same_lines() {
        let mut source = Source::from_reader(Path::new("test"), TEXT).unwrap();
        let mut all = Vec::new();
        while let Some(batch) = source.next_batch(4).unwrap() {
            for i in 0..batch.len() {
                let line = batch.get(i);
                all.push((line.number, line.text().unwrap().to_owned()));
            }
        }
        assert_eq!(all, expected());
    }

    #[test]
    fn peek_consumes_only_blanks() {
        let mut source = Source::from_reader(Path::new("test"), &b"\n \n{\"id\""[..]).unwrap();
        assert_eq!(source.peek().unwrap(), Some(b'{'));
        let mut buffer = Vec::new();
        let line = source.next_line(&mut buffer).unwrap().unwrap();
        assert_eq!((line.number, line.text().unwrap()), (3, "{\"id\""));
        assert_eq!(source.peek().unwrap(), None);
    }

    #[test]
    fn a_head_is_looked_at_and_not_consumed() {
        // Bytes that arrive two at a time.
        struct Slow(&'static [u8]);
        impl Read for Slow {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let (now, later) = self.0.split_at(self.0.len().min(2));
                buffer[..now.len()].copy_from_slice(now);
                self.0 = later;
                Ok(now.len())
            }
        }
        let mut source = Source::from_reader(Path::new("test"), Slow(b"one\ntwo")).unwrap();
        for (most, head) in [(2, &b"on"[..]), (5, b"one\nt"), (100, b"one\ntwo")] {
            assert_eq!(source.head(most).unwrap(), head);
        }
        let mut buffer = Vec::new();
        assert_eq!(source.next_line(&mut buffer).unwrap().unwrap().bytes, b"one");
        assert_eq!(source.head(9).unwrap(), b"two");
    }

    #[test]
    fn counts_lines_of_files_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        std::fs::write(&path, TEXT).unwrap();
        assert_eq!(Source::count_lines(&path).unwrap(), Some(3));
        assert_eq!(Source::count_lines(Path::new("-")).unwrap(), None);
    }

    #[test]
    fn broken_compression_is_an_error() {
        let mut short = zstd::encode_all(&[b'x'; 10_000][..], 1).unwrap();
        short.truncate(short.len() - 2);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(TEXT).unwrap();
        let mut followed = gzip.finish().unwrap();
        followed.extend(b"\0\0and more");
        for broken in [short, followed] {
            let source = Source::from_reader(Path::new("test"), io::Cursor::new(broken));
            let read = source.and_then(|mut source| {
                while source.next_line(&mut Vec::new())?.is_some() {}
                Ok(())
            });
            assert!(matches!(read, Err(Error::Io { .. })), "{read:?}");
        }
    }

    #[test]
    fn zeros_after_gzip_are_padding() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(TEXT).unwrap();
        let mut padded = gzip.finish().unwrap();
        padded.resize(padded.len() + 1000, 0);
        assert_eq!(lines(&padded), expected());
    }

    #[test]
    fn archives_inside_compression_are_refused() {
        let mut tar = vec![0; 1024];
        tar[257..262].copy_from_slice(b"ustar");
        for packed in [tar.clone(), zstd::encode_all(tar.as_slice(), 1).unwrap()] {
            let source = Source::from_reader(Path::new("test"), io::Cursor::new(packed));
            assert!(matches!(source, Err(Error::Foreign { .. })), "{source:?}");
        }
    }
}
