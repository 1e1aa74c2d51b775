//! Term at a time for many queries: all of them score a window before any goes to the next one.
//!
//! Queries have their frequent terms in common. What one has read of a window is still in the cache
//! when the next one wants it, and comes from memory once for all of them.

use std::borrow::Borrow;
use std::time::{Duration, Instant};

use spork_core::Stop;
use spork_index::Index;
use spork_postings::{Selection, Simd, StripeScores};

use crate::best::best_of;
use crate::find::find;
use crate::parts::{Part, PartMemory, Shared, continue_in};
use crate::{Certificate, Query, Ranking, Result, SearchStatistics, Strategy};

/// Memory that a thread reuses from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    free: Vec<PartMemory>,
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
        let member = |query: &Q| self.enter(query.borrow(), &mut scratch.free);
        let mut members = queries.iter().map(member).collect::<Result<Vec<_>>>()?;
        let scores = &mut scratch.scores;
        for (place, &(number, _)) in self.segments.iter().enumerate() {
            for window in 0..self.index.segments()[number].windows() {
                self.stop.map_or(Ok(()), Stop::check)?;
                for Member { parts, statistics, time } in &mut members {
                    let start = Instant::now();
                    if window == 0 {
                        continue_in(parts, place);
                    }
                    let shared = &mut Shared { simd: self.simd, scores: &mut *scores, statistics };
                    parts[place].score_window(window, shared);
                    *time += start.elapsed();
                }
            }
        }
        members.into_iter().map(|member| self.leave(member, &mut scratch.free)).collect()
    }

    fn enter(&self, query: &Query, free: &mut Vec<PartMemory>) -> Result<Member<'i>> {
        let (start, mut statistics) = (Instant::now(), SearchStatistics::default());
        let mut parts = Vec::with_capacity(self.segments.len());
        for &(number, selection) in self.segments {
            let segment = &self.index.segments()[number];
            let (lists, mut top) = free.pop().unwrap_or_default();
            let terms = query.in_segment(number);
            let lists = find(segment, terms, selection, lists, &mut statistics)?;
            top.reset(self.k);
            parts.push(Part::new(segment, lists, selection, top)?);
        }
        Ok(Member { parts, statistics, time: start.elapsed() })
    }

    fn leave(&self, member: Member<'i>, free: &mut Vec<PartMemory>) -> Result<Ranking> {
        let Member { parts, statistics, time } = member;
        let start = Instant::now();
        let mut found = Vec::with_capacity(parts.len());
        for part in parts {
            let (hits, memory) = part.finish()?;
            found.push(hits);
            free.push(memory);
        }
        Ok(Ranking {
            hits: best_of(self.index, found, self.k)?,
            certificate: Certificate::Exact,
            strategy: Strategy::Taat,
            statistics,
            time: time + start.elapsed(),
        })
    }
}
