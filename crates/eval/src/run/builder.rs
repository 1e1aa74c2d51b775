//! From hits in any order to rankings.

use std::collections::BTreeMap;

use super::precision::ScorePrecision;
use super::rank_column::{Order, check_ranks, order_of};
use super::ranking::{Hit, Ranking};
use super::read_hit::{Fault, ReadHit};
use super::record::{Record, RunFormat};
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
    hits: Vec<ReadHit>,
}

/// The tag and the rankings of all topics.
pub(super) struct Topics {
    pub(super) tag: Option<String>,
    pub(super) topics: BTreeMap<String, Ranking>,
    /// The topics in the order in which they were first seen.
    pub(super) sequence: Vec<String>,
    /// How the ranks of TREC's format agree with the scores, over all topics.
    pub(super) order: Order,
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
        let hit = Hit { start, end: topic.docnos.len(), score };
        topic.hits.push(ReadHit { hit, rank: record.rank, line });
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

    /// Ranks every topic, or names the first line that does not fit the others: it ranks a document
    /// again, or has a third column that is no rank. `format` is that of the file, if the hits come
    /// from one.
    pub(super) fn finish(
        mut self,
        format: Option<RunFormat>,
    ) -> std::result::Result<Topics, Fault> {
        let mut topics = BTreeMap::new();
        let mut sequence = vec![String::new(); self.topics.len()];
        let mut order = Order::default();
        let mut first: Option<Fault> = None;
        for (qid, number) in self.numbers {
            sequence[number].clone_from(&qid);
            match std::mem::take(&mut self.topics[number]).rank(&qid, format) {
                Ok((ranking, of_topic)) => {
                    order = order.with(of_topic);
                    topics.insert(qid, ranking);
                }
                Err(later) if first.as_ref().is_some_and(|first| first.line <= later.line) => {}
                Err(earlier) => first = Some(earlier),
            }
        }
        match first {
            Some(fault) => Err(fault),
            None => Ok(Topics { tag: self.tag, topics, sequence, order }),
        }
    }
}

impl Unsorted {
    fn rank(
        mut self,
        qid: &str,
        format: Option<RunFormat>,
    ) -> std::result::Result<(Ranking, Order), Fault> {
        let docno = |hit: &ReadHit| &self.docnos[hit.hit.start..hit.hit.end];
        self.hits.sort_by(|a, b| docno(b).cmp(docno(a)).then(a.line.cmp(&b.line)));
        let again = self.hits.windows(2).filter(|pair| docno(&pair[0]) == docno(&pair[1]));
        if let Some(hit) = again.map(|pair| pair[1]).min_by_key(|hit| hit.line) {
            let error =
                RecordError::Duplicate { qid: qid.to_owned(), docno: docno(&hit).to_owned() };
            return Err(Fault { line: hit.line, error });
        }
        // Docnos fall already, and this sort is stable.
        self.hits.sort_by(|a, b| b.score().total_cmp(&a.score()));
        let order = match format {
            Some(RunFormat::MsMarco) => {
                check_ranks(qid, &self.hits)?;
                Order::default()
            }
            Some(RunFormat::Trec) => order_of(&self.hits),
            None => Order::default(),
        };
        let hits = self.hits.into_iter().map(|hit| hit.hit).collect();
        Ok((Ranking { hits, docnos: self.docnos }, order))
    }
}
