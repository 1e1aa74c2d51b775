//! The answer to a query, and the ways to find it.

use std::time::Duration;

use spork_core::{DocId, Hit};

use crate::{Certificate, Query, SearchStatistics};

/// How to find the best k documents. Every strategy is exact, if no [`Limits`](crate::Limits) are
/// set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Strategy {
    /// block-max or taat, depending on k, the number of documents and earlier queries.
    #[default]
    Auto,
    /// Score all postings and sort: slow, the reference for the others.
    Exhaustive,
    /// Term at a time, in stripes of documents whose scores stay in cache.
    Taat,
    /// Block-max pruning: score only blocks of documents that may hold one of the best k.
    BlockMax,
}

impl Strategy {
    /// The name on the command line and in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exhaustive => "exhaustive",
            Self::Taat => "taat",
            Self::BlockMax => "block-max",
        }
    }
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Score descending, docno descending among equals, as trec_eval sorts; no document with a
    /// score of zero.
    pub hits: Vec<Hit>,
    /// A bound on the documents that were not scored.
    pub certificate: Certificate,
    /// The strategy that found the hits.
    pub strategy: Strategy,
    /// The work of the search.
    pub statistics: SearchStatistics,
    /// The wall-clock time of the search.
    pub time: Duration,
}

impl Ranking {
    /// Whether these are certified to be the best documents of the index for the whole `query`.
    pub fn is_exact(&self, query: &Query) -> bool {
        self.certificate == Certificate::Exact && query.terms_pruned() == 0
    }
    /// Leaves `document` out and keeps at most the best `k` of the others; says whether it was
    /// there. Search for one more than `k`, and the answer is that of an index without the
    /// document: where a query is one of the documents itself, it finds itself first.
    pub fn exclude(&mut self, document: Option<DocId>, k: usize) -> bool {
        let place = self.hits.iter().position(|hit| Some(hit.docid) == document);
        if let Some(place) = place {
            self.hits.remove(place);
        }
        self.hits.truncate(k);
        place.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_left_out_and_k_filled() {
        let hits = [7, 3, 5].map(|docid| Hit { docid: DocId(docid), score: 10 - docid });
        let excluded = |document, k| {
            let mut ranking = Ranking { hits: hits.to_vec(), ..Ranking::default() };
            let found = ranking.exclude(document, k);
            (found, ranking.hits.iter().map(|hit| hit.docid.0).collect::<Vec<_>>())
        };
        assert_eq!(excluded(Some(DocId(3)), 2), (true, vec![7, 5]));
        assert_eq!(excluded(Some(DocId(9)), 2), (false, vec![7, 3]));
        assert_eq!(excluded(None, 3), (false, vec![7, 3, 5]));
        assert_eq!(excluded(Some(DocId(5)), 0), (true, vec![]));
    }
}
