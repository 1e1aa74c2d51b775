//! Term at a time for many queries: all of them score a window before any goes to the next one.
//!
//! Queries have their frequent terms in common. What one has read of a window is still in the cache
//! when the next one wants it, and comes from memory once for all of them.

use std::time::{Duration, Instant};

use spork_core::{DocnoRank, TopK};
use spork_index::Index;
use spork_postings::{QueryLists, Scorer, Simd, StripeScores};

use crate::find::{find, hits};
use crate::{Certificate, Query, Ranking, Result, SearchStatistics, Strategy, taat};

/// Memory that a thread reuses from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    members: Vec<(QueryLists<'static>, TopK<DocnoRank>)>,
    scores: StripeScores,
}

/// A query that is being answered.
struct Member<'i> {
    lists: QueryLists<'i>,
    top: TopK<DocnoRank>,
    statistics: SearchStatistics,
    /// The time spent on this query alone.
    time: Duration,
}

/// The best `k` documents of each query.
pub(crate) fn search(
    index: &Index,
    simd: Simd,
    queries: &[Query],
    k: usize,
    scratch: &mut Scratch,
) -> Result<Vec<Ranking>> {
    let Scratch { members: free, scores } = scratch;
    let mut member = |query| Member::new(index, query, k, free.pop().unwrap_or_default());
    let mut members = queries.iter().map(&mut member).collect::<Result<Vec<_>>>()?;
    let order = index.docnos().order()?;
    for number in 0..index.windows() {
        for Member { lists, top, statistics, time } in &mut members {
            let start = Instant::now();
            taat::score_window(
                lists,
                number,
                &mut Scorer { simd, scores: &mut *scores, order, top, statistics },
            );
            *time += start.elapsed();
        }
    }
    members.into_iter().map(|member| member.finish(index, free)).collect()
}

impl<'i> Member<'i> {
    fn new(
        index: &'i Index,
        query: &Query,
        k: usize,
        (lists, mut top): (QueryLists<'static>, TopK<DocnoRank>),
    ) -> Result<Self> {
        let (start, mut statistics) = (Instant::now(), SearchStatistics::default());
        top.reset(k);
        let lists = find(index, query, lists, &mut statistics)?;
        Ok(Self { lists, top, statistics, time: start.elapsed() })
    }

    fn finish(
        mut self,
        index: &Index,
        free: &mut Vec<(QueryLists<'static>, TopK<DocnoRank>)>,
    ) -> Result<Ranking> {
        let start = Instant::now();
        let hits = hits(index, self.top.drain_ranked())?;
        free.push((self.lists.recycle(), self.top));
        let (statistics, time) = (self.statistics, self.time + start.elapsed());
        Ok(Ranking {
            hits,
            certificate: Certificate::Exact,
            strategy: Strategy::Taat,
            statistics,
            time,
        })
    }
}
