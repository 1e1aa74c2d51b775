//! What searches find.

use std::io::Write;

use spork_eval::{Run, WriteError, write_trec};

use crate::Result;

/// A ranked document.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its external id.
    pub docno: String,
    /// Σ query weight × document weight, as the index holds them.
    pub score: f64,
}

/// The answers to a batch of topics, in the topics' order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    pub(crate) topics: Vec<(String, Vec<Hit>)>,
}

impl Results {
    /// Each topic's id and hits, the best first.
    pub fn topics(&self) -> impl ExactSizeIterator<Item = (&str, &[Hit])> {
        self.topics.iter().map(|(qid, hits)| (qid.as_str(), hits.as_slice()))
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

    /// Writes the results as a TREC run.
    ///
    /// # Errors
    /// An id or a tag that a run file can't carry, or the writer's own.
    pub fn write_trec(
        &self,
        output: &mut impl Write,
        tag: &str,
    ) -> std::result::Result<(), WriteError> {
        for (qid, hits) in self.topics() {
            let hits = hits.iter().map(|hit| (hit.docno.as_str(), hit.score));
            write_trec(output, qid, hits, tag)?;
        }
        Ok(())
    }
}
