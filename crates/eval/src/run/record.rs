//! One line of a run file.

use crate::columns::{columns, wrong_columns};
use crate::error::RecordError;

const TREC: &str = "qid Q0 docno rank score tag";
const MSMARCO: &str = "qid<TAB>docno<TAB>rank";

/// The format of a run file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunFormat {
    Trec,
    MsMarco,
}

impl RunFormat {
    pub(super) fn detect(first_line: &str) -> Self {
        if columns(first_line).len() == 3 { Self::MsMarco } else { Self::Trec }
    }
}

/// The columns of a line that matter.
pub(super) struct Record<'a> {
    pub(super) qid: &'a str,
    pub(super) docno: &'a str,
    pub(super) score: f64,
    /// The rank as the line says it; `None` for a hit that comes from no file.
    pub(super) rank: Option<f64>,
    pub(super) tag: Option<&'a str>,
}

impl<'a> Record<'a> {
    pub(super) fn parse(format: RunFormat, text: &'a str) -> Result<Self, RecordError> {
        match format {
            RunFormat::Trec => Self::parse_trec(text),
            RunFormat::MsMarco => Self::parse_msmarco(text),
        }
    }

    /// Neither a word for a rank nor a number for a tag is let pass, although neither counts: they
    /// show that the columns are not what they are read as.
    fn parse_trec(text: &'a str) -> Result<Self, RecordError> {
        let columns = columns(text);
        let [qid, _, docno, rank, score, tag, ref rest @ ..] = columns[..] else {
            return Err(match columns[..] {
                [_, _, a, b] if is_number(a) && is_number(b) => RecordError::FourColumns,
                _ => wrong_columns(TREC, 6, text),
            });
        };
        let number = rank.parse().ok().filter(|number: &f64| number.fract() == 0.0);
        let rank = Some(number.ok_or_else(|| no_number(rank, RecordError::RankColumn))?);
        if !rest.is_empty() && is_number(tag) {
            return Err(RecordError::TagColumn(tag.to_owned()));
        }
        let number = score.parse().ok().filter(|number: &f64| !number.is_nan());
        let score = number.ok_or_else(|| RecordError::Score(score.to_owned()))?;
        Ok(Self { qid, docno, score, rank, tag: Some(tag) })
    }

    fn parse_msmarco(text: &'a str) -> Result<Self, RecordError> {
        let columns = columns(text);
        let [qid, docno, rank] = columns[..] else {
            return Err(wrong_columns(MSMARCO, 3, text));
        };
        let number: Option<u32> = rank.parse().ok();
        let rank = f64::from(number.ok_or_else(|| no_number(rank, RecordError::Rank))?);
        Ok(Self { qid, docno, score: -rank, rank: Some(rank), tag: None })
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// The error of a `rank` that is no number: `error`, unless the line names its columns.
fn no_number(rank: &str, error: fn(String) -> RecordError) -> RecordError {
    let is_name = ["rank", "score"].iter().any(|name| rank.eq_ignore_ascii_case(name));
    if is_name { RecordError::RunHeader } else { error(rank.to_owned()) }
}
