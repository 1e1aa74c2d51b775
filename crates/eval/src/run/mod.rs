//! Runs: the ranked documents of each topic, in the order in which evaluators see them.

mod builder;
mod precision;
mod rank_column;
mod ranking;
mod read_hit;
mod record;

use std::collections::BTreeMap;

use spork_files::Source;

use crate::error::{Error, RecordError, Result};
use builder::{Builder, Topics};
use read_hit::Fault;
use record::{Record, RunFormat};

pub use precision::ScorePrecision;
pub use ranking::Ranking;

/// Rankings of all topics, in qid order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    tag: Option<String>,
    topics: BTreeMap<String, Ranking>,
    /// The topics in the order of their first hits.
    sequence: Vec<String>,
    has_scores: bool,
}

impl Run {
    /// Reads `qid Q0 docno rank score tag` a line (the rank does not count, nor does anything after
    /// the tag), or MS MARCO's `qid docno rank`, told apart by the first line's columns; the score
    /// is then minus the rank. Lines that start with `#` are comments.
    ///
    /// A third of three columns that may be a score is refused: it must count the documents of each
    /// topic, 1 to n, and not from the last line up. Ranks and scores of TREC's format that
    /// contradict each other in all topics are warned of.
    ///
    /// # Errors
    /// The file can't be read, a line is not of that shape, or it ranks a document for the second
    /// time.
    pub fn read(source: &mut Source) -> Result<Self> {
        Self::read_as(source, ScorePrecision::default())
    }

    /// Reads a run as [`read`](Self::read) does, with scores of the given precision.
    ///
    /// # Errors
    /// The file can't be read, a line is not of that shape, or it ranks a document for the second
    /// time.
    pub fn read_as(source: &mut Source, precision: ScorePrecision) -> Result<Self> {
        let mut builder = Builder::new(precision);
        let mut format = None;
        let mut buffer = Vec::new();
        while let Some(line) = source.next_line(&mut buffer)? {
            let fail = |error| Error::line(source.path(), line.number, error);
            let text = line.text().map_err(|error| fail(error.into()))?;
            if text.trim_ascii_start().starts_with('#') {
                continue;
            }
            let format = *format.get_or_insert_with(|| RunFormat::detect(text));
            let record = Record::parse(format, text).map_err(fail)?;
            builder.add(line.number, &record);
        }
        let in_file = |fault: Fault| Error::line(source.path(), fault.line, fault.error);
        let topics = builder.finish(format).map_err(in_file)?;
        if let Some(contradiction) = topics.order.contradiction() {
            tracing::warn!("{}: {contradiction}", source.path().display());
        }
        let has_scores = format != Some(RunFormat::MsMarco);
        Ok(Self { has_scores, ..Self::of(topics) })
    }

    /// A run that is in memory already: qid, docno, score. Equals what [`read`](Self::read) would
    /// make of it.
    ///
    /// # Errors
    /// A score is not a number, or a document is ranked twice for one topic.
    pub fn from_hits<'a>(
        hits: impl IntoIterator<Item = (&'a str, &'a str, f64)>,
    ) -> std::result::Result<Self, RecordError> {
        let mut builder = Builder::new(ScorePrecision::default());
        for (qid, docno, score) in hits {
            if score.is_nan() {
                return Err(RecordError::Score(score.to_string()));
            }
            builder.add(0, &Record { qid, docno, score, rank: None, tag: None });
        }
        Ok(Self::of(builder.finish(None).map_err(|fault| fault.error)?))
    }

    fn of(Topics { tag, topics, sequence, .. }: Topics) -> Self {
        Self { tag, topics, sequence, has_scores: true }
    }

    /// Whether scores are those of the system that made the run, rather than minus the rank.
    pub fn has_scores(&self) -> bool {
        self.has_scores
    }

    /// Leaves out hits whose docno is their qid, and says how many they were: where topics are
    /// documents themselves, as in ArguAna and Quora, each finds itself first. A topic whose only
    /// hit it was remains, without any.
    pub fn exclude_same_ids(&mut self) -> usize {
        self.topics.iter_mut().map(|(qid, ranking)| usize::from(ranking.remove(qid))).sum()
    }

    /// The run's name as its first line says; MS MARCO's format has none.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Number of topics.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether the run has no topic.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Topics with their rankings, in qid order.
    pub fn topics(&self) -> impl Iterator<Item = (&str, &Ranking)> {
        self.topics.iter().map(|(qid, ranking)| (qid.as_str(), ranking))
    }

    /// Qids in the order in which the file has them.
    pub(crate) fn sequence(&self) -> &[String] {
        &self.sequence
    }

    /// The ranking of one topic.
    pub fn topic(&self, qid: &str) -> Option<&Ranking> {
        self.topics.get(qid)
    }
}

#[cfg(test)]
mod tests;
