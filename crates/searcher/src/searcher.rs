//! The searcher: all strategies behind one type.

use std::borrow::Borrow;
use std::time::Instant;

use rayon::prelude::*;
use spork_core::{DocId, SimdCapError, Stop, TopDocuments};
use spork_index::Index;
use spork_postings::{QueryLists, Selection, Simd, StripeScores, WINDOW};

use crate::best::{best_of, threshold};
use crate::block_max::BlockMaxScratch;
use crate::find::find;
use crate::parts::{Part, Shared};
use crate::policy::Policy;
use crate::selected::SelectedDocuments;
use crate::{Certificate, Limits, Query, Ranking, Result, SearchStatistics, Strategy};
use crate::{batch_taat, block_max, exhaustive, taat};

/// Block-max pruning is tried where there are at least this many documents per hit.
const DOCUMENTS_A_HIT: u64 = 2048;
/// With fewer blocks than one in this many left by a selection, their bounds are not worth adding.
const FEW_BLOCKS: f64 = 8.0;

/// Queries that a thread takes through the windows together.
const BATCH: usize = 64;

/// Queries of a batch that are searched first, to see whether block-max pruning pays.
const PILOTS: usize = 8;
/// The smallest batch for which that is worth the time.
const LEAST_QUERIES: usize = 16 * PILOTS;

/// Memory that a thread reuses from query to query.
#[derive(Debug, Default)]
pub struct Scratch {
    policy: Policy,
    lists: Vec<QueryLists<'static>>,
    block_max: BlockMaxScratch,
    scores: StripeScores,
    top: TopDocuments,
}

/// Searches one index.
#[derive(Clone, Debug)]
pub struct Searcher<'i> {
    index: &'i Index,
    /// The vector instructions of this machine, or why the cap on them can't be kept.
    simd: std::result::Result<Simd, SimdCapError>,
    limits: Limits,
    selected: Option<&'i SelectedDocuments>,
    stop: Option<&'i Stop>,
}

impl<'i> Searcher<'i> {
    /// A searcher over `index`, with the best instructions that may be used here: see
    /// [`SimdLevel::permitted`](spork_core::SimdLevel::permitted). A cap that can't be kept is told
    /// by the first search.
    pub fn new(index: &'i Index) -> Self {
        Self { index, simd: Simd::best(), limits: Limits::default(), selected: None, stop: None }
    }

    /// The same searcher with other instructions.
    pub fn with_simd(&self, simd: Simd) -> Self {
        Self { simd: self.simd.clone().map(|_| simd), ..self.clone() }
    }

    /// The same searcher, which may stop short of the exact answer. Limits count for
    /// [`Strategy::BlockMax`], which [`Strategy::Auto`] then is, unless the time suffices to score
    /// everything; the others are exact whatever they are.
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// The same searcher, which finds none but `selected` documents: answers are those of an index
    /// of these alone, whose queries have the weights that they have here.
    pub fn with_selected(&self, selected: &'i SelectedDocuments) -> Self {
        Self { selected: Some(selected), ..self.clone() }
    }

    /// The same searcher, whose batches end with an error once `stop` is requested.
    pub fn with_stop(&self, stop: &'i Stop) -> Self {
        Self { stop: Some(stop), ..self.clone() }
    }

    /// Documents that may be found.
    fn documents(&self) -> u64 {
        self.selected.map_or(self.index.documents().into(), SelectedDocuments::documents)
    }

    /// The segments that may have documents to find, those with most documents first: the better
    /// the k-th best score is known, the more of the others is left out. Each is given by its
    /// place, with its documents that may be found, `None` for all.
    fn segments(&self) -> Result<Vec<(usize, Option<Selection<'i>>)>> {
        let segments = self.index.segments();
        let mut open = Vec::with_capacity(segments.len());
        for (number, segment) in segments.iter().enumerate() {
            match self.selected {
                Some(selected) => {
                    open.extend(selected.segment(number).map(|chosen| (number, Some(chosen))));
                }
                None => open.push((number, segment.living()?)),
            }
        }
        open.sort_by_key(|&(number, _)| std::cmp::Reverse(segments[number].documents()));
        Ok(open)
    }

    /// The strategy that a search for the best `k` documents runs, as far as it is known before a
    /// query is seen. [`Strategy::Auto`] becomes [`Strategy::BlockMax`] if limits are set, and
    /// [`Strategy::Taat`] if `k` is so large that bounds can't leave out most of the collection.
    /// Otherwise it stays `Auto`: each search then decides from the queries before it.
    pub fn resolve(&self, strategy: Strategy, k: usize) -> Strategy {
        self.resolve_within(&self.limits, strategy, k)
    }

    fn resolve_within(&self, limits: &Limits, strategy: Strategy, k: usize) -> Strategy {
        let few = (k as u64).saturating_mul(DOCUMENTS_A_HIT) <= self.documents();
        match strategy {
            Strategy::Auto if !limits.is_exact() => Strategy::BlockMax,
            Strategy::Auto if !few => Strategy::Taat,
            other => other,
        }
    }

    /// The best `k` documents of `query`.
    ///
    /// # Errors
    /// Damage met in the index.
    pub fn search(
        &self,
        query: &Query,
        k: usize,
        strategy: Strategy,
        scratch: &mut Scratch,
    ) -> Result<Ranking> {
        let start = Instant::now();
        let mut statistics = SearchStatistics::default();
        if strategy == Strategy::Exhaustive {
            let segments = self.segments()?;
            let hits = exhaustive::search(self.index, query, k, &segments, &mut statistics)?;
            let certificate = Certificate::Exact;
            return Ok(Ranking { hits, certificate, strategy, statistics, time: start.elapsed() });
        }
        let parts = self.parts(query, &mut scratch.lists, &mut statistics)?;
        let postings: u64 = parts.iter().map(|part| part.lists.postings()).sum();
        let limits = self.limits.of_search(start, postings, self.documents());
        let strategy = self.resolve_within(&limits, strategy, k);
        let auto = strategy == Strategy::Auto;
        let by_block_max = match strategy {
            Strategy::Auto => self.tries_block_max(k, &mut scratch.policy),
            _ => strategy == Strategy::BlockMax,
        };
        scratch.top.reset(k);
        let shared = &mut Shared {
            simd: self.simd.clone()?,
            scores: &mut scratch.scores,
            top: &mut scratch.top,
            statistics: &mut statistics,
        };
        let unseen = if by_block_max {
            block_max::search(&parts, k, (&limits, start), &mut scratch.block_max, shared)
        } else {
            taat::search(&parts, shared);
            0
        };
        if auto && by_block_max {
            scratch.policy.learn(statistics.postings, (postings as f64 * self.open_share()) as u64);
        }
        scratch.lists.extend(parts.into_iter().map(|part| part.lists.recycle()));
        let hits = best_of(self.index, scratch.top.drain(), k)?;
        statistics.blocks_skipped = self.blocks().saturating_sub(statistics.blocks);
        let certificate = Certificate::new(unseen, threshold(&hits, k));
        let strategy = if by_block_max { Strategy::BlockMax } else { Strategy::Taat };
        Ok(Ranking { hits, certificate, strategy, statistics, time: start.elapsed() })
    }

    /// The segments with the query's lists in them.
    fn parts(
        &self,
        query: &Query,
        free: &mut Vec<QueryLists<'static>>,
        statistics: &mut SearchStatistics,
    ) -> Result<Vec<Part<'i>>> {
        let segments = self.segments()?;
        let mut parts = Vec::with_capacity(segments.len());
        for (place, &(number, selection)) in segments.iter().enumerate() {
            let segment = &self.index.segments()[number];
            if let Some(&(next, _)) = segments.get(place + 1)
                && let Ok(window) = self.index.segments()[next].window(0)
            {
                QueryLists::prefetch_window(&window, query.in_segment(next));
            }
            let lists = free.pop().unwrap_or_default();
            let lists = find(segment, query.in_segment(number), selection, lists, statistics)?;
            parts.push(Part::new(segment, lists, selection)?);
        }
        Ok(parts)
    }

    /// Whether a search goes by block-max pruning where that is left open.
    fn tries_block_max(&self, k: usize, policy: &mut Policy) -> bool {
        self.open_share() * FEW_BLOCKS >= 1.0 && policy.tries_block_max(k, self.documents())
    }

    /// The share of blocks that have documents which may be found.
    fn open_share(&self) -> f64 {
        self.selected.map_or(1.0, |selected| selected.blocks() as f64 / self.blocks().max(1) as f64)
    }

    /// Number of blocks of the index.
    fn blocks(&self) -> u64 {
        self.index.segments().iter().map(|segment| segment.blocks() as u64).sum()
    }

    /// The score of one document, whatever its rank, and whether or not it may be found.
    ///
    /// # Errors
    /// Damage met in the index.
    pub fn score(&self, query: &Query, docid: DocId) -> Result<u32> {
        let Ok(place) = self.index.place(docid) else { return Ok(0) };
        let (segment, docid) = (place.segment, place.docid);
        let window = segment.window(docid.0 as usize / WINDOW)?;
        let within = (docid.0 as usize % WINDOW) as u16;
        let mut score = 0u32;
        for &(term, weight) in query.in_segment(place.number) {
            let Some(summary) = window.find(term) else { continue };
            let impact = window.impact(summary, within).map_err(|damage| segment.damage(damage))?;
            if let Some(impact) = impact {
                score = score.wrapping_add(weight.wrapping_mul(u32::from(impact)));
            }
        }
        Ok(score)
    }

    /// Answers all queries on the threads of the current rayon pool; the answers are in the order
    /// of the queries.
    ///
    /// # Errors
    /// Damage met in the index, or a request to stop.
    pub fn search_batch<Q: Borrow<Query> + Sync>(
        &self,
        queries: &[Q],
        k: usize,
        strategy: Strategy,
    ) -> Result<Vec<Ranking>> {
        if self.goes_by_terms(queries, k, strategy)? {
            return self.search_windows(queries, k);
        }
        queries
            .par_iter()
            .map_init(Scratch::default, |scratch, query| {
                self.stop.map_or(Ok(()), Stop::check)?;
                self.search(query.borrow(), k, strategy, scratch)
            })
            .collect()
    }

    /// Whether a batch is searched term at a time. Where the strategy leaves that open, some of the
    /// queries are searched to find out.
    fn goes_by_terms<Q: Borrow<Query>>(
        &self,
        queries: &[Q],
        k: usize,
        strategy: Strategy,
    ) -> Result<bool> {
        let strategy = self.resolve(strategy, k);
        if strategy != Strategy::Auto || queries.len() < LEAST_QUERIES {
            return Ok(strategy == Strategy::Taat);
        }
        let mut scratch = Scratch::default();
        for query in queries.iter().step_by(queries.len() / PILOTS) {
            self.search(query.borrow(), k, strategy, &mut scratch)?;
        }
        Ok(!self.tries_block_max(k, &mut scratch.policy))
    }

    /// All of each window for some queries at a time: see [`batch_taat`].
    fn search_windows<Q: Borrow<Query> + Sync>(
        &self,
        queries: &[Q],
        k: usize,
    ) -> Result<Vec<Ranking>> {
        let (simd, segments) = (self.simd.clone()?, self.segments()?);
        let plan =
            batch_taat::Plan { index: self.index, segments: &segments, simd, k, stop: self.stop };
        // However few there are, each thread gets some.
        let some = queries.len().div_ceil(rayon::current_num_threads()).clamp(1, BATCH);
        let batches =
            queries.par_chunks(some).map_init(batch_taat::Scratch::default, |scratch, queries| {
                plan.search(queries, scratch)
            });
        let batches = batches.collect::<Result<Vec<_>>>()?;
        let mut rankings: Vec<Ranking> = batches.into_iter().flatten().collect();
        for Ranking { statistics, .. } in &mut rankings {
            statistics.blocks_skipped = self.blocks().saturating_sub(statistics.blocks);
        }
        Ok(rankings)
    }
}
