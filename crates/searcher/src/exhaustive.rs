//! The oracle: every posting into one accumulator a document, then a full sort. Slow, short and
//! plainly right.

use spork_core::{DocId, Hit, TermId};
use spork_index::{Index, Segment};
use spork_postings::Selection;

use crate::best::check_docnos;
use crate::{Query, Result, SearchStatistics};

pub(crate) fn search(
    index: &Index,
    query: &Query,
    k: usize,
    segments: &[(usize, Option<Selection<'_>>)],
    statistics: &mut SearchStatistics,
) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    for &(number, selection) in segments {
        let segment = &index.segments()[number];
        let scores = scores(segment, query.in_segment(number), statistics)?;
        for (docid, score) in (0..).map(DocId).zip(scores).filter(|&(_, score)| score > 0) {
            if selection.is_none_or(|selection| selection.contains(docid)) {
                hits.push(Hit { docid: DocId(segment.first_docid() + docid.0), score });
            }
        }
    }
    ranked(index, hits, k)
}

/// The score of every document of a segment.
fn scores(
    segment: &Segment,
    terms: &[(TermId, u32)],
    statistics: &mut SearchStatistics,
) -> Result<Vec<u32>> {
    let mut scores = vec![0u32; segment.documents() as usize];
    for number in 0..segment.windows() {
        let window = segment.window(number)?;
        let first = window.first_docid().0 as usize;
        let mut lists = 0;
        for &(term, weight) in terms {
            let Some(summary) = window.find(term) else { continue };
            let postings = window.postings(summary).map_err(|damage| segment.damage(damage))?;
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
    Ok(scores)
}

/// The first `k`: score descending, then docno descending.
fn ranked(index: &Index, hits: Vec<Hit>, k: usize) -> Result<Vec<Hit>> {
    let named = |hit: Hit| Ok((hit.score, index.docno(hit.docid)?, hit));
    let mut named = hits.into_iter().map(named).collect::<Result<Vec<_>>>()?;
    named.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)));
    named.truncate(k);
    let hits: Vec<Hit> = named.into_iter().map(|(_, _, hit)| hit).collect();
    check_docnos(index, &hits)?;
    Ok(hits)
}
