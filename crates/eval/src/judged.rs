//! One topic's ranking with its judgments: all that a measure can see.

use crate::qrels::Judgments;
use crate::run::Ranking;

/// Grades in the order of ranks, beside the grades of everything that was judged.
#[derive(Debug, Default)]
pub(crate) struct JudgedRanking {
    /// The grade of each document found; `None` where it is not judged, be it absent from the pool
    /// or negative.
    found: Vec<Option<u32>>,
    /// The grades of all judged documents, falling.
    pool: Vec<u32>,
}

impl JudgedRanking {
    /// The first `depth` documents of a ranking, which is `None` for a topic that the run lacks.
    pub(crate) fn new(judgments: &Judgments, ranking: Option<&Ranking>, depth: usize) -> Self {
        let judged = |grade| u32::try_from(grade).ok();
        let mut pool: Vec<u32> = judgments.iter().filter_map(|(_, grade)| judged(grade)).collect();
        pool.sort_unstable_by(|a, b| b.cmp(a));
        let hits = ranking.into_iter().flat_map(Ranking::iter).take(depth);
        let found = hits.map(|(docno, _)| judgments.grade(docno).and_then(judged)).collect();
        Self { found, pool }
    }

    /// The grades of the documents found, in the order of ranks.
    pub(crate) fn found(&self) -> &[Option<u32>] {
        &self.found
    }

    /// The first documents found, at most `cutoff`.
    pub(crate) fn top(&self, cutoff: usize) -> &[Option<u32>] {
        &self.found[..cutoff.min(self.found.len())]
    }

    /// The grades of all judged documents, falling: the ideal ranking.
    pub(crate) fn pool(&self) -> &[u32] {
        &self.pool
    }

    /// Number of relevant documents, found or not.
    pub(crate) fn relevant(&self, level: u32) -> usize {
        self.pool.partition_point(|&grade| grade >= level)
    }
}
