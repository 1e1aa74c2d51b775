//! Judgments in columns.

use std::borrow::Cow;

use super::grade;
use super::judgment::Judgment;
use super::names::{Role, role};
use crate::columns::{columns, wrong_columns};
use crate::error::RecordError;

const TREC: &str = "qid iter docno grade";

/// Which column holds what.
pub(super) struct Columns {
    /// A good line, for errors.
    expected: Cow<'static, str>,
    count: usize,
    qid: usize,
    docno: usize,
    grade: usize,
}

impl Columns {
    /// The columns of a file that begins with `line`, and whether that line is a header.
    pub(super) fn detect(line: &str) -> Result<(Self, bool), RecordError> {
        let names: Vec<&str> = line.split_ascii_whitespace().collect();
        let roles: Vec<Option<Role>> =
            names.iter().map(|name| role(name).map(|(role, _)| role)).collect();
        let place = |role| roles.iter().position(|found| *found == Some(role));
        match (place(Role::Qid), place(Role::Docno), place(Role::Grade)) {
            (Some(qid), Some(docno), Some(grade)) if names.len() == 3 => {
                let expected = Cow::Owned(names.join(" "));
                Ok((Self { expected, count: 3, qid, docno, grade }, true))
            }
            (Some(_), Some(_), Some(_)) => Err(RecordError::QrelsHeader),
            _ if names.len() == 3 => {
                Err(RecordError::QrelsNoHeader(line.chars().take(60).collect()))
            }
            _ => Ok((Self::trec(), false)),
        }
    }

    fn trec() -> Self {
        Self { expected: Cow::Borrowed(TREC), count: 4, qid: 0, docno: 2, grade: 3 }
    }

    pub(super) fn parse<'a>(&self, line: &'a str) -> Result<Judgment<'a>, RecordError> {
        let columns = columns(line);
        if columns.len() != self.count {
            return Err(wrong_columns(&self.expected, self.count, line));
        }
        Ok(Judgment {
            qid: Cow::Borrowed(columns[self.qid]),
            docno: Cow::Borrowed(columns[self.docno]),
            grade: grade::parse(columns[self.grade])?,
        })
    }
}
