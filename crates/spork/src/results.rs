//! What searches find.

use std::io::Write;

use spork_eval::{Run, WriteError, write_trec};

use crate::Result;
use crate::trec_scores::TrecScores;

/// A ranked document.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its external id.
    pub docno: String,
    /// Σ query weight × document weight, as the index holds them: the number that a run file has.
    pub score: f64,
}

/// The answers to a batch of topics, in the topics' order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    topics: Vec<TopicHits>,
}

#[derive(Clone, Debug, PartialEq)]
struct TopicHits {
    qid: String,
    hits: Vec<Hit>,
    /// Whether scores print as 32-bit floats.
    singles: bool,
}

impl Results {
    pub(crate) fn push(&mut self, qid: String, hits: Vec<Hit>, scores: TrecScores) {
        self.topics.push(TopicHits { qid, hits, singles: scores.are_singles() });
    }

    pub(crate) fn of_doubles(topics: Vec<(String, Vec<Hit>)>) -> Self {
        let topics = topics.into_iter();
        Self { topics: topics.map(|(qid, hits)| TopicHits { qid, hits, singles: false }).collect() }
    }

    /// Each topic's id and hits, the best first.
    pub fn topics(&self) -> impl ExactSizeIterator<Item = (&str, &[Hit])> {
        self.topics.iter().map(|topic| (topic.qid.as_str(), topic.hits.as_slice()))
    }

    /// The results as a run, to be evaluated.
    ///
    /// # Errors
    /// A topic that comes twice.
    pub fn run(&self) -> Result<Run> {
        let hits = self.topics().flat_map(|(qid, hits)| {
            hits.iter().map(move |hit| (qid, hit.docno.as_str(), hit.score))
        });
        Ok(Run::from_hits(hits)?)
    }

    /// Writes the results as a TREC run: the bytes that `spork search` writes.
    ///
    /// # Errors
    /// An id or a tag that a run file can't carry, or the writer's own.
    pub fn write_trec(
        &self,
        output: &mut impl Write,
        tag: &str,
    ) -> std::result::Result<(), WriteError> {
        for TopicHits { qid, hits, singles } in &self.topics {
            let hits = hits.iter().map(|hit| (hit.docno.as_str(), hit.score));
            if *singles {
                let hits = hits.map(|(docno, score)| (docno, score as f32));
                write_trec(output, qid, hits, tag)?;
            } else {
                write_trec(output, qid, hits, tag)?;
            }
        }
        Ok(())
    }
}
