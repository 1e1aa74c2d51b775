//! Posting lists: rows of a matrix whose columns are documents.

use std::io::BufRead;

use super::message::{Stream, Unreadable, Value};
use crate::error::Error;
use crate::scratch::RowWriter;

/// No term is longer.
const LONGEST_TERM: u64 = 1 << 20;
/// Larger integers are not all 32-bit floats.
const LARGEST_EXACT: u64 = 1 << 24;

/// What was met in lists beside their postings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Remarks {
    /// Postings of zero, which were left out.
    pub(super) zeros: u64,
    /// Numbers that a 32-bit float rounds.
    pub(super) rounded: u64,
    /// Lists whose cf is not the sum of their numbers.
    pub(super) other_cf: u64,
}

/// Reads a list into a row; the term, where it has a posting.
pub(super) fn read_list<R: BufRead>(
    stream: &mut Stream<R>,
    documents: u32,
    rows: &mut RowWriter,
    remarks: &mut Remarks,
) -> std::result::Result<Option<String>, ListError> {
    let end = stream.message()?;
    let mut list = List { rows, documents, last: None, postings: 0, kept: 0, sum: 0 };
    let (mut term, mut df, mut cf) = (String::new(), 0, 0);
    while let Some((field, value)) = stream.field(end)? {
        match (field, value) {
            (1, Value::Bytes(length)) => term = stream.text(length, LONGEST_TERM)?,
            (2, Value::Varint(number)) => df = number,
            (3, Value::Varint(number)) => cf = number,
            (4, Value::Bytes(length)) => {
                let end = stream.end_of(length, end)?;
                list.read_posting(stream, end, remarks).map_err(|error| error.of_term(&term))?;
            }
            _ => stream.ignore(4, field, value)?,
        }
    }
    let List { postings, kept, sum, rows, .. } = list;
    if df != postings {
        let fault = format!("df {df}, but {postings} postings; the file is damaged");
        return Err(ListError::from(Unreadable::Content(fault)).of_term(&term));
    }
    remarks.other_cf += u64::from(cf != sum);
    if kept == 0 {
        return Ok(None);
    }
    rows.end_row()?;
    Ok(Some(term))
}

/// A list that can't be read, or can't be written to the temporary file.
pub(super) enum ListError {
    Unreadable(Unreadable),
    Other(Error),
}

impl From<Unreadable> for ListError {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Error> for ListError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl ListError {
    fn of_term(self, term: &str) -> Self {
        let Self::Unreadable(Unreadable::Content(fault)) = self else { return self };
        let term: String = term.chars().take(60).collect();
        Self::Unreadable(Unreadable::Content(format!("term {term:?}: {fault}")))
    }
}

struct List<'r> {
    rows: &'r mut RowWriter,
    documents: u32,
    /// The docid of the posting before.
    last: Option<u64>,
    postings: u64,
    kept: u64,
    sum: u64,
}

impl List<'_> {
    fn read_posting<R: BufRead>(
        &mut self,
        stream: &mut Stream<R>,
        end: u64,
        remarks: &mut Remarks,
    ) -> std::result::Result<(), ListError> {
        let (mut gap, mut number) = (0, 0);
        while let Some((field, value)) = stream.field(end)? {
            match (field, value) {
                (1, Value::Varint(gap_)) => gap = gap_,
                (2, Value::Varint(number_)) => number = number_,
                _ => stream.ignore(2, field, value)?,
            }
        }
        let docid = self.docid(gap)?;
        self.postings += 1;
        if number > i32::MAX as u64 {
            let fault = format!("document {docid} has {}, below zero", number as i64);
            return Err(Unreadable::Content(fault).into());
        }
        if number == 0 {
            remarks.zeros += 1;
            return Ok(());
        }
        self.kept += 1;
        self.sum += number;
        remarks.rounded += u64::from(number > LARGEST_EXACT && number as f32 as u64 != number);
        Ok(self.rows.entry(docid, number as u32)?)
    }

    /// The first posting has its docid, the others the gap to the posting before.
    fn docid(&mut self, gap: u64) -> std::result::Result<u32, ListError> {
        let docid =
            self.last.map_or(Some(gap), |last| if gap == 0 { None } else { last.checked_add(gap) });
        let docid = docid.filter(|&docid| docid < u64::from(self.documents)).ok_or_else(|| {
            Unreadable::Content(match (self.last, gap) {
                (Some(last), 0) => format!("document {last} is there twice"),
                (last, gap) => format!(
                    "a docid {gap} after {}, in a file of {} documents; docids are written as \
                     gaps, the first one absolute",
                    last.unwrap_or(0),
                    self.documents
                ),
            })
        })?;
        self.last = Some(docid);
        Ok(docid as u32)
    }
}

/// The first term that two lists have.
pub(super) fn repeated_term(terms: &[String]) -> Option<&str> {
    // Lists mostly come in the order of their terms.
    if terms.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let mut sorted: Vec<&str> = terms.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Bytes that the terms take.
pub(super) fn memory(terms: &[String]) -> u64 {
    // A string is three words and an allocation.
    terms.iter().map(|term| term.len() as u64 + 40).sum()
}
