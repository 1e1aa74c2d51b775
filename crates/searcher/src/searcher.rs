//! The searcher: all strategies behind one type.

use std::time::Instant;

use rayon::prelude::*;
use spork_core::{DocId, DocnoRank, SimdCapError, TopK};
use spork_index::{Index, Segment};
use spork_postings::{QueryLists, Scorer, Selection, Simd, StripeScores, WINDOW};

use crate::best::Best;
use crate::block_max::BlockMaxScratch;
use crate::find::{find, hits};
use crate::policy::Policy;
use crate::selected::SelectedDocuments;
use crate::{Certificate, Limits, Query, Ranking, Result, SearchStatistics, Strategy};
use crate::{batch_taat, block_max, exhaustive, taat};

/// Block-max pruning is tried where there are at least this many documents per hit.
const DOCUMENTS_A_HIT: u64 = 2048;
/// With fewer blocks than one in this many left by a selection, their bounds are not worth adding.
const FEW_BLOCKS: usize = 8;

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
    lists: QueryLists<'static>,
    block_max: BlockMaxScratch,
    scores: StripeScores,
    top: TopK<DocnoRank>,
}

/// Searches one index.
#[derive(Clone, Debug)]
pub struct Searcher<'i> {
    index: &'i Index,
    /// The vector instructions of this machine, or why the cap on them can't be kept.
    simd: std::result::Result<Simd, SimdCapError>,
    limits: Limits,
    selected: Option<&'i SelectedDocuments>,
}

/// A query at work.
struct Work<'q> {
    query: &'q Query,
    k: usize,
    simd: Simd,
    limits: &'q Limits,
    start: Instant,
}

impl<'i> Searcher<'i> {
    /// A searcher over `index`, with the best instructions that may be used here: see
    /// [`SimdLevel::permitted`](spork_core::SimdLevel::permitted). A cap that can't be kept is told
    /// by the first search.
    pub fn new(index: &'i Index) -> Self {
        Self { index, simd: Simd::best(), limits: Limits::default(), selected: None }
    }

    /// The same searcher with other instructions.
    pub fn with_simd(&self, simd: Simd) -> Self {
        Self { simd: self.simd.clone().map(|_| simd), ..self.clone() }
    }

    /// The same searcher, which may stop short of the exact answer. Limits count for
    /// [`Strategy::BlockMax`], which [`Strategy::Auto`] then is; the others are exact whatever they
    /// are.
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// The same searcher, which finds none but `selected` documents: answers are those of an index
    /// of these alone, whose queries have the weights that they have here.
    pub fn with_selected(&self, selected: &'i SelectedDocuments) -> Self {
        Self { selected: Some(selected), ..self.clone() }
    }

    /// Documents that may be found.
    fn documents(&self) -> u64 {
        self.selected.map_or(self.index.documents().into(), SelectedDocuments::documents)
    }

    /// The documents of a segment, given by its place, that may be found; `None` for all.
    fn selection(&self, number: usize) -> Result<Option<Selection<'_>>> {
        match self.selected {
            Some(selected) => Ok(Some(selected.segment(number))),
            None => Ok(self.index.segments()[number].living()?),
        }
    }

    /// The strategy that a search for the best `k` documents runs, as far as it is known before a
    /// query is seen. [`Strategy::Auto`] becomes [`Strategy::BlockMax`] if limits are set, and
    /// [`Strategy::Taat`] if `k` is so large that bounds can't leave out most of the collection.
    /// Otherwise it stays `Auto`: each search then decides from the queries before it.
    pub fn resolve(&self, strategy: Strategy, k: usize) -> Strategy {
        let few = (k as u64).saturating_mul(DOCUMENTS_A_HIT) <= self.documents();
        match strategy {
            Strategy::Auto if !self.limits.is_exact() => Strategy::BlockMax,
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
        let strategy = self.resolve(strategy, k);
        if strategy == Strategy::Exhaustive {
            let segments = 0..self.index.segments().len();
            let selections =
                segments.map(|number| self.selection(number)).collect::<Result<Vec<_>>>()?;
            let hits = exhaustive::search(self.index, query, k, &selections, &mut statistics)?;
            let certificate = Certificate::Exact;
            return Ok(Ranking { hits, certificate, strategy, statistics, time: start.elapsed() });
        }
        let simd = self.simd.clone()?;
        let work = Work { query, k, simd, limits: &self.limits, start };
        self.search_segments(&work, strategy, scratch, &mut statistics)
    }

    /// Searches the segments one after the other, the largest first: the better the k-th best score
    /// is known, the more of the others is left out.
    fn search_segments(
        &self,
        work: &Work<'_>,
        strategy: Strategy,
        scratch: &mut Scratch,
        statistics: &mut SearchStatistics,
    ) -> Result<Ranking> {
        let auto = strategy == Strategy::Auto;
        let by_block_max = if auto {
            scratch.policy.tries_block_max(work.k, self.documents())
        } else {
            strategy == Strategy::BlockMax
        };
        let (mut best, mut unseen, mut postings) = (Best::new(work.k), 0, 0);
        for number in self.by_size() {
            let segment = &self.index.segments()[number];
            let selection = self.selection(number)?;
            let blocks = selection.map(Selection::blocks);
            if blocks == Some(0) {
                continue;
            }
            let few = blocks.is_some_and(|blocks| blocks * FEW_BLOCKS < segment.blocks());
            let by_block_max = by_block_max && !(auto && few);
            scratch.top.reset_above(work.k, best.threshold());
            let left_out = scratch.search_segment(
                (segment, number),
                work,
                selection,
                by_block_max,
                (&mut best, statistics),
            )?;
            unseen = left_out.bound.max(unseen);
            postings += left_out.of_postings;
        }
        if auto && by_block_max {
            scratch.policy.learn(statistics.postings, postings);
        }
        statistics.blocks_skipped = self.blocks().saturating_sub(statistics.blocks);
        let certificate = Certificate::new(unseen, best.threshold());
        Ok(Ranking {
            hits: best.finish(self.index)?,
            certificate,
            strategy: if by_block_max { Strategy::BlockMax } else { Strategy::Taat },
            statistics: *statistics,
            time: work.start.elapsed(),
        })
    }

    /// The places of the segments, those with most documents first.
    fn by_size(&self) -> impl Iterator<Item = usize> + use<> {
        let segments = self.index.segments();
        let mut order: Vec<usize> = (0..segments.len()).collect();
        order.sort_by_key(|&number| std::cmp::Reverse(segments[number].documents()));
        order.into_iter()
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
    /// Damage met in the index.
    pub fn search_batch(
        &self,
        queries: &[Query],
        k: usize,
        strategy: Strategy,
    ) -> Result<Vec<Ranking>> {
        if self.goes_by_terms(queries, k, strategy)? {
            return self.search_windows(queries, k);
        }
        queries
            .par_iter()
            .map_init(Scratch::default, |scratch, query| self.search(query, k, strategy, scratch))
            .collect()
    }

    /// Whether a batch is searched term at a time. Where the strategy leaves that open, some of the
    /// queries are searched to find out.
    fn goes_by_terms(&self, queries: &[Query], k: usize, strategy: Strategy) -> Result<bool> {
        let strategy = self.resolve(strategy, k);
        if strategy != Strategy::Auto || queries.len() < LEAST_QUERIES {
            return Ok(strategy == Strategy::Taat);
        }
        let mut scratch = Scratch::default();
        for query in queries.iter().step_by(queries.len() / PILOTS) {
            self.search(query, k, strategy, &mut scratch)?;
        }
        Ok(!scratch.policy.tries_block_max(k, self.documents()))
    }

    /// All of each window for some queries at a time: see [`batch_taat`].
    fn search_windows(&self, queries: &[Query], k: usize) -> Result<Vec<Ranking>> {
        let simd = self.simd.clone()?;
        let segments = self.by_size().map(|number| Ok((number, self.selection(number)?)));
        let segments = segments.collect::<Result<Vec<_>>>()?;
        let plan = batch_taat::Plan { index: self.index, segments: &segments, simd, k };
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

/// What a search of a segment left out.
struct LeftOut {
    /// A bound on the scores of documents that limits left out, 0 if there are none.
    bound: u32,
    /// Postings of the query's lists in blocks that have documents which may be found.
    of_postings: u64,
}

impl Scratch {
    /// Searches the posting lists of a query in one segment, term at a time or with block-max
    /// pruning.
    fn search_segment(
        &mut self,
        (segment, number): (&Segment, usize),
        work: &Work<'_>,
        selection: Option<Selection<'_>>,
        by_block_max: bool,
        (best, statistics): (&mut Best, &mut SearchStatistics),
    ) -> Result<LeftOut> {
        let memory = std::mem::take(&mut self.lists);
        let lists = find(segment, work.query.in_segment(number), memory, statistics)?;
        let Self { block_max, scores, top, .. } = self;
        let order = segment.docnos().order()?;
        let scorer = &mut Scorer { simd: work.simd, scores, order, selection, top, statistics };
        let (found, bound) = if by_block_max {
            block_max::search(&lists, work.k, work.limits, work.start, block_max, scorer)
        } else {
            (taat::search(&lists, scorer), 0)
        };
        best.add(hits(segment, found)?);
        let blocks = selection.map_or(segment.blocks(), Selection::blocks);
        let share = blocks as f64 / segment.blocks().max(1) as f64;
        let of_postings = (lists.postings() as f64 * share) as u64;
        self.lists = lists.recycle();
        Ok(LeftOut { bound, of_postings })
    }
}
