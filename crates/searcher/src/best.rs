//! The best documents over segments.

use std::cmp::Reverse;

use spork_core::Hit;
use spork_index::Index;

use crate::Result;

/// The best `k` of the documents that segments have found, each its own in rank order; in rank
/// order.
pub(crate) fn best_of(index: &Index, segments: Vec<Vec<Hit>>, k: usize) -> Result<Vec<Hit>> {
    let mut segments: Vec<Vec<Hit>> =
        segments.into_iter().filter(|hits| !hits.is_empty()).collect();
    if segments.len() <= 1 {
        return Ok(segments.pop().unwrap_or_default());
    }
    let mut hits = segments.concat();
    hits.sort_by_key(|hit| Reverse(hit.score));
    // What follows the k-th and does not tie with it can't come before it.
    if let Some(last) = k.checked_sub(1).and_then(|last| hits.get(last)).map(|hit| hit.score) {
        hits.truncate(hits.partition_point(|hit| hit.score >= last));
    }
    for tied in hits.chunk_by_mut(|a, b| a.score == b.score).filter(|tied| tied.len() > 1) {
        sort_by_docno(index, tied)?;
    }
    hits.truncate(k);
    Ok(hits)
}

/// Sorts documents by docno, descending.
fn sort_by_docno(index: &Index, hits: &mut [Hit]) -> Result<()> {
    let named = hits.iter().map(|&hit| Ok((index.docno(hit.docid)?, hit)));
    let mut named = named.collect::<Result<Vec<(&str, Hit)>>>()?;
    named.sort_unstable_by(|a, b| b.0.cmp(a.0));
    for (place, (_, hit)) in hits.iter_mut().zip(named) {
        *place = hit;
    }
    Ok(())
}

/// The k-th best score of hits in rank order, 0 if there are fewer.
pub(crate) fn threshold(hits: &[Hit], k: usize) -> u32 {
    k.checked_sub(1).and_then(|last| hits.get(last)).map_or(0, |hit| hit.score)
}
