//! Term at a time for many queries: all of them score a window before any goes to the next one.
//!
//! Queries have their frequent terms in common. What one has read of a window is still in the cache
//! when the next one wants it, and comes from memory once for all of them.

use std::time::{Duration, Instant};

use spork_core::{DocnoRank, TopK};
use spork_index::{Index, Segment};
use spork_postings::{QueryLists, Scorer, Selection, Simd, StripeScores};

use crate::best::Best;
use crate::find::{find, hits};
use crate::{Certificate, Query, Ranking, Result, SearchStatistics, Strategy, taat};

/// Memory that a thread reuses from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    free: Vec<(QueryLists<'static>, TopK<DocnoRank>)>,
    scores: StripeScores,
}

/// How a batch is searched.
pub(crate) struct Plan<'i> {
    pub(crate) index: &'i Index,
    /// The places of the segments to search, in order, each with the documents that may be found.
    pub(crate) segments: &'i [(usize, Option<Selection<'i>>)],
    pub(crate) simd: Simd,
    pub(crate) k: usize,
}

/// A query that is being answered.
struct Member<'q> {
    query: &'q Query,
    best: Best,
    statistics: SearchStatistics,
    /// The time spent on this query alone.
    time: Duration,
}

/// A query in a segment.
struct InSegment<'i> {
    lists: QueryLists<'i>,
    top: TopK<DocnoRank>,
}

impl Plan<'_> {
    /// The best `k` documents of each query.
    pub(crate) fn search(&self, queries: &[Query], scratch: &mut Scratch) -> Result<Vec<Ranking>> {
        let member = |query| Member {
            query,
            best: Best::new(self.k),
            statistics: SearchStatistics::default(),
            time: Duration::ZERO,
        };
        let mut members: Vec<Member<'_>> = queries.iter().map(member).collect();
        for &(number, selection) in self.segments {
            self.search_segment(number, selection, &mut members, scratch)?;
        }
        members.into_iter().map(|member| member.finish(self.index)).collect()
    }

    fn search_segment(
        &self,
        number: usize,
        selection: Option<Selection<'_>>,
        members: &mut [Member<'_>],
        Scratch { free, scores }: &mut Scratch,
    ) -> Result<()> {
        let segment = &self.index.segments()[number];
        let mut searched = Vec::with_capacity(members.len());
        for member in &mut *members {
            let memory = free.pop().unwrap_or_default();
            searched.push(member.enter(segment, number, self.k, memory)?);
        }
        let order = segment.docnos().order()?;
        let simd = self.simd;
        for window in 0..segment.windows() {
            for (member, InSegment { lists, top }) in members.iter_mut().zip(&mut searched) {
                let start = Instant::now();
                let (scores, statistics) = (&mut *scores, &mut member.statistics);
                let scorer = &mut Scorer { simd, scores, order, selection, top, statistics };
                taat::score_window(lists, window, scorer);
                member.time += start.elapsed();
            }
        }
        for (member, searched) in members.iter_mut().zip(searched) {
            free.push(member.leave(segment, searched)?);
        }
        Ok(())
    }
}

impl Member<'_> {
    fn enter<'i>(
        &mut self,
        segment: &'i Segment,
        number: usize,
        k: usize,
        (lists, mut top): (QueryLists<'static>, TopK<DocnoRank>),
    ) -> Result<InSegment<'i>> {
        let start = Instant::now();
        top.reset_above(k, self.best.threshold());
        let terms = self.query.in_segment(number);
        let lists = find(segment, terms, lists, &mut self.statistics)?;
        self.time += start.elapsed();
        Ok(InSegment { lists, top })
    }

    fn leave(
        &mut self,
        segment: &Segment,
        InSegment { lists, mut top }: InSegment<'_>,
    ) -> Result<(QueryLists<'static>, TopK<DocnoRank>)> {
        let start = Instant::now();
        self.best.add(hits(segment, top.drain_ranked())?);
        self.time += start.elapsed();
        Ok((lists.recycle(), top))
    }

    fn finish(self, index: &Index) -> Result<Ranking> {
        let start = Instant::now();
        let hits = self.best.finish(index)?;
        Ok(Ranking {
            hits,
            certificate: Certificate::Exact,
            strategy: Strategy::Taat,
            statistics: self.statistics,
            time: self.time + start.elapsed(),
        })
    }
}
