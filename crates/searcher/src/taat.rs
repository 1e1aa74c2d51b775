//! Term at a time within windows. Sparse lists go to the scores of a whole window; then, a group of units after the
//! other, whose scores stay in the first-level cache, dense lists are added and the group's best go to the top k.

use spork_core::{DocId, Hit, TopK};
use spork_index::{DenseList, Index, PostingList, UNIT, WINDOW};

use crate::accumulate::{GROUP, UnitScores, add_segment, add_sparse, pick_and_clear};
use crate::{Query, Result, SearchStatistics};

/// Scores and the top k, reused from query to query.
#[derive(Debug)]
pub(crate) struct TaatScratch {
    /// All zero between queries.
    scores: Vec<UnitScores>,
    top: TopK,
}

impl Default for TaatScratch {
    fn default() -> Self {
        Self { scores: vec![[0; UNIT]; WINDOW / UNIT], top: TopK::new(0) }
    }
}

pub(crate) fn search(
    index: &Index,
    query: &Query,
    k: usize,
    scratch: &mut TaatScratch,
    statistics: &mut SearchStatistics,
) -> Result<Vec<Hit>> {
    scratch.top.reset(k);
    let mut dense: Vec<(DenseList<'_>, u32)> = Vec::new();
    for number in 0..index.postings().windows() {
        let window = index.postings().window(number)?;
        let documents = window.documents();
        let units = &mut scratch.scores[..documents.div_ceil(UNIT)];
        dense.clear();
        let mut lists = 0;
        for &(term, weight) in query.terms() {
            let Some(summary) = window.find(term) else { continue };
            let list = match window.list(summary) {
                Ok(list) => list,
                Err(error) => {
                    units.fill([0; UNIT]);
                    return Err(error.into());
                }
            };
            match list {
                PostingList::Sparse(list) => add_sparse(units, list, weight),
                PostingList::Dense(list) => dense.push((list, weight)),
            }
            lists += 1;
            statistics.postings += list.len() as u64;
            statistics.bytes += list.bytes() as u64;
        }
        statistics.lists += lists;
        if lists == 0 {
            statistics.windows_skipped += 1;
            continue;
        }
        statistics.windows += 1;
        for (number, group) in units.chunks_mut(GROUP).enumerate() {
            let first = number * GROUP;
            for &(list, weight) in &dense {
                for (unit, scores) in group.iter_mut().enumerate() {
                    // Damaged starts lose postings, as the oracle loses them.
                    if let Some(segment) = list.unit(first + unit) {
                        add_segment(scores, segment, weight);
                    }
                }
            }
            for (unit, scores) in group.iter_mut().enumerate() {
                let start = (first + unit) * UNIT;
                let docid = DocId(window.first_docid().0 + start as u32);
                pick_and_clear(scores, docid, documents - start, &mut scratch.top);
            }
        }
    }
    Ok(scratch.top.drain_ranked())
}
