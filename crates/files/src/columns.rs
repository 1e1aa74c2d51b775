//! Columns of a file of texts, and the header row that may name them.

use std::borrow::Cow;

use crate::error::LineError;
use crate::record::{Record, is_id_name, is_text_name};

/// Columns of a header that neither identify a text nor are part of it.
const OTHERS: [&str; 16] = [
    "url",
    "lang",
    "language",
    "metadata",
    "category",
    "source",
    "date",
    "timestamp",
    "label",
    "score",
    "spans",
    "answer",
    "answers",
    "num_words",
    "section",
    "domain",
];

/// Which columns are what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// The id, a tab, and the text to the end of the line.
    IdThenText,
    /// As a header row names them, from 0.
    Named {
        /// The column of ids.
        id: usize,
        /// The column of titles, if there is one.
        title: Option<usize>,
        /// The column of texts.
        text: usize,
        /// The number of columns.
        count: usize,
    },
}

/// What the first line of a file of columns is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstLine {
    Record,
    Header(Columns),
    /// A record whose id is a header's word, beside columns of other words.
    Doubtful,
    /// The header of judgments or pairs, which hold no text.
    Judgments,
    /// A header in quotes, as of columns that are quoted throughout.
    Quoted,
}

impl FirstLine {
    pub(crate) fn of(line: &str) -> Self {
        if line.starts_with('"') {
            let plain = Self::of(&line.replace('"', ""));
            return if matches!(plain, Self::Header(_)) { Self::Quoted } else { Self::Record };
        }
        let names: Vec<String> = line
            .split('\t')
            .map(|name| name.trim().trim_start_matches('#').to_lowercase())
            .collect();
        let name = |name: &String| name.replace(' ', "_");
        let names: Vec<String> = names.iter().map(name).collect();
        let place = |fits: &dyn Fn(&str) -> bool| names.iter().position(|name| fits(name));
        let id = place(&is_id_name);
        let text = place(&is_text_name);
        let title = place(&|name| name == "title");
        let known = |name: &String| {
            is_id_name(name)
                || is_text_name(name)
                || name == "title"
                || name == "headings"
                || OTHERS.contains(&name.as_str())
        };
        match (id, text) {
            (Some(id), Some(text)) if names.iter().all(known) => {
                Self::Header(Columns::Named { id, title, text, count: names.len() })
            }
            (Some(_), None) if names.iter().filter(|name| is_id_name(name)).count() > 1 => {
                Self::Judgments
            }
            (Some(0), _) if names.len() > 1 => Self::Doubtful,
            _ => Self::Record,
        }
    }
}

impl Columns {
    /// The record of a line.
    pub(crate) fn parse(self, line: &str) -> Result<Record<'_>, LineError> {
        let record = |id, title, text| Record {
            id: Cow::Borrowed(id),
            title,
            headings: None,
            text: Cow::Borrowed(text),
        };
        let Self::Named { id, title, text, count } = self else {
            let (id, text) = line.split_once('\t').ok_or_else(|| no_tab(line))?;
            return Ok(record(id, None, text));
        };
        // Tabs beyond the last column are part of it where that is the text.
        let columns: Vec<&str> = if text + 1 == count {
            line.splitn(count, '\t').collect()
        } else {
            line.split('\t').collect()
        };
        match columns.as_slice() {
            columns if columns.len() == count => {
                let title = title.map(|place| Cow::Borrowed(columns[place]));
                Ok(record(columns[id], title, columns[text]))
            }
            _ => Err(LineError::columns("as many columns as the header names", line)),
        }
    }
}

/// A line without a tab, with a remedy for what it may be instead.
fn no_tab(line: &str) -> LineError {
    let first = line.split(',').next().unwrap_or_default().trim_matches('"').to_lowercase();
    let expected = if line.contains(',') && (is_id_name(&first) || is_text_name(&first)) {
        "id<TAB>text or JSON; comma-separated values can be converted with python3 -c 'import csv, \
         json, sys; [print(json.dumps(row)) for row in csv.DictReader(sys.stdin)]'"
    } else if line.starts_with('<') {
        "id<TAB>text or JSON; markup is not read"
    } else {
        "id<TAB>text"
    };
    LineError::columns(expected, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: usize, title: Option<usize>, text: usize, count: usize) -> FirstLine {
        FirstLine::Header(Columns::Named { id, title, text, count })
    }

    #[test]
    fn headers_are_told_from_records() {
        for (line, expected) in [
            ("id\ttext\ttitle", named(0, Some(2), 1, 3)),
            ("qid\tquery text", named(0, None, 1, 2)),
            ("ID\tText", named(0, None, 1, 2)),
            ("#query_id\tquery", named(0, None, 1, 2)),
            ("title\tdocid\turl\tbody", named(1, Some(0), 3, 4)),
            ("id\tof a person", FirstLine::Doubtful),
            ("query-id\tcorpus-id\tscore", FirstLine::Judgments),
            ("\"id\"\t\"text\"", FirstLine::Quoted),
            ("\"1\"\t\"text\"", FirstLine::Record),
            ("1\ttext", FirstLine::Record),
            ("text\tid of it", FirstLine::Record),
            ("id", FirstLine::Record),
            ("", FirstLine::Record),
        ] {
            assert_eq!(FirstLine::of(line), expected, "{line}");
        }
    }

    #[test]
    fn named_columns_are_found() {
        fn parts(columns: Columns, line: &str) -> Result<(String, Option<String>, String), String> {
            let record = columns.parse(line).map_err(|error| error.to_string())?;
            Ok((record.id.into(), record.title.map(Cow::into_owned), record.text.into()))
        }
        let psgs = Columns::Named { id: 0, title: Some(2), text: 1, count: 3 };
        let title = Some("T".to_owned());
        assert_eq!(
            parts(psgs, "1\t\"a \"\"b\"\"\"\tT"),
            Ok(("1".into(), title, "\"a \"\"b\"\"\"".into()))
        );
        assert!(parts(psgs, "1\ta").unwrap_err().contains("as the header names"));
        let last = Columns::Named { id: 0, title: None, text: 1, count: 2 };
        assert_eq!(parts(last, "1\ta\tb"), Ok(("1".into(), None, "a\tb".into())));
    }

    #[test]
    fn a_line_without_a_tab_has_its_remedy() {
        for (line, says) in [
            ("id,text", "csv.DictReader"),
            ("<title>x</title>", "markup is not read"),
            ("what is, this", "expected id<TAB>text, got"),
        ] {
            let error = Columns::IdThenText.parse(line).unwrap_err().to_string();
            assert!(error.contains(says), "{line}: {error}");
        }
    }
}
