//! One line of a run file.

use crate::LineError;

const TREC: &str = "qid Q0 docno rank score tag";
const MSMARCO: &str = "qid<TAB>docno<TAB>rank";

/// How a run file is written.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Trec,
    MsMarco,
}

impl Format {
    pub(super) fn detect(first_line: &str) -> Self {
        if first_line.split_ascii_whitespace().count() == 3 { Self::MsMarco } else { Self::Trec }
    }
}

/// What matters in one line.
pub(super) struct Record<'a> {
    pub(super) qid: &'a str,
    pub(super) docno: &'a str,
    pub(super) score: f64,
    pub(super) tag: Option<&'a str>,
}

impl<'a> Record<'a> {
    pub(super) fn parse(format: Format, text: &'a str) -> std::result::Result<Self, LineError> {
        let columns: Vec<&str> = text.split_ascii_whitespace().take(6).collect();
        match (format, &columns[..]) {
            (Format::Trec, &[qid, _, docno, _, score, tag]) => {
                let number = score.parse().ok().filter(|number: &f64| !number.is_nan());
                let score = number.ok_or_else(|| LineError::Score(score.to_owned()))?;
                Ok(Self { qid, docno, score, tag: Some(tag) })
            }
            (Format::MsMarco, &[qid, docno, rank]) => {
                let number = rank.parse().ok().filter(|&number: &u32| number > 0);
                let rank = number.ok_or_else(|| LineError::Rank(rank.to_owned()))?;
                Ok(Self { qid, docno, score: -f64::from(rank), tag: None })
            }
            (Format::Trec, _) => Err(spork_files::LineError::columns(TREC, text).into()),
            (Format::MsMarco, _) => Err(spork_files::LineError::columns(MSMARCO, text).into()),
        }
    }
}
