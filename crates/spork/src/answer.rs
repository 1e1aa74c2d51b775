//! The answer to one query.

use std::time::Duration;

use spork_core::DocId;
use spork_searcher::{Certificate, Ranking, SearchStatistics, Strategy};

use crate::trec_scores::TrecScores;

/// The answer to one query: docids and scores, the best first. [`Index::hits`](crate::Index::hits)
/// and [`Index::docno`](crate::Index::docno) name the documents.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) ranking: Ranking,
    pub(crate) scores: TrecScores,
    /// Whether every term of the query counted.
    pub(crate) whole: bool,
    /// Whether all weights are integers.
    pub(crate) integers: bool,
    /// Documents that a filter keeps.
    pub(crate) matched: Option<u64>,
}

impl Answer {
    pub(crate) fn new(
        ranking: Ranking,
        query: &spork_searcher::Query,
        matched: Option<u64>,
    ) -> Self {
        let scores = TrecScores::of(query, ranking.hits.first().map_or(0, |hit| hit.score));
        let (whole, integers) = (query.terms_pruned() == 0, query.is_exact());
        Self { ranking, scores, whole, integers, matched }
    }

    /// Number of hits.
    pub fn len(&self) -> usize {
        self.ranking.hits.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.ranking.hits.is_empty()
    }

    /// The documents of the hits.
    pub fn docids(&self) -> impl ExactSizeIterator<Item = DocId> {
        self.ranking.hits.iter().map(|hit| hit.docid)
    }

    /// The scores of the hits: the numbers that a run file has.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = f64> {
        self.ranking.hits.iter().map(|hit| self.scores.value(hit.score))
    }

    /// Whether these are certified to be the best documents for the whole query.
    pub fn is_exact(&self) -> bool {
        self.whole && self.ranking.certificate == Certificate::Exact
    }

    /// What a document that the search did not score has at most, where that may be enough to be
    /// among the best k: limits ended the search early.
    pub fn unseen_at_most(&self) -> Option<f64> {
        match self.ranking.certificate {
            Certificate::Exact => None,
            Certificate::AtMost(score) => Some(self.scores.value(score)),
        }
    }

    /// The number of documents that the filter keeps, if there is one.
    pub fn matched(&self) -> Option<u64> {
        self.matched
    }

    /// The strategy that found the hits.
    pub fn strategy(&self) -> Strategy {
        self.ranking.strategy
    }

    /// The work of the search.
    pub fn statistics(&self) -> &SearchStatistics {
        &self.ranking.statistics
    }

    /// The time of the search: encoding and preparing the query do not count.
    pub fn time(&self) -> Duration {
        self.ranking.time
    }
}
