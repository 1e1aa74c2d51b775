//! The oracle: every posting into one accumulator a document, then a full sort. Slow, short and
//! plainly right.

use spork_core::{DocId, Hit};
use spork_index::Index;

use crate::{Query, Result, SearchStatistics};

pub(crate) fn search(
    index: &Index,
    query: &Query,
    k: usize,
    statistics: &mut SearchStatistics,
) -> Result<Vec<Hit>> {
    let mut scores = vec![0u32; index.manifest().documents as usize];
    for number in 0..index.windows() {
        let window = index.window(number)?;
        let first = window.first_docid().0 as usize;
        let mut lists = 0;
        for &(term, weight) in query.terms() {
            let Some(summary) = window.find(term) else { continue };
            let postings = window.postings(summary).map_err(|damage| index.damage(damage))?;
            for (docid, impact) in postings {
                // A damaged index may name documents that do not exist.
                if let Some(score) = scores.get_mut(first + usize::from(docid)) {
                    *score = score.wrapping_add(weight.wrapping_mul(u32::from(impact)));
                }
            }
            lists += 1;
            statistics.postings += summary.postings as u64;
        }
        statistics.lists += lists;
        if lists > 0 { statistics.windows += 1 } else { statistics.windows_skipped += 1 }
    }
    let scored = scores.into_iter().enumerate().filter(|&(_, score)| score > 0);
    let hits = scored.map(|(docid, score)| Hit { docid: DocId(docid as u32), score }).collect();
    ranked(index, hits, k)
}

/// The first `k`: score descending, then docno descending.
fn ranked(index: &Index, hits: Vec<Hit>, k: usize) -> Result<Vec<Hit>> {
    let named = |hit: Hit| Ok((hit.score, index.docnos().get(hit.docid)?, hit));
    let mut named = hits.into_iter().map(named).collect::<Result<Vec<_>>>()?;
    named.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)));
    named.truncate(k);
    Ok(named.into_iter().map(|(_, _, hit)| hit).collect())
}
