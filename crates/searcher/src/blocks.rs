//! Bounds first. The largest impacts that lists state for blocks of documents add up to a bound on every score of a
//! block. The units with the highest bounds are scored first, which makes the k-th best score known well enough that
//! most other units can't hold a better one and are left out.

use spork_core::{DocId, Hit, TopK};
use spork_index::{BLOCK, Index, PostingList, UNIT, WINDOW, Window};

use crate::accumulate::{
    GROUP, UnitScores, add_bounds, add_segment, add_sparse, add_sparse_bounds, pick_and_clear, sparse_unit,
};
use crate::{Query, Result, SearchStatistics};

/// Blocks of a unit.
const BLOCKS: usize = UNIT / BLOCK;
/// Units of a window.
const UNITS: usize = WINDOW / UNIT;
/// Units scored before the others, at least and at most; in between, one for every eight documents wanted.
const FIRST: std::ops::RangeInclusive<usize> = 16..=256;
/// From this many units of a window on, sparse lists are added to the whole window at once.
const MANY: usize = 24;

/// Memory reused from query to query.
#[derive(Debug, Default)]
pub(crate) struct BlocksScratch {
    /// A bound a block of the window at hand.
    blocks: Vec<u32>,
    /// The highest bound of its blocks, a unit.
    units: Vec<u32>,
    /// Bounds and numbers of units, as they are sorted.
    keys: Vec<u64>,
    /// Units that have been scored, or never need be.
    done: Vec<bool>,
    /// All zero between queries.
    scores: Vec<UnitScores>,
    /// Units of a window still to be scored.
    open: Vec<usize>,
    top: TopK,
}

/// A list with the query's weight.
type QueryList<'i> = (PostingList<'i>, u32);

/// The query's lists, window by window.
struct Lists<'i> {
    windows: Vec<Window<'i>>,
    lists: Vec<QueryList<'i>>,
    /// Where each window's lists start, and the end of the last.
    starts: Vec<usize>,
}

impl<'i> Lists<'i> {
    fn find(index: &'i Index, query: &Query, statistics: &mut SearchStatistics) -> Result<Self> {
        let windows = index.postings().windows();
        let mut found = Self {
            windows: Vec::with_capacity(windows),
            lists: Vec::with_capacity(windows * query.terms().len()),
            starts: vec![0],
        };
        for number in 0..windows {
            let window = index.postings().window(number)?;
            for &(term, weight) in query.terms() {
                if let Some(summary) = window.find(term) {
                    found.lists.push((window.list(summary)?, weight));
                }
            }
            if found.lists.len() > *found.starts.last().unwrap_or(&0) {
                statistics.windows += 1;
            } else {
                statistics.windows_skipped += 1;
            }
            found.windows.push(window);
            found.starts.push(found.lists.len());
        }
        statistics.lists += found.lists.len() as u64;
        Ok(found)
    }

    fn of(&self, window: usize) -> &[QueryList<'i>] {
        &self.lists[self.starts[window]..self.starts[window + 1]]
    }
}

pub(crate) fn search(
    index: &Index,
    query: &Query,
    k: usize,
    scratch: &mut BlocksScratch,
    statistics: &mut SearchStatistics,
) -> Result<Vec<Hit>> {
    scratch.top.reset(k);
    if k == 0 {
        return Ok(Vec::new());
    }
    let lists = Lists::find(index, query, statistics)?;
    scratch.bound(&lists);
    scratch.score_best(&lists, k, statistics);
    scratch.score_rest(&lists, statistics);
    Ok(scratch.top.drain_ranked())
}

impl BlocksScratch {
    /// Works out the bound of every unit.
    fn bound(&mut self, lists: &Lists<'_>) {
        self.units.clear();
        for (number, window) in lists.windows.iter().enumerate() {
            self.blocks.clear();
            self.blocks.resize(window.documents().div_ceil(UNIT) * BLOCKS, 0);
            for &(list, weight) in lists.of(number) {
                match list {
                    PostingList::Dense(list) => add_bounds(&mut self.blocks, list, weight),
                    PostingList::Sparse(list) => add_sparse_bounds(&mut self.blocks, list, weight, BLOCK),
                }
            }
            let highest = |blocks: &[u32; BLOCKS]| blocks.iter().copied().fold(0, u32::max);
            self.units.extend(self.blocks.as_chunks::<BLOCKS>().0.iter().map(highest));
            // Units of a window start at a multiple of its number.
            self.units.resize((number + 1) * UNITS, 0);
        }
        self.done.clear();
        self.done.extend(self.units.iter().map(|&bound| bound == 0));
        self.scores.resize(UNITS, [0; UNIT]);
    }

    /// Scores the units with the highest bounds.
    fn score_best(&mut self, lists: &Lists<'_>, k: usize, statistics: &mut SearchStatistics) {
        let first = (k / 8).clamp(*FIRST.start(), *FIRST.end()).min(self.units.len());
        self.keys.clear();
        self.keys
            .extend(self.units.iter().enumerate().map(|(unit, &bound)| u64::from(bound) << 32 | unit as u64));
        if first < self.keys.len() {
            self.keys.select_nth_unstable_by(first, |a, b| b.cmp(a));
            self.keys.truncate(first);
        }
        self.keys.sort_unstable_by(|a, b| b.cmp(a));
        for i in 0..self.keys.len() {
            let (bound, unit) = ((self.keys[i] >> 32) as u32, self.keys[i] as u32 as usize);
            if bound == 0 || bound < self.top.threshold() {
                return;
            }
            self.score_one(lists, unit / UNITS, unit % UNITS, statistics);
            self.done[unit] = true;
            self.top.tighten();
        }
    }

    /// Scores what may still hold one of the best, in the order of docids.
    fn score_rest(&mut self, lists: &Lists<'_>, statistics: &mut SearchStatistics) {
        for window in 0..lists.windows.len() {
            let threshold = self.top.threshold();
            let mut open = std::mem::take(&mut self.open);
            open.clear();
            let units = window * UNITS..(window + 1) * UNITS;
            open.extend(
                units
                    .filter(|&unit| !self.done[unit] && self.units[unit] >= threshold)
                    .map(|unit| unit % UNITS),
            );
            if open.len() >= MANY {
                self.score_many(lists, window, &open, statistics);
            } else {
                for &unit in &open {
                    if self.units[window * UNITS + unit] >= self.top.threshold() {
                        self.score_one(lists, window, unit, statistics);
                        self.top.tighten();
                    }
                }
            }
            self.open = open;
        }
    }

    /// Scores units of a window, with sparse lists once for all.
    fn score_many(
        &mut self,
        lists: &Lists<'_>,
        window: usize,
        units: &[usize],
        statistics: &mut SearchStatistics,
    ) {
        for &(list, weight) in lists.of(window) {
            if let PostingList::Sparse(sparse) = list {
                statistics.postings += list.len() as u64;
                statistics.bytes += list.bytes() as u64;
                add_sparse(&mut self.scores, sparse, weight);
            }
        }
        for group in units.chunks(GROUP) {
            self.top.tighten();
            self.add_dense(lists, window, group, statistics);
            self.pick(lists, window, group);
        }
        self.scores.fill([0; UNIT]);
    }

    /// Scores a unit of a window, with its part of sparse lists.
    fn score_one(
        &mut self,
        lists: &Lists<'_>,
        window: usize,
        unit: usize,
        statistics: &mut SearchStatistics,
    ) {
        for &(list, weight) in lists.of(window) {
            if let PostingList::Sparse(list) = list {
                let part = sparse_unit(list, unit);
                statistics.postings += part.docids.len() as u64;
                statistics.bytes += part.bytes() as u64;
                add_sparse(&mut self.scores, part, weight);
            }
        }
        self.add_dense(lists, window, &[unit], statistics);
        self.pick(lists, window, &[unit]);
    }

    fn add_dense(
        &mut self,
        lists: &Lists<'_>,
        window: usize,
        units: &[usize],
        statistics: &mut SearchStatistics,
    ) {
        for &(list, weight) in lists.of(window) {
            let PostingList::Dense(list) = list else { continue };
            for &unit in units {
                if let Some(segment) = list.unit(unit) {
                    statistics.postings += segment.len() as u64;
                    statistics.bytes += segment.bytes() as u64;
                    add_segment(&mut self.scores[unit], segment, weight);
                }
            }
        }
    }

    fn pick(&mut self, lists: &Lists<'_>, window: usize, units: &[usize]) {
        let window = &lists.windows[window];
        for &unit in units {
            let start = unit * UNIT;
            let docid = DocId(window.first_docid().0 + start as u32);
            pick_and_clear(
                &mut self.scores[unit],
                docid,
                window.documents().saturating_sub(start),
                &mut self.top,
            );
        }
    }
}
