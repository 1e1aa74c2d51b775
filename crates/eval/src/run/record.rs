//! One line of a run file.

use crate::error::RecordError;

const TREC: &str = "qid Q0 docno rank score tag";
const MSMARCO: &str = "qid<TAB>docno<TAB>rank";

/// The format of a run file.
#[derive(Clone, Copy)]
pub(super) enum RunFormat {
    Trec,
    MsMarco,
}

impl RunFormat {
    pub(super) fn detect(first_line: &str) -> Self {
        if first_line.split_ascii_whitespace().count() == 3 { Self::MsMarco } else { Self::Trec }
    }
}

/// The columns of a line that matter.
pub(super) struct Record<'a> {
    pub(super) qid: &'a str,
    pub(super) docno: &'a str,
    pub(super) score: f64,
    pub(super) tag: Option<&'a str>,
}

impl<'a> Record<'a> {
    pub(super) fn parse(
        format: RunFormat,
        text: &'a str,
    ) -> std::result::Result<Self, RecordError> {
        let columns: Vec<&str> = text.split_ascii_whitespace().take(6).collect();
        match (format, &columns[..]) {
            (RunFormat::Trec, &[qid, _, docno, _, score, tag]) => {
                let number = score.parse().ok().filter(|number: &f64| !number.is_nan());
                let score = number.ok_or_else(|| RecordError::Score(score.to_owned()))?;
                Ok(Self { qid, docno, score, tag: Some(tag) })
            }
            (RunFormat::MsMarco, &[qid, docno, rank]) => {
                let number = rank.parse().ok().filter(|&number: &u32| number > 0);
                let rank = number.ok_or_else(|| RecordError::Rank(rank.to_owned()))?;
                Ok(Self { qid, docno, score: -f64::from(rank), tag: None })
            }
            (RunFormat::Trec, _) => Err(spork_files::LineError::columns(TREC, text).into()),
            (RunFormat::MsMarco, _) => Err(spork_files::LineError::columns(MSMARCO, text).into()),
        }
    }
}
