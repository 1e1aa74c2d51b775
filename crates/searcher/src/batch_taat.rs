//! Term at a time for many queries: all of them score a window before any goes to the next one.
//!
//! Queries have their frequent terms in common. What one has read of a window is still in the cache
//! when the next one wants it, and comes from memory once for all of them.

use std::borrow::Borrow;
use std::time::{Duration, Instant};

use spork_core::{Stop, TopDocuments};
use spork_index::Index;
use spork_postings::{QueryLists, Selection, Simd, StripeScores};

use crate::best::best_of;
use crate::find::find;
use crate::parts::{Part, Shared};
use crate::{Certificate, Query, Ranking, Result, SearchStatistics, Strategy};

/// Memory that a thread reuses from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    lists: Vec<QueryLists<'static>>,
    tops: Vec<TopDocuments>,
    scores: StripeScores,
}

/// How a batch is searched.
pub(crate) struct Plan<'i> {
    pub(crate) index: &'i Index,
    /// The places of the segments to search, in order, each with the documents that may be found.
    pub(crate) segments: &'i [(usize, Option<Selection<'i>>)],
    pub(crate) simd: Simd,
    pub(crate) k: usize,
    pub(crate) stop: Option<&'i Stop>,
}

/// A query that is being answered.
struct Member<'i> {
    parts: Vec<Part<'i>>,
    top: TopDocuments,
    statistics: SearchStatistics,
    /// The time spent on this query alone.
    time: Duration,
}

impl<'i> Plan<'i> {
    /// The best `k` documents of each query.
    pub(crate) fn search<Q: Borrow<Query>>(
        &self,
        queries: &[Q],
        scratch: &mut Scratch,
    ) -> Result<Vec<Ranking>> {
        let members = queries.iter().map(|query| self.enter(query.borrow(), scratch));
        let mut members = members.collect::<Result<Vec<_>>>()?;
        for (place, &(number, _)) in self.segments.iter().enumerate() {
            for window in 0..self.index.segments()[number].windows() {
                self.stop.map_or(Ok(()), Stop::check)?;
                for Member { parts, top, statistics, time } in &mut members {
                    let (start, scores) = (Instant::now(), &mut scratch.scores);
                    let shared = &mut Shared { simd: self.simd, scores, top, statistics };
                    parts[place].score_window(window, shared);
                    *time += start.elapsed();
                }
            }
        }
        members.into_iter().map(|member| self.leave(member, scratch)).collect()
    }

    fn enter(&self, query: &Query, scratch: &mut Scratch) -> Result<Member<'i>> {
        let (start, mut statistics) = (Instant::now(), SearchStatistics::default());
        let mut parts = Vec::with_capacity(self.segments.len());
        for &(number, selection) in self.segments {
            let segment = &self.index.segments()[number];
            let lists = scratch.lists.pop().unwrap_or_default();
            let terms = query.in_segment(number);
            let lists = find(segment, terms, selection, lists, &mut statistics)?;
            parts.push(Part::new(segment, lists, selection)?);
        }
        let mut top = scratch.tops.pop().unwrap_or_default();
        top.reset(self.k);
        Ok(Member { parts, top, statistics, time: start.elapsed() })
    }

    fn leave(&self, member: Member<'i>, scratch: &mut Scratch) -> Result<Ranking> {
        let Member { parts, mut top, statistics, time } = member;
        let start = Instant::now();
        scratch.lists.extend(parts.into_iter().map(|part| part.lists.recycle()));
        let found = top.drain();
        scratch.tops.push(top);
        Ok(Ranking {
            hits: best_of(self.index, found, self.k)?,
            certificate: Certificate::Exact,
            strategy: Strategy::Taat,
            statistics,
            time: time + start.elapsed(),
        })
    }
}
