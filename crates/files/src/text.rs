//! One text a line: collections (BEIR `corpus.jsonl`, MS MARCO `pid<TAB>text`) and topics (BEIR
//! `queries.jsonl`, `qid<TAB>text`).

use std::borrow::Cow;

use serde::Deserialize;

use crate::error::{LineError, Result, check_id};
use crate::json::{self, Id, Text};
use crate::line::Line;
use crate::source::Source;

/// The format of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// `{"_id": …, "title"?: …, "text": …}` a line.
    Jsonl,
    /// `id<TAB>text` a line.
    Tsv,
}

impl TextFormat {
    /// Tells the format by the first byte that is no white space.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn detect(source: &mut Source) -> Result<Self> {
        let json = source.peek()?.is_none_or(|byte| byte == b'{');
        Ok(if json { Self::Jsonl } else { Self::Tsv })
    }
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
        let parsed = match format {
            TextFormat::Jsonl => Self::parse_json(text)?,
            TextFormat::Tsv => {
                let (id, text) =
                    text.split_once('\t').ok_or_else(|| LineError::columns("id<TAB>text", text))?;
                Self { id: Cow::Borrowed(id), text: Cow::Borrowed(text.trim()), body: 0 }
            }
        };
        check_id(&parsed.id)?;
        Ok(parsed)
    }

    fn parse_json(text: &'a str) -> std::result::Result<Self, LineError> {
        const EXPECTED: &str = r#"{"_id": …, "title"?: …, "text": …}"#;

        #[derive(Deserialize)]
        struct Record<'a> {
            #[serde(borrow, rename = "_id", alias = "id")]
            id: Id<'a>,
            #[serde(borrow, default)]
            title: Option<Text<'a>>,
            #[serde(borrow, alias = "contents")]
            text: Text<'a>,
        }

        let record: Record<'a> =
            serde_json::from_str(text).map_err(|error| json::error(EXPECTED, text, &error))?;
        let (text, body) = match record.title {
            Some(Text(title)) if !title.trim().is_empty() => {
                let text = format!("{} {}", title, record.text.0).trim().to_owned();
                let body = text.len() - record.text.0.trim().len();
                (Cow::Owned(text), body)
            }
            _ => match record.text.0 {
                Cow::Borrowed(text) => (Cow::Borrowed(text.trim()), 0),
                Cow::Owned(text) => (Cow::Owned(text.trim().to_owned()), 0),
            },
        };
        Ok(Self { id: record.id.0, text, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
            assert_eq!(parse(TextFormat::Jsonl, line), expected);
        }
        assert_eq!(parse(TextFormat::Tsv, "7\ta\tb "), good("7", "a\tb"));
        assert_eq!(parse(TextFormat::Tsv, "7\t"), good("7", ""));
    }

    #[test]
    fn the_body_begins_after_the_title() {
        for (line, body) in [
            (r#"{"_id": "1", "title": " A ", "text": " b c "}"#, "b c"),
            (r#"{"_id": "1", "title": "A", "text": ""}"#, ""),
            (r#"{"_id": "1", "text": " b c"}"#, "b c"),
        ] {
            let parsed =
                TextLine::parse(TextFormat::Jsonl, Line { number: 1, bytes: line.as_bytes() })
                    .unwrap();
            assert_eq!(&parsed.text[parsed.body..], body, "{line}");
        }
    }

    #[test]
    fn every_bad_line_is_named() {
        for (format, line, says) in [
            (TextFormat::Jsonl, r#"{"_id": "1"}"#, "missing field `text`"),
            (TextFormat::Jsonl, r#"{"text": "b"}"#, "missing field `_id`"),
            (TextFormat::Jsonl, r#"{"_id": [], "text": "b"}"#, "an id"),
            (TextFormat::Tsv, "no tab", "expected id<TAB>text"),
            (TextFormat::Tsv, "\ttext", "empty or holds white space"),
        ] {
            let error = parse(format, line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for format in [TextFormat::Jsonl, TextFormat::Tsv] {
                let _ = TextLine::parse(format, Line { number: 1, bytes: &bytes });
            }
        }
    }
}
