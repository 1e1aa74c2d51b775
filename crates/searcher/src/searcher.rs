//! One door to all strategies.

use std::time::{Duration, Instant};

use rayon::prelude::*;
use spork_core::{DocId, Hit, TopK};
use spork_index::{BLOCK, Index, WINDOW};

use crate::blocks::BlocksScratch;
use crate::kernel::Simd;
use crate::lists::Lists;
use crate::window::RunScores;
use crate::{Query, Result, SearchStatistics, blocks, exhaustive, taat};

/// How to find the best k. All of these are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Blocks for few documents out of many, else term at a time.
    #[default]
    Auto,
    /// Every posting into accumulators of the whole collection, then a sort: the oracle.
    Exhaustive,
    /// Term at a time in windows of the collection.
    Taat,
    /// Bounds first: only blocks of documents that may hold one of the best are scored.
    Blocks,
}

impl Strategy {
    /// What runs in the end for `k` of `documents` documents. Bounds pay where they leave most of the collection out; from so
    /// many documents wanted on, going through all of it is faster.
    pub fn resolve(self, k: usize, documents: u32) -> Self {
        match self {
            Self::Auto if k.saturating_mul(DOCUMENTS_A_HIT) <= documents as usize => Self::Blocks,
            Self::Auto => Self::Taat,
            other => other,
        }
    }

    /// The name on the command line and in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exhaustive => "exhaustive",
            Self::Taat => "taat",
            Self::Blocks => "blocks",
        }
    }
}

/// Bounds are used where there are so many documents for each that is wanted.
const DOCUMENTS_A_HIT: usize = 2048;

/// Memory that a thread reuses from query to query.
#[derive(Debug, Default)]
pub struct Scratch {
    lists: Lists<'static>,
    blocks: BlocksScratch,
    scores: RunScores,
    top: TopK,
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Score descending, docid ascending among equals; no document with a score of zero.
    pub hits: Vec<Hit>,
    /// How they were found.
    pub strategy: Strategy,
    /// What it cost.
    pub statistics: SearchStatistics,
    /// How long it took.
    pub time: Duration,
}

/// Searches one index.
#[derive(Clone, Copy, Debug)]
pub struct Searcher<'i> {
    index: &'i Index,
    simd: Simd,
}

impl<'i> Searcher<'i> {
    /// A searcher over `index`.
    pub fn new(index: &'i Index) -> Self {
        Self { index, simd: Simd::best() }
    }

    /// The same searcher with other instructions; those of [`Simd::Scalar`] if this machine has not got them.
    pub fn with_simd(self, simd: Simd) -> Self {
        Self { simd: if simd.is_available() { simd } else { Simd::Scalar }, ..self }
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
        let strategy = strategy.resolve(k, self.index.manifest().documents);
        let hits = if strategy == Strategy::Exhaustive {
            exhaustive::search(self.index, query, k, &mut statistics)?
        } else {
            self.search_lists(query, k, strategy, scratch, &mut statistics)?
        };
        Ok(Ranking { hits, strategy, statistics, time: start.elapsed() })
    }

    fn search_lists(
        &self,
        query: &Query,
        k: usize,
        strategy: Strategy,
        scratch: &mut Scratch,
        statistics: &mut SearchStatistics,
    ) -> Result<Vec<Hit>> {
        let lists = Lists::find(self.index, query, std::mem::take(&mut scratch.lists), statistics)?;
        let Scratch { blocks, scores, top, .. } = scratch;
        let hits = if strategy == Strategy::Taat {
            taat::search(&lists, k, self.simd, scores, top, statistics)
        } else {
            blocks::search(&lists, k, self.simd, blocks, scores, top, statistics)
        };
        scratch.lists = lists.recycle();
        statistics.blocks_skipped = self.blocks() - statistics.blocks;
        Ok(hits)
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
        if number >= self.index.postings().windows() {
            return Ok(0);
        }
        let window = self.index.postings().window(number)?;
        let within = (docid.0 as usize % WINDOW) as u16;
        let mut score = 0u32;
        for &(term, weight) in query.terms() {
            let Some(summary) = window.find(term) else { continue };
            if let Some(impact) = window.list(summary)?.get(within) {
                score = score.wrapping_add(weight.wrapping_mul(u32::from(impact)));
            }
        }
        Ok(score)
    }

    /// Answers all queries on the threads of the current rayon pool; the answers stand in the queries' order.
    ///
    /// # Errors
    /// Damage met in the index.
    pub fn search_batch(&self, queries: &[Query], k: usize, strategy: Strategy) -> Result<Vec<Ranking>> {
        queries
            .par_iter()
            .map_init(Scratch::default, |scratch, query| self.search(query, k, strategy, scratch))
            .collect()
    }
}
