//! Relevance judgments: which grade a document has for a topic.

mod columns;
mod grade;
mod json;
mod judgment;
mod names;

use std::collections::BTreeMap;

use spork_files::Source;

use crate::error::{Error, RecordError, Result};
use columns::Columns;
use judgment::Judgment;

/// Judgments of all topics, in qid order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qrels {
    topics: BTreeMap<String, Judgments>,
}

/// Judgments of one topic.
///
/// A negative grade means that the document was in the pool but nobody judged it: as in trec_eval
/// it counts neither as relevant nor as non-relevant, and has no gain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgments {
    grades: BTreeMap<String, i32>,
}

/// What a file's lines are, as its first one says.
enum Format {
    Columns(Columns),
    Json,
}

impl Qrels {
    /// Reads judgments of any of these forms; the first line decides which it is.
    ///
    /// - TREC's `qid iter docno grade`, without a header;
    /// - BEIR's `query-id corpus-id score` below a line with these names, or with others that are
    ///   in use (`qid docno rel`, `query_id doc_id relevance`), in any order;
    /// - JSON, an object with such names a line, as data sets of the Hugging Face Hub have it.
    ///
    /// Columns are set apart by tabs or blanks. Grades are integers; 1.0 is read as 1. Lines that
    /// start with `#` are comments.
    ///
    /// # Errors
    /// The file can't be read, a line is not of that form, or it judges a document for the second
    /// time. Three columns without a header are refused: a run has as many.
    pub fn read(source: &mut Source) -> Result<Self> {
        let mut qrels = Self::default();
        let mut format = None;
        let mut buffer = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let fail = |error| Error::line(source.path(), line.number, error);
            let text = line.text().map_err(|error| fail(error.into()))?;
            if text.starts_with('#') {
                continue;
            }
            let format = match &format {
                Some(format) => format,
                None => {
                    let (found, is_header) = Format::detect(text).map_err(fail)?;
                    let found = format.insert(found);
                    if is_header {
                        continue;
                    }
                    found
                }
            };
            let judgment = match format {
                Format::Columns(columns) => columns.parse(text),
                Format::Json => json::parse(text),
            };
            let Judgment { qid, docno, grade } = judgment.map_err(fail)?;
            qrels.insert(&qid, &docno, grade).map_err(fail)?;
        }
        Ok(qrels)
    }

    /// Judgments that are in memory already: qid, docno, grade.
    ///
    /// # Errors
    /// A document is judged twice for one topic.
    pub fn from_judgments<'a>(
        judgments: impl IntoIterator<Item = (&'a str, &'a str, i32)>,
    ) -> std::result::Result<Self, RecordError> {
        let mut qrels = Self::default();
        for (qid, docno, grade) in judgments {
            qrels.insert(qid, docno, grade)?;
        }
        Ok(qrels)
    }

    /// Number of topics.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether nothing is judged.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Topics with their judgments, in qid order.
    pub fn topics(&self) -> impl Iterator<Item = (&str, &Judgments)> {
        self.topics.iter().map(|(qid, judgments)| (qid.as_str(), judgments))
    }

    /// The judgments of one topic.
    pub fn topic(&self, qid: &str) -> Option<&Judgments> {
        self.topics.get(qid)
    }

    fn insert(
        &mut self,
        qid: &str,
        docno: &str,
        grade: i32,
    ) -> std::result::Result<(), RecordError> {
        let judgments = self.topics.entry(qid.to_owned()).or_default();
        if judgments.grades.insert(docno.to_owned(), grade).is_some() {
            return Err(RecordError::Duplicate { qid: qid.to_owned(), docno: docno.to_owned() });
        }
        Ok(())
    }
}

impl Judgments {
    /// A document's grade, negative grades included; `None` where it was not in the pool.
    pub fn grade(&self, docno: &str) -> Option<i32> {
        self.grades.get(docno).copied()
    }

    /// Documents with their grades, in docno order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i32)> {
        self.grades.iter().map(|(docno, &grade)| (docno.as_str(), grade))
    }
}

impl Format {
    /// The format of a file that begins with `line`, and whether that line is only its header.
    fn detect(line: &str) -> std::result::Result<(Self, bool), RecordError> {
        let start = line.trim_ascii_start();
        if start.starts_with('{') {
            return Ok((Self::Json, false));
        }
        if start.starts_with('[') {
            return Err(RecordError::JsonArray);
        }
        let (columns, is_header) = Columns::detect(line)?;
        Ok((Self::Columns(columns), is_header))
    }
}

#[cfg(test)]
mod tests;
