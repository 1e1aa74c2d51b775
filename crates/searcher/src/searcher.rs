//! The searcher: all strategies behind one type.

use std::time::Instant;

use rayon::prelude::*;
use spork_core::{DocId, DocnoRank, Hit, SimdCapError, TopK};
use spork_index::Index;
use spork_postings::{BLOCK, QueryLists, Scorer, Simd, StripeScores, WINDOW};

use crate::block_max::BlockMaxScratch;
use crate::find::{find, hits};
use crate::policy::Policy;
use crate::{Certificate, Limits, Query, Ranking, Result, SearchStatistics, Strategy};
use crate::{batch_taat, block_max, exhaustive, taat};

/// Block-max pruning is tried where the index has at least this many documents per hit.
const DOCUMENTS_A_HIT: usize = 2048;

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

/// The best documents of a query, and the strategy that found them.
struct Found {
    strategy: Strategy,
    hits: Vec<Hit>,
    certificate: Certificate,
}

/// Searches one index.
#[derive(Clone, Debug)]
pub struct Searcher<'i> {
    index: &'i Index,
    /// The vector instructions of this machine, or why the cap on them can't be kept.
    simd: std::result::Result<Simd, SimdCapError>,
    limits: Limits,
}

impl<'i> Searcher<'i> {
    /// A searcher over `index`, with the best instructions that may be used here: see
    /// [`SimdLevel::permitted`](spork_core::SimdLevel::permitted). A cap that can't be kept is told
    /// by the first search.
    pub fn new(index: &'i Index) -> Self {
        Self { index, simd: Simd::best(), limits: Limits::default() }
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

    /// The strategy that a search for the best `k` documents runs, as far as it is known before a
    /// query is seen. [`Strategy::Auto`] becomes [`Strategy::BlockMax`] if limits are set, and
    /// [`Strategy::Taat`] if `k` is so large that bounds can't leave out most of the collection.
    /// Otherwise it stays `Auto`: each search then decides from the queries before it.
    pub fn resolve(&self, strategy: Strategy, k: usize) -> Strategy {
        let few = k.saturating_mul(DOCUMENTS_A_HIT) <= self.index.manifest().documents as usize;
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
        let Found { strategy, hits, certificate } = if strategy == Strategy::Exhaustive {
            let hits = exhaustive::search(self.index, query, k, &mut statistics)?;
            Found { strategy, hits, certificate: Certificate::Exact }
        } else {
            self.search_lists(query, k, strategy, start, scratch, &mut statistics)?
        };
        Ok(Ranking { hits, certificate, strategy, statistics, time: start.elapsed() })
    }

    /// Searches the posting lists of `query`, term at a time or with block-max pruning.
    fn search_lists(
        &self,
        query: &Query,
        k: usize,
        strategy: Strategy,
        start: Instant,
        scratch: &mut Scratch,
        statistics: &mut SearchStatistics,
    ) -> Result<Found> {
        let lists = find(self.index, query, std::mem::take(&mut scratch.lists), statistics)?;
        let Scratch { policy, block_max, scores, top, .. } = scratch;
        let order = self.index.docnos().order()?;
        let scorer = &mut Scorer { simd: self.simd.clone()?, scores, order, top, statistics };
        let documents = self.index.manifest().documents;
        let auto = strategy == Strategy::Auto;
        let by_block_max = if auto {
            policy.tries_block_max(k, documents)
        } else {
            strategy == Strategy::BlockMax
        };
        let found = if by_block_max {
            let (found, certificate) =
                block_max::search(&lists, k, &self.limits, start, block_max, scorer);
            Found { strategy: Strategy::BlockMax, hits: hits(self.index, found)?, certificate }
        } else {
            let hits = hits(self.index, taat::search(&lists, k, scorer))?;
            Found { strategy: Strategy::Taat, hits, certificate: Certificate::Exact }
        };
        if auto && by_block_max {
            policy.learn(scorer.statistics.postings, lists.postings());
        }
        scratch.lists = lists.recycle();
        statistics.blocks_skipped = self.blocks().saturating_sub(statistics.blocks);
        Ok(found)
    }

    /// Number of blocks of the index.
    fn blocks(&self) -> u64 {
        u64::from(self.index.manifest().documents).div_ceil(BLOCK as u64)
    }

    /// The score of one document, whatever its rank.
    ///
    /// # Errors
    /// Damage met in the index.
    pub fn score(&self, query: &Query, docid: DocId) -> Result<u32> {
        let number = docid.0 as usize / WINDOW;
        if number >= self.index.windows() {
            return Ok(0);
        }
        let window = self.index.window(number)?;
        let within = (docid.0 as usize % WINDOW) as u16;
        let mut score = 0u32;
        for &(term, weight) in query.terms() {
            let Some(summary) = window.find(term) else { continue };
            let impact =
                window.impact(summary, within).map_err(|damage| self.index.damage(damage))?;
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
        Ok(!scratch.policy.tries_block_max(k, self.index.manifest().documents))
    }

    /// All of each window for some queries at a time: see [`batch_taat`].
    fn search_windows(&self, queries: &[Query], k: usize) -> Result<Vec<Ranking>> {
        let simd = self.simd.clone()?;
        // However few there are, each thread gets some.
        let some = queries.len().div_ceil(rayon::current_num_threads()).clamp(1, BATCH);
        let batches =
            queries.par_chunks(some).map_init(batch_taat::Scratch::default, |scratch, queries| {
                batch_taat::search(self.index, simd, queries, k, scratch)
            });
        let batches = batches.collect::<Result<Vec<_>>>()?;
        let mut rankings: Vec<Ranking> = batches.into_iter().flatten().collect();
        for Ranking { statistics, .. } in &mut rankings {
            statistics.blocks_skipped = self.blocks().saturating_sub(statistics.blocks);
        }
        Ok(rankings)
    }
}
