//! One text a line: collections (BEIR `corpus.jsonl`, MS MARCO `pid<TAB>text`) and topics (BEIR
//! `queries.jsonl`, `qid<TAB>text`), and JSON under the names of other collections.

use std::borrow::Cow;

use crate::columns::{Columns, FirstLine};
use crate::error::{LineError, Result, check_id};
use crate::line::Line;
use crate::record::{Record, id_of};
use crate::source::Source;

/// The format of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// `{"_id": …, "title"?: …, "text": …}`, or the same under other names.
    Json,
    /// Columns, separated by tabs.
    Tsv(Columns),
}

impl TextFormat {
    /// Tells the format by the first line; passes over a header row, with a warning.
    ///
    /// # Errors
    /// The file can't be read, or its lines end as on old Macs.
    pub fn detect(source: &mut Source) -> Result<Self> {
        let json = source.is_json()?;
        let path = source.path().to_owned();
        let first = source.first_line_unless_values()?.unwrap_or_default();
        if ends_in_carriage_returns(first) {
            return Err(source.error(LineError::CarriageReturns));
        }
        if json {
            return Ok(Self::Json);
        }
        let line = String::from_utf8_lossy(first);
        match FirstLine::of(&line) {
            FirstLine::Record => Ok(Self::Tsv(Columns::IdThenText)),
            FirstLine::Judgments => {
                let expected = "id<TAB>text; this is the header of a file of judgments";
                let error = LineError::columns(expected, &line);
                Err(source.error(error))
            }
            FirstLine::Quoted => {
                let expected = "id<TAB>text without quotes; quoted columns can be converted with \
                                python3 -c 'import csv, json, sys; [print(json.dumps(row)) for \
                                row in csv.DictReader(sys.stdin, delimiter=\"\\t\")]'";
                let error = LineError::columns(expected, &line);
                Err(source.error(error))
            }
            FirstLine::Doubtful => {
                let start: String = line.chars().take(60).collect();
                tracing::warn!(
                    "{}: the first line may be a header, and is read as a text: {start:?}",
                    path.display()
                );
                Ok(Self::Tsv(Columns::IdThenText))
            }
            FirstLine::Header(columns) => {
                tracing::warn!(
                    "{}: the first line is a header and no text: {line:?}",
                    path.display()
                );
                source.skip_first_line();
                Ok(Self::Tsv(columns))
            }
        }
    }
}

/// Whether a file's first line holds several, each of them a record.
fn ends_in_carriage_returns(line: &[u8]) -> bool {
    let mut lines = line.split(|&byte| byte == b'\r').filter(|line| !line.trim_ascii().is_empty());
    let first = lines.next().map(record_mark);
    let second = lines.next().map(record_mark);
    matches!((first, second), (Some(Some(a)), Some(Some(b))) if a == b)
}

/// What makes a line a record: its brace, or its tab.
fn record_mark(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii();
    if line.starts_with(b"{") && line.ends_with(b"}") {
        return Some(b'{');
    }
    // A record's id has no white space.
    let id = line.iter().position(u8::is_ascii_whitespace)?;
    (line[id] == b'\t').then_some(b'\t')
}

/// A document or a query as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLine<'a> {
    /// Docno or qid.
    pub id: Cow<'a, str>,
    /// Title and text with a blank between, trimmed.
    pub text: Cow<'a, str>,
    /// Where in `text` the text proper begins, after the title.
    pub body: usize,
}

impl<'a> TextLine<'a> {
    /// Reads one line.
    ///
    /// # Errors
    /// The fault of a line that is not as the format says.
    pub fn parse(format: TextFormat, line: Line<'a>) -> std::result::Result<Self, LineError> {
        let text = line.text()?;
        let record = match format {
            TextFormat::Json => Record::parse(text),
            TextFormat::Tsv(columns) => columns.parse(text),
        };
        let record =
            record.map_err(|error| if text.contains('\0') { LineError::Nul } else { error })?;
        if record.id.contains('\0') {
            return Err(LineError::Nul);
        }
        check_id(&record.id)?;
        Ok(Self::of(record))
    }

    /// The id of a document that is a JSON object, whether it has a text or not.
    ///
    /// # Errors
    /// The fault of a line that has no such id.
    pub fn json_id(line: Line<'a>) -> std::result::Result<Cow<'a, str>, LineError> {
        let text = line.text()?;
        let id = id_of(text)
            .map_err(|error| if text.contains('\0') { LineError::Nul } else { error })?;
        check_id(&id)?;
        Ok(id)
    }

    fn of(record: Record<'a>) -> Self {
        let Record { id, title, headings, text } = record;
        let title = title.filter(|title| !title.trim().is_empty());
        let headings = headings.filter(|headings| !headings.trim().is_empty());
        let before: Vec<Cow<'a, str>> = [title, headings].into_iter().flatten().collect();
        if before.is_empty() {
            let text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            };
            return Self { id, text, body: 0 };
        }
        let whole = format!("{} {text}", before.join(" ")).trim().to_owned();
        let body = whole.len() - text.trim().len();
        Self { id, text: Cow::Owned(whole), body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use proptest::prelude::*;
    use std::io::Cursor;
    use std::path::Path;

    const TSV: TextFormat = TextFormat::Tsv(Columns::IdThenText);

    /// All texts of a file, each with its line's number, or the first error.
    fn read(bytes: &[u8]) -> std::result::Result<Vec<(u64, String, String)>, String> {
        let mut source = Source::from_reader(Path::new("file"), Cursor::new(bytes.to_vec()))
            .map_err(|error| error.to_string())?;
        let format = TextFormat::detect(&mut source).map_err(|error| error.to_string())?;
        let (mut all, mut buffer) = (Vec::new(), Vec::new());
        while let Some(line) = source.next_line(&mut buffer).map_err(|error| error.to_string())? {
            let text = TextLine::parse(format, line)
                .map_err(|error| Error::line(Path::new("file"), line.number, error).to_string())?;
            all.push((line.number, text.id.into_owned(), text.text.into_owned()));
        }
        Ok(all)
    }

    #[test]
    fn files_of_every_shape_are_read() {
        let two = |first: u64, second: u64| {
            Ok(vec![(first, "d1".into(), "a b".into()), (second, "d2".into(), "c".into())])
        };
        for (file, expected) in [
            ("d1\ta b\nd2\tc\n", two(1, 2)),
            ("\u{feff}d1\ta b\r\n\r\n\u{feff}d2\tc", two(1, 3)),
            ("id\ttext\nd1\ta b\nd2\tc\n", two(2, 3)),
            ("\nid\ttext\ttitle\nd1\tb\ta\nd2\tc\t\n", two(3, 4)),
            ("{\"_id\": \"d1\", \"text\": \"a b\"}\n{\"_id\": \"d2\", \"text\": \"c\"}", two(1, 2)),
            (
                "[{\"_id\": \"d1\", \"text\": \"a b\"}, {\"_id\": \"d2\", \"text\": \"c\"}]",
                two(1, 1),
            ),
            (
                "\u{feff}[\n{\"id\": \"d1\",\n\"contents\": \"a b\"},\n{\"id\": \"d2\", \"text\": \"c\"}\n]\n",
                two(2, 4),
            ),
            (
                "\u{feff}{\n \"_id\": \"d1\",\n \"text\": \"a b\"\n}\n{\n \"_id\": \"d2\",\n \"text\": \"c\"\n}\n",
                two(1, 5),
            ),
            ("", Ok(vec![])),
            ("[]", Ok(vec![])),
            ("id\ttext\n", Ok(vec![])),
        ] {
            assert_eq!(read(file.as_bytes()), expected, "{file:?}");
        }
    }

    #[test]
    fn files_of_other_kinds_are_named() {
        for (file, says) in [
            (
                &b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"[..],
                "git lfs pull",
            ),
            (b"<!DOCTYPE html><html>", "web page"),
            (b"d1\ta\rd2\tb\r", "file:1: its lines end in carriage returns alone"),
            (
                b"{\"_id\": \"1\", \"text\": \"a\"}\r{\"_id\": \"2\", \"text\": \"b\"}\r",
                "carriage returns",
            ),
            (b"d1\ta\n\0\0\0\0", "file:2: holds NUL bytes"),
            (b"{\"_id\": \"1\", \"text\": \"a\"}\n\0\0\0", "file:2: holds NUL bytes"),
            (b"d\x001\0\t\0a\0\n\0", "file:1: holds NUL bytes"),
            (b"id,text\n1,a\n", "csv.DictReader"),
            (b"\"id\"\t\"text\"\n\"1\"\t\"a\"\n", "without quotes"),
            (b"query-id\tcorpus-id\tscore\n", "file of judgments"),
            (b"{\"_id\": \"1\", \"text\": \"a\"},\n", "one object a line"),
            (b"[{\"_id\": \"1\", \"text\": \"a\"},", "file:1: the JSON array has no end"),
            (b"[{\"_id\": \"1\", \"text\": \"a\"},\n{\"_id\": \"2\", \"te", "file:2: column"),
        ] {
            let error = read(file).unwrap_err();
            assert!(error.contains(says), "{says}: {error}");
        }
        // A carriage return inside a text is white space.
        let expected = Ok(vec![(1, "d1".to_owned(), "a\rb c".to_owned())]);
        assert_eq!(read(b"d1\ta\rb c\n"), expected);
    }

    fn parse(format: TextFormat, line: &str) -> std::result::Result<(String, String), String> {
        TextLine::parse(format, Line { number: 1, bytes: line.as_bytes() })
            .map(|line| (line.id.into_owned(), line.text.into_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn reads_both_formats() {
        let good = |id: &str, text: &str| Ok((id.to_owned(), text.to_owned()));
        for (line, expected) in [
            (r#"{"_id": "1", "title": "A", "text": "b c", "metadata": {}}"#, good("1", "A b c")),
            (r#"{"_id": "1", "title": "", "text": " b\n"}"#, good("1", "b")),
            (r#"{"_id": "1", "title": null, "text": "b"}"#, good("1", "b")),
            (r#"{"_id": "1", "title": "A", "text": ""}"#, good("1", "A")),
            (r#"{"id": 12, "contents": "b"}"#, good("12", "b")),
        ] {
            assert_eq!(parse(TextFormat::Json, line), expected);
        }
        assert_eq!(parse(TSV, "7\ta\tb "), good("7", "a\tb"));
        assert_eq!(parse(TSV, "7\t"), good("7", ""));
    }

    #[test]
    fn the_body_begins_after_the_title() {
        for (line, body) in [
            (r#"{"_id": "1", "title": " A ", "text": " b c "}"#, "b c"),
            (r#"{"_id": "1", "title": "A", "text": ""}"#, ""),
            (r#"{"_id": "1", "text": " b c"}"#, "b c"),
        ] {
            let parsed =
                TextLine::parse(TextFormat::Json, Line { number: 1, bytes: line.as_bytes() })
                    .unwrap();
            assert_eq!(&parsed.text[parsed.body..], body, "{line}");
        }
    }

    #[test]
    fn every_bad_line_is_named() {
        for (format, line, says) in [
            (TextFormat::Json, r#"{"_id": "1"}"#, "no `text`"),
            (TextFormat::Json, r#"{"text": "b"}"#, "no `_id`"),
            (TextFormat::Json, r#"{"_id": [], "text": "b"}"#, "`_id` is a list"),
            (TSV, "no tab", "expected id<TAB>text"),
            (TSV, "\ttext", "empty or holds white space"),
        ] {
            let error = parse(format, line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for format in [TextFormat::Json, TSV] {
                let _ = TextLine::parse(format, Line { number: 1, bytes: &bytes });
            }
        }
    }
}
