//! From hits in any order to rankings.

use std::collections::BTreeMap;

use super::precision::ScorePrecision;
use super::ranking::{Hit, Ranking};
use super::record::Record;
use crate::error::RecordError;

/// Collects hits in any order; the order of ranks is made at the end.
pub(super) struct Builder {
    precision: ScorePrecision,
    tag: Option<String>,
    numbers: BTreeMap<String, usize>,
    topics: Vec<Unsorted>,
    /// The topic of the hit before: hits of one topic mostly follow each other.
    last: Option<(String, usize)>,
}

#[derive(Default)]
struct Unsorted {
    docnos: String,
    /// Hits with the line each came from.
    hits: Vec<(Hit, u64)>,
}

/// The tag and the rankings of all topics.
pub(super) struct Topics {
    pub(super) tag: Option<String>,
    pub(super) topics: BTreeMap<String, Ranking>,
}

/// A document's second line in one topic.
pub(super) struct Duplicate {
    pub(super) line: u64,
    pub(super) error: RecordError,
}

impl Builder {
    pub(super) fn new(precision: ScorePrecision) -> Self {
        Self { precision, tag: None, numbers: BTreeMap::new(), topics: Vec::new(), last: None }
    }

    pub(super) fn add(&mut self, line: u64, record: &Record<'_>) {
        if self.tag.is_none() {
            self.tag = record.tag.map(str::to_owned);
        }
        let score = self.precision.round(record.score);
        let number = self.topic(record.qid);
        let topic = &mut self.topics[number];
        let start = topic.docnos.len();
        topic.docnos.push_str(record.docno);
        topic.hits.push((Hit { start, end: topic.docnos.len(), score }, line));
    }

    fn topic(&mut self, qid: &str) -> usize {
        if let Some((last, number)) = &self.last
            && last == qid
        {
            return *number;
        }
        let number = *self.numbers.entry(qid.to_owned()).or_insert(self.topics.len());
        if number == self.topics.len() {
            self.topics.push(Unsorted::default());
        }
        self.last = Some((qid.to_owned(), number));
        number
    }

    /// Ranks every topic, or names the first line that ranks a document again.
    pub(super) fn finish(mut self) -> std::result::Result<Topics, Duplicate> {
        let mut topics = BTreeMap::new();
        let mut first: Option<Duplicate> = None;
        for (qid, number) in self.numbers {
            match std::mem::take(&mut self.topics[number]).rank(&qid) {
                Ok(ranking) => drop(topics.insert(qid, ranking)),
                Err(later) if first.as_ref().is_some_and(|first| first.line <= later.line) => {}
                Err(earlier) => first = Some(earlier),
            }
        }
        match first {
            Some(duplicate) => Err(duplicate),
            None => Ok(Topics { tag: self.tag, topics }),
        }
    }
}

impl Unsorted {
    fn rank(mut self, qid: &str) -> std::result::Result<Ranking, Duplicate> {
        let docno = |hit: &Hit| &self.docnos[hit.start..hit.end];
        self.hits
            .sort_by(|(a, line_a), (b, line_b)| docno(b).cmp(docno(a)).then(line_a.cmp(line_b)));
        let again = self.hits.windows(2).filter(|pair| docno(&pair[0].0) == docno(&pair[1].0));
        if let Some((hit, line)) = again.map(|pair| pair[1]).min_by_key(|(_, line)| *line) {
            let error =
                RecordError::Duplicate { qid: qid.to_owned(), docno: docno(&hit).to_owned() };
            return Err(Duplicate { line, error });
        }
        // Docnos fall already, and this sort is stable.
        self.hits.sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score));
        Ok(Ranking {
            hits: self.hits.into_iter().map(|(hit, _)| hit).collect(),
            docnos: self.docnos,
        })
    }
}
